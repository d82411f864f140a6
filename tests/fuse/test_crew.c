// SPDX-License-Identifier: BSD-2-Clause
/*
 * Who of a crew reads: a pipe stands for the connection and a byte for a request. Whatever a request does,
 * those behind it are served; and while nothing waits, one member does all the work.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "fusehost/crew.h"
#include "host/host.h"

#define MEMBERS 6u
#define HUNG_S  120u /* then the test is killed */

#define QUICK  'q'
#define SLEEP  's' /* in the kernel half, until a WAKE is served */
#define WAKE   'w'
#define SPIN   'p' /* keeps busy, in a way that nobody is told of, until a STOP is served */
#define STOP   't'
#define LINGER 'l' /* sleeps for a moment */

struct worker {
    pthread_t thread;
    struct fh_crew_member member;
    struct host_thread *host_thread;
    struct worker *next_sleeper;
    _Atomic bool woken;
    unsigned served;
};

static struct {
    struct fh_crew crew;
    struct worker workers[MEMBERS];
    pthread_t watch;
    bool has_watch;
    int requests[2], answers[2];
    pthread_mutex_t mutex; /* the two below */
    struct worker *sleepers;
    unsigned early; /* WAKEs that came before their SLEEP */
    _Atomic unsigned stops, spins;
} team;

static void serve_sleep(struct worker *worker)
{
    pthread_mutex_lock(&team.mutex);
    bool sleeps = team.early == 0;
    if (sleeps) {
        atomic_store(&worker->woken, false);
        worker->next_sleeper = team.sleepers;
        team.sleepers = worker;
    } else {
        team.early--;
    }
    pthread_mutex_unlock(&team.mutex);
    while (sleeps && !atomic_load(&worker->woken))
        host_park(HOST_FOREVER, false);
}

static void serve_wake(void)
{
    pthread_mutex_lock(&team.mutex);
    struct worker *sleeper = team.sleepers;
    if (sleeper)
        team.sleepers = sleeper->next_sleeper;
    else
        team.early++;
    pthread_mutex_unlock(&team.mutex);
    if (sleeper) {
        atomic_store(&sleeper->woken, true);
        host_unpark(sleeper->host_thread);
    }
}

static void serve(struct worker *worker, char request)
{
    worker->served++;
    if (request == SLEEP) {
        serve_sleep(worker);
    } else if (request == WAKE) {
        serve_wake();
    } else if (request == SPIN) {
        unsigned turn = atomic_fetch_add(&team.spins, 1);

        while (atomic_load(&team.stops) <= turn)
            ;
    } else if (request == STOP) {
        atomic_fetch_add(&team.stops, 1);
    } else if (request == LINGER) {
        host_sleep_ns(100000);
    }
}

static void *work(void *arg)
{
    struct worker *worker = arg;
    char request;

    worker->host_thread = host_thread_self();
    fh_crew_join(&team.crew, &worker->member);
    while (fh_crew_wait(&worker->member)) {
        ssize_t n = read(team.requests[0], &request, 1);

        fh_crew_took(&worker->member);
        if (n <= 0)
            break;
        serve(worker, request);
        fh_crew_answers(&worker->member, team.requests[0]);
        if (write(team.answers[1], &request, 1) != 1)
            abort();
    }
    fh_crew_leave(&worker->member);
    fh_crew_dismiss(&team.crew);
    return NULL;
}

static void *watch(void *arg)
{
    fh_crew_watch(arg);
    return NULL;
}

/* Without the watch only those who sleep can call others up. */
static int team_start_unwatched(void **state)
{
    (void)state;
    alarm(HUNG_S);
    memset(&team, 0, sizeof(team));
    pthread_mutex_init(&team.mutex, NULL);
    fh_crew_init(&team.crew);
    if (pipe(team.requests) != 0 || pipe(team.answers) != 0)
        return -1;
    for (unsigned i = 0; i < MEMBERS; i++)
        pthread_create(&team.workers[i].thread, NULL, work, &team.workers[i]);
    return 0;
}

static int team_start(void **state)
{
    if (team_start_unwatched(state) != 0)
        return -1;
    team.has_watch = true;
    return pthread_create(&team.watch, NULL, watch, &team.crew);
}

/* The connection ends: everybody leaves, those who stand by too. */
static int team_end(void **state)
{
    (void)state;
    close(team.requests[1]);
    for (unsigned i = 0; i < MEMBERS; i++)
        pthread_join(team.workers[i].thread, NULL);
    if (team.has_watch)
        pthread_join(team.watch, NULL);
    close(team.requests[0]);
    close(team.answers[0]);
    close(team.answers[1]);
    fh_crew_destroy(&team.crew);
    pthread_mutex_destroy(&team.mutex);
    alarm(0);
    return 0;
}

static void send_requests(const char *requests)
{
    assert_int_equal(write(team.requests[1], requests, strlen(requests)), (ssize_t)strlen(requests));
}

static void await_answers(size_t count)
{
    char answers[64];

    while (count) {
        ssize_t n = read(team.answers[0], answers, count < sizeof(answers) ? count : sizeof(answers));

        assert_true(n > 0);
        count -= (size_t)n;
    }
}

static void do_requests(const char *requests)
{
    send_requests(requests);
    await_answers(strlen(requests));
}

static unsigned most_served(void)
{
    unsigned most = 0;

    for (unsigned i = 0; i < MEMBERS; i++)
        if (team.workers[i].served > most)
            most = team.workers[i].served;
    return most;
}

static void test_one_client__one_member(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 4000; i++)
        do_requests("q");
    /* Others may help out when the machine takes the CPU away from the one in charge. */
    assert_true(most_served() > 2000);
}

static void test_sleep__does_not_hold_up(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 300; i++) {
        do_requests("sqqwq");
        do_requests("sssssqwqwqwqwqwq");
        do_requests("qsqwssww");
    }
}

static void test_busy__is_noticed(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 5; i++) {
        send_requests("p");
        do_requests("qqq");
        do_requests("t");
        await_answers(1);
        do_requests("q");
    }
}

static void test_all_sleep__the_first_done_goes_on(void **state)
{
    (void)state;
    /* Nobody is left to serve the WAKE but those whose sleep ends by itself. */
    for (unsigned i = 0; i < 50; i++)
        do_requests("sssssllllllqqwwwwwl");
}

static void test_mixture(void **state)
{
    static const char kinds[] = {QUICK, QUICK, QUICK, LINGER, SLEEP, SPIN};
    unsigned seed = 4711;

    (void)state;
    for (unsigned round = 0; round < 200; round++) {
        char requests[64] = "", undo[8] = "";
        size_t n = 0, waiting = 0;

        for (unsigned i = 0; i < 40; i++) {
            char kind = kinds[(unsigned)rand_r(&seed) % (round % 20 ? 5u : 6u)];

            if ((kind == SLEEP || kind == SPIN) && waiting + 1 < MEMBERS)
                undo[waiting++] = kind == SLEEP ? WAKE : STOP;
            else if (kind == SLEEP || kind == SPIN)
                kind = QUICK;
            requests[n++] = kind;
        }
        memcpy(requests + n, undo, waiting);
        do_requests(requests);
    }
}

static void test_nothing__ends(void **state)
{
    (void)state;
}

static void exit_nothing(void *data)
{
    (void)data;
}

static void fault_ends(const struct host_fault *fault)
{
    (void)fault;
    abort();
}

int main(void)
{
    static const struct host_upcalls upcalls = {.thread_exit = exit_nothing, .fault = fault_ends};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_nothing__ends, team_start, team_end),
        cmocka_unit_test_setup_teardown(test_one_client__one_member, team_start, team_end),
        cmocka_unit_test_setup_teardown(test_sleep__does_not_hold_up, team_start_unwatched, team_end),
        cmocka_unit_test_setup_teardown(test_busy__is_noticed, team_start, team_end),
        cmocka_unit_test_setup_teardown(test_all_sleep__the_first_done_goes_on, team_start_unwatched,
                                        team_end),
        cmocka_unit_test_setup_teardown(test_mixture, team_start, team_end),
    };

    if (host_init(HOST_VERSION, &upcalls) != HOST_OK)
        return 1;
    return cmocka_run_group_tests_name("fuse.crew", tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The control server's socket and threads. One thread accepts; each client gets a thread of its own, which
 * ends with the connection, after a time without a request, or when the server stops.
 *
 * Owns the listening socket, the clients' sockets and the count of clients. Lock: server.lock, a leaf: held
 * for counting alone, never while a request runs. An event descriptor that stays readable tells all threads
 * that the server stops.
 */
#include "fusehost/control.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "fusehost/control_internal.h"
#include "fusehost/log.h"
#include "libkext/channel.h"

/* Strangers get some of the places, so that they cannot take all of them away from those who are in charge.
 */
#define CLIENTS_MAX           48u
#define CLIENTS_STRANGERS_MAX 16u
#define CLIENT_IDLE_MS        10000
#define CLIENT_SEND_S         10
#define CLIENTS_END_S         30 /* for requests that are under way when the server stops */

static struct {
    pthread_mutex_t lock;
    pthread_cond_t fewer;        /* a client has gone */
    unsigned clients, strangers; /* [lock] */
    uint64_t last_client;        /* the accepting thread's */
    bool running;                /* changed by start and stop alone */
    int listener;                /* constant while running, like the rest */
    int ending;                  /* event descriptor: readable once the server stops */
    char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
    char note[sizeof(((struct sockaddr_un *)0)->sun_path) + sizeof(KEXT_CHANNEL_NOTE)];
    void (*stop)(void);
    pthread_t thread;
} server = {
    .lock = PTHREAD_MUTEX_INITIALIZER, .fewer = PTHREAD_COND_INITIALIZER, .listener = -1, .ending = -1};

struct client {
    int sock;
    struct ucred peer;
    bool privileged;
    uint64_t number;
    bool bound; /* it may be silent for as long as it likes */
};

/* ---- one client ---------------------------------------------------------------------------------------- */

static void answer_send(int sock, enum kext_client_result result, json_t *reply,
                        const struct kext_diags *diags)
{
    json_object_set_new(reply, "v", json_integer(KEXT_CHANNEL_VERSION));
    json_object_set_new(reply, "result", json_string(kext_client_result_name(result)));
    json_object_set_new(reply, "problems", kext_diags_to_json(diags));
    /* A client that is gone or does not read gets no answer; what it asked for has been done all the same. */
    (void)kext_channel_send(sock, reply, -1);
}

/* Answers something that was no request at all. */
static void refusal_send(int sock, const char *why)
{
    struct kext_diags diags = KEXT_DIAGS_INIT;
    json_t *reply = json_object();

    kext_diag_add(&diags, KEXT_DIAG_REQUEST, NULL, NULL, "the request was refused: %s", why);
    answer_send(sock, KEXT_CLIENT_FAILED, reply, &diags);
    kext_diags_free(&diags);
    json_decref(reply);
}

static void request_serve(struct client *client, const json_t *request, int fd)
{
    struct control_call call = {.request = request,
                                .fd = fd,
                                .peer = client->peer,
                                .privileged = client->privileged,
                                .reply = json_object(),
                                .client = client->number,
                                .stop = server.stop};
    enum kext_client_result result = control_dispatch(&call);

    client->bound |= call.bound;
    answer_send(client->sock, result, call.reply, &call.diags);
    kext_diags_free(&call.diags);
    json_decref(call.reply);
    if (call.stop_after) {
        call.stop();
    }
}

/* Waits for the next request. False: the client is silent, or the server stops. */
static bool request_await(int sock, bool patient)
{
    struct pollfd fds[] = {{.fd = sock, .events = POLLIN}, {.fd = server.ending, .events = POLLIN}};
    int n;

    while ((n = poll(fds, 2, patient ? -1 : CLIENT_IDLE_MS)) < 0 && errno == EINTR) {
    }
    return n > 0 && fds[1].revents == 0;
}

static void client_serve(struct client *client)
{
    while (request_await(client->sock, client->bound)) {
        json_t *request;
        const char *why;
        int fd = -1;
        int error = kext_channel_receive(client->sock, &request, &fd, &why);

        if (error == EPROTO) {
            refusal_send(client->sock, why);
            continue;
        }
        if (error != 0) {
            return;
        }
        request_serve(client, request, fd);
        json_decref(request);
        if (fd >= 0) {
            close(fd);
        }
    }
}

static void client_uncount(bool privileged)
{
    pthread_mutex_lock(&server.lock);
    server.clients--;
    server.strangers -= !privileged;
    pthread_cond_broadcast(&server.fewer);
    pthread_mutex_unlock(&server.lock);
}

static void *client_main(void *arg)
{
    struct client *client = arg;
    bool privileged = client->privileged;

    client_serve(client);
    if (client->bound) {
        control_client_gone(client->number);
    }
    close(client->sock);
    free(client);
    client_uncount(privileged);
    return NULL;
}

/* ---- accepting ----------------------------------------------------------------------------------------- */

static bool client_count(bool privileged)
{
    bool room;

    pthread_mutex_lock(&server.lock);
    room = server.clients < CLIENTS_MAX && (privileged || server.strangers < CLIENTS_STRANGERS_MAX);
    if (room) {
        server.clients++;
        server.strangers += !privileged;
    }
    pthread_mutex_unlock(&server.lock);
    return room;
}

static int thread_detached(void *(*run)(void *), void *arg)
{
    pthread_attr_t attr;
    pthread_t thread;
    int error = pthread_attr_init(&attr);

    if (error == 0) {
        pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
        error = pthread_create(&thread, &attr, run, arg);
        pthread_attr_destroy(&attr);
    }
    return error;
}

static void client_begin(int sock)
{
    struct timeval send_limit = {.tv_sec = CLIENT_SEND_S};
    struct client *client = calloc(1, sizeof(*client));
    socklen_t len = sizeof(client->peer);

    if (client == NULL || getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &client->peer, &len) != 0) {
        goto refuse;
    }
    setsockopt(sock, SOL_SOCKET, SO_SNDTIMEO, &send_limit, sizeof(send_limit));
    client->sock = sock;
    client->number = ++server.last_client;
    client->privileged = client->peer.uid == 0 || client->peer.uid == geteuid();
    if (!client_count(client->privileged)) {
        refusal_send(sock, "too many clients at once; try again");
        goto refuse;
    }
    if (thread_detached(client_main, client) != 0) {
        client_uncount(client->privileged);
        goto refuse;
    }
    return;
refuse:
    free(client);
    close(sock);
}

static void *accept_main(void *arg)
{
    struct pollfd fds[] = {{.fd = server.listener, .events = POLLIN},
                           {.fd = server.ending, .events = POLLIN}};

    (void)arg;
    for (;;) {
        int n = poll(fds, 2, -1);

        if (n < 0 && errno != EINTR) {
            return NULL;
        }
        if (n <= 0) {
            continue;
        }
        if (fds[1].revents != 0) {
            return NULL;
        }
        int sock = accept4(server.listener, NULL, NULL, SOCK_CLOEXEC);
        if (sock >= 0) {
            client_begin(sock);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM) {
            /* The waiting connection stays readable: wait for the end, or for a moment, instead of spinning.
             */
            (void)poll(&fds[1], 1, 100);
        }
    }
}

/* ---- start and stop ------------------------------------------------------------------------------------ */

static int start_fail(char *err, size_t errlen, int error, const char *what)
{
    snprintf(err, errlen, "%s: %s: %s", server.path, what, strerror(error));
    return error;
}

/* Errno: 0, also where it is there already. */
static int folder_make(const char *path)
{
    char dir[sizeof(server.path)];
    char *slash;
    int error = 0;

    snprintf(dir, sizeof(dir), "%s", path);
    slash = strrchr(dir, '/');
    if (slash != NULL && slash != dir) {
        *slash = '\0';
        error = mkdir(dir, 0755) != 0 && errno != EEXIST ? errno : 0;
    }
    return error;
}

/* A socket file that nobody listens at is left over from a kernel process that died. */
static int stale_remove(const struct sockaddr_un *address)
{
    int probe = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    int error = 0;

    if (probe < 0) {
        return errno;
    }
    if (connect(probe, (const struct sockaddr *)address, sizeof(*address)) == 0) {
        error = EADDRINUSE;
    } else if (errno == ECONNREFUSED) {
        (void)unlink(address->sun_path);
    } else if (errno != ENOENT) {
        error = errno;
    }
    close(probe);
    return error;
}

static int listener_open(const struct control_server_args *args, char *err, size_t errlen)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int error;

    strcpy(address.sun_path, server.path);
    error = folder_make(server.path);
    if (error != 0) {
        return start_fail(err, errlen, error, "its folder cannot be made");
    }
    error = stale_remove(&address);
    if (error != 0) {
        return start_fail(err, errlen, error, "another kernel process may be running");
    }
    server.listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (server.listener < 0) {
        return start_fail(err, errlen, errno, "no socket");
    }
    if (bind(server.listener, (const struct sockaddr *)&address, sizeof(address)) != 0) {
        return start_fail(err, errlen, errno, "cannot bind");
    }
    if (chmod(server.path, args->mode != 0 ? args->mode : 0666) != 0 || listen(server.listener, 32) != 0) {
        error = errno;
        unlink(server.path);
        return start_fail(err, errlen, error, "cannot listen");
    }
    return 0;
}

static void descriptors_close(void)
{
    if (server.listener >= 0) {
        close(server.listener);
    }
    if (server.ending >= 0) {
        close(server.ending);
    }
    server.listener = server.ending = -1;
}

int control_server_start(const struct control_server_args *args, char *err, size_t errlen)
{
    const char *path = args->socket != NULL ? args->socket : kext_channel_path();
    int error;

    snprintf(server.path, sizeof(server.path), "%s", path);
    if (server.running) {
        return start_fail(err, errlen, EALREADY, "the control server runs");
    }
    if (strlen(path) >= sizeof(server.path)) {
        return start_fail(err, errlen, ENAMETOOLONG, "socket path");
    }
    snprintf(server.note, sizeof(server.note), "%s" KEXT_CHANNEL_NOTE, path);
    server.stop = args->stop;
    server.ending = eventfd(0, EFD_CLOEXEC);
    error = server.ending >= 0 ? listener_open(args, err, errlen)
                               : start_fail(err, errlen, errno, "no descriptor");
    if (error == 0) {
        error = pthread_create(&server.thread, NULL, accept_main, NULL);
        if (error != 0) {
            unlink(server.path);
            (void)start_fail(err, errlen, error, "no thread");
        }
    }
    if (error != 0) {
        descriptors_close();
        return error;
    }
    fh_log_panic_note(server.note);
    server.running = true;
    return 0;
}

/* Whether all clients have gone; a request may hang in a kext. */
static bool clients_await(void)
{
    struct timespec until;
    int error = 0;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += CLIENTS_END_S;
    pthread_mutex_lock(&server.lock);
    while (server.clients != 0 && error == 0) {
        error = pthread_cond_timedwait(&server.fewer, &server.lock, &until);
    }
    bool gone = server.clients == 0;
    pthread_mutex_unlock(&server.lock);
    return gone;
}

bool control_server_stop(void)
{
    uint64_t one = 1;

    if (!server.running) {
        return true;
    }
    (void)!write(server.ending, &one, sizeof(one));
    pthread_join(server.thread, NULL);
    unlink(server.path);
    if (!clients_await()) {
        return false;
    }
    descriptors_close();
    server.running = false;
    return true;
}

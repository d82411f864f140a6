// SPDX-License-Identifier: BSD-2-Clause
/*
 * thread.c: threads and their tokens.
 *
 * A token is made when host_thread_create makes a thread, or when a thread made by somebody else (the initial
 * thread, FUSE's workers) first calls in. Token memory is never given back, only reused, so a stale token
 * stays readable.
 *
 * Lock: list_lock (leaf) over the free list and the table.
 */
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "host/posix/posix_internal.h"

#define STACK_DEFAULT ((size_t)1 << 20)
#define STACK_MIN     ((size_t)256 << 10)

static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
static struct host_thread *table[HOST_THREAD_MAX]; /* every token ever made, by id; keeps them reachable */
static uint32_t table_used = 1;                    /* id 0 means "no thread" */
static struct host_thread *free_list;
static pthread_key_t end_key;

static __thread struct host_thread *self_token;

static struct host_thread *token_alloc(void)
{
    struct host_thread *token;

    (void)pthread_mutex_lock(&list_lock);
    token = free_list;
    if (token) {
        free_list = token->next;
    } else if (table_used < HOST_THREAD_MAX) {
        token = aligned_alloc(64, (sizeof *token + 63) & ~(size_t)63);
        if (token) {
            memset(token, 0, sizeof *token);
            token->id = table_used;
            table[table_used++] = token;
        }
    }
    (void)pthread_mutex_unlock(&list_lock);
    return token;
}

static void token_release(struct host_thread *token)
{
    if (atomic_fetch_sub_explicit(&token->refs, 1, memory_order_acq_rel) != 1)
        return;
    (void)pthread_mutex_lock(&list_lock);
    token->next = free_list;
    free_list = token;
    (void)pthread_mutex_unlock(&list_lock);
}

/* Runs on every ending thread that has a token, after its own code. */
static void thread_end(void *value)
{
    struct host_thread *token = value;

    if (token->data) {
        void *data = token->data;

        token->data = NULL;
        host_upcalls_given.thread_exit(data);
    }
    fault_stack_remove(token);
    (void)pthread_mutex_lock(&list_lock);
    token->alive = false;
    (void)pthread_mutex_unlock(&list_lock);
    self_token = NULL;
    token_release(token);
}

int thread_table_init(void)
{
    return pthread_key_create(&end_key, thread_end) ? HOST_ENOMEM : HOST_OK;
}

static void token_find_stack(struct host_thread *token)
{
    pthread_attr_t attr;
    void *low = NULL;
    size_t size = 0;

    if (pthread_getattr_np(pthread_self(), &attr) == 0) {
        (void)pthread_attr_getstack(&attr, &low, &size);
        (void)pthread_attr_destroy(&attr);
    }
    token->stack_low = (uintptr_t)low;
    token->stack_high = (uintptr_t)low + size;
}

/* Makes @token the calling thread's. */
static void token_attach(struct host_thread *token)
{
    token->data = NULL;
    token_find_stack(token);
    self_token = token;
    fault_stack_install(token);
    (void)pthread_setspecific(end_key, token);
    (void)pthread_mutex_lock(&list_lock);
    token->alive = true;
    (void)pthread_mutex_unlock(&list_lock);
}

/* A thread clears its mark before it ends, so while the lock is held its handle is good. */
bool thread_signal(uint32_t id, int signo)
{
    bool sent = false;

    (void)pthread_mutex_lock(&list_lock);
    if (id < table_used && table[id] && table[id]->alive)
        sent = pthread_kill(table[id]->handle, signo) == 0;
    (void)pthread_mutex_unlock(&list_lock);
    return sent;
}

static struct host_thread *thread_adopt(void)
{
    static const char message[] = "host: no room for another thread\n";
    struct host_thread *token = token_alloc();

    if (!token) {
        host_log(HOST_LOG_PANIC, message, sizeof message - 1);
        abort();
    }
    token->created = false;
    token->handle = pthread_self();
    token->name[0] = '\0';
    atomic_store_explicit(&token->refs, 1, memory_order_relaxed);
    atomic_store_explicit(&token->park_word, 0, memory_order_relaxed);
    token_attach(token);
    return token;
}

struct host_thread *host_thread_self(void)
{
    struct host_thread *token = self_token;

    return __builtin_expect(token != NULL, 1) ? token : thread_adopt();
}

struct host_thread *thread_self_if_known(void)
{
    return self_token;
}

static void *thread_main(void *value)
{
    struct host_thread *token = value;

    token_attach(token);
    (void)pthread_setname_np(pthread_self(), token->name);
    (void)setjmp(token->bottom); /* host_thread_restart comes back here with another fn */
    if (token->fn)
        token->fn(token->arg);
    return NULL;
}

static int thread_start(struct host_thread *token, size_t stack)
{
    pthread_attr_t attr;
    int error;

    if (pthread_attr_init(&attr))
        return HOST_ENOMEM;
    if (!stack)
        stack = STACK_DEFAULT;
    (void)pthread_attr_setstacksize(&attr,
                                    stack < STACK_MIN ? STACK_MIN : (stack + 0xffff) & ~(size_t)0xffff);
    error = pthread_create(&token->handle, &attr, thread_main, token);
    (void)pthread_attr_destroy(&attr);
    return error ? HOST_ENOMEM : HOST_OK;
}

int host_thread_create(void (*fn)(void *), void *arg, const char *name, size_t stack,
                       struct host_thread **out)
{
    struct host_thread *token = token_alloc();

    if (!token)
        return HOST_ENOMEM;
    token->created = true;
    token->fn = fn;
    token->arg = arg;
    (void)snprintf(token->name, sizeof token->name, "%s", name ? name : "");
    atomic_store_explicit(&token->refs, 2, memory_order_relaxed);
    atomic_store_explicit(&token->park_word, 0, memory_order_relaxed);
    if (thread_start(token, stack)) {
        atomic_store_explicit(&token->refs, 1, memory_order_relaxed);
        token_release(token);
        return HOST_ENOMEM;
    }
    if (out)
        *out = token;
    else
        host_thread_detach(token);
    return HOST_OK;
}

static __thread struct {
    void (*fn)(void *arg);
    void *arg;
} on_block;

void host_thread_on_block(void (*fn)(void *arg), void *arg)
{
    on_block.fn = fn;
    on_block.arg = arg;
}

void thread_blocks(void)
{
    if (on_block.fn)
        on_block.fn(on_block.arg);
}

void host_thread_join(struct host_thread *thread)
{
    thread_blocks();
    (void)pthread_join(thread->handle, NULL);
    token_release(thread);
}

void host_thread_detach(struct host_thread *thread)
{
    (void)pthread_detach(thread->handle);
    token_release(thread);
}

int host_thread_restart(void (*fn)(void *), void *arg)
{
    struct host_thread *token = host_thread_self();

    if (!token->created)
        return HOST_EINVAL;
    token->fn = fn;
    token->arg = arg;
    longjmp(token->bottom, 1);
}

uint32_t host_thread_id(const struct host_thread *thread)
{
    return thread->id;
}

void host_thread_set_data(void *data)
{
    host_thread_self()->data = data;
}

void host_thread_setname(const char *name)
{
    char cut[16];

    (void)snprintf(cut, sizeof cut, "%s", name);
    (void)pthread_setname_np(pthread_self(), cut);
}

void host_thread_yield(void)
{
    (void)sched_yield();
}

unsigned host_ncpu(void)
{
    cpu_set_t set;
    int count = 0;

    if (sched_getaffinity(0, sizeof set, &set) == 0)
        count = CPU_COUNT(&set);
    return count > 0 ? (unsigned)count : 1;
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * thread.c: the thread blocks: made when a thread first needs one, gone when it has ended and nobody refers
 * to it.
 *
 * Lock: table_lock (rank 850) over the table of live threads by number, which kern_call_interrupt() searches.
 */
#include <stdatomic.h>
#include <string.h>

#include "kern/thread_internal.h"

__thread struct kthread *thread_self_block;

static struct host_mutex table_lock;
static struct kthread *table[HOST_THREAD_MAX];
static _Atomic uint64_t last_tid;

void thread_init(void)
{
    host_mutex_init(&table_lock);
}

struct kthread *thread_block_alloc(void)
{
    struct kthread *thread = host_alloc_zero(sizeof *thread);

    if (!thread)
        return NULL;
    atomic_store_explicit(&thread->t_refs, 1, memory_order_relaxed);
    thread->t_tid = atomic_fetch_add_explicit(&last_tid, 1, memory_order_relaxed) + 1;
    return thread;
}

void thread_block_attach(struct kthread *thread)
{
    thread->t_host = host_thread_self();
    thread->t_number = host_thread_id(thread->t_host);
    thread_self_block = thread;
    host_thread_set_data(thread);
    host_mutex_lock(&table_lock);
    table[thread->t_number] = thread;
    host_mutex_unlock(&table_lock);
}

struct kthread *thread_adopt(void)
{
    struct kthread *thread = thread_block_alloc();

    KASSERT(thread, "no memory for another thread");
    thread_block_attach(thread);
    return thread;
}

void thread_release(struct kthread *thread)
{
    if (atomic_fetch_sub_explicit(&thread->t_refs, 1, memory_order_acq_rel) == 1)
        host_free(thread);
}

void thread_exit_upcall(void *data)
{
    struct kthread *thread = data;
    unsigned held = thread->t_mutexes + thread->t_spins + thread->t_rws;

    KASSERT(!held, "thread %u \"%s\" ends with %u locks held", thread->t_number, thread->t_name, held);
    KASSERT(!thread->t_call, "thread %u \"%s\" ends inside a call", thread->t_number, thread->t_name);
    host_mutex_lock(&table_lock);
    table[thread->t_number] = NULL;
    host_mutex_unlock(&table_lock);
    thread_self_block = NULL;
    if (thread->t_kernel)
        thread_kernel_ended(thread);
    thread_release(thread);
}

struct kthread *kern_thread(void)
{
    return thread_self();
}

uint32_t kern_thread_number(struct kthread *thread)
{
    return thread->t_number;
}

const char *kern_thread_name(struct kthread *thread)
{
    return thread->t_name;
}

unsigned kern_thread_locks(const struct kthread *self)
{
    return self->t_mutexes + self->t_spins + self->t_rws;
}

unsigned kern_thread_locks_held(void)
{
    return kern_thread_locks(thread_self());
}

void **kern_thread_slots(struct kthread *thread)
{
    return thread->t_slots;
}

uint64_t kern_call_running(uint32_t number)
{
    uint64_t id = 0;

    host_mutex_lock(&table_lock);
    if (number < HOST_THREAD_MAX && table[number])
        id = atomic_load_explicit(&table[number]->t_call_id, memory_order_relaxed);
    host_mutex_unlock(&table_lock);
    return id;
}

size_t kern_threads_started(uint32_t *numbers, size_t max)
{
    size_t n = 0;

    host_mutex_lock(&table_lock);
    for (uint32_t i = 0; i < HOST_THREAD_MAX; i++) {
        if (!table[i] || !table[i]->t_kernel)
            continue;
        if (n < max)
            numbers[n] = i;
        n++;
    }
    host_mutex_unlock(&table_lock);
    return n;
}

size_t kern_call_list(struct kern_call_info *out, size_t max)
{
    size_t n = 0;

    host_mutex_lock(&table_lock);
    for (uint32_t i = 1; i < HOST_THREAD_MAX; i++) {
        uint64_t id = table[i] ? atomic_load_explicit(&table[i]->t_call_id, memory_order_relaxed) : 0;

        if (!id)
            continue;
        if (n < max)
            out[n] = (struct kern_call_info){
                .id = id,
                .thread = i,
                .name = atomic_load_explicit(&table[i]->t_call_name, memory_order_relaxed),
                .since_ns = atomic_load_explicit(&table[i]->t_call_since_ns, memory_order_relaxed)};
        n++;
    }
    host_mutex_unlock(&table_lock);
    return n;
}

bool kern_call_interrupt(uint64_t id)
{
    uint32_t number = (uint32_t)(id & (HOST_THREAD_MAX - 1));
    struct kthread *thread;
    bool running = false;

    host_mutex_lock(&table_lock);
    thread = table[number];
    if (id && thread && atomic_load_explicit(&thread->t_call_id, memory_order_relaxed) == id) {
        atomic_store_explicit(&thread->t_interrupted_id, id, memory_order_relaxed);
        host_thread_interrupt(thread->t_host);
        running = true;
    }
    host_mutex_unlock(&table_lock);
    return running;
}

thread_t current_thread(void)
{
    return (thread_t)(void *)thread_self();
}

static struct kthread *kthread_of(thread_t thread)
{
    return (struct kthread *)(void *)thread;
}

void thread_reference(thread_t thread)
{
    if (thread)
        atomic_fetch_add_explicit(&kthread_of(thread)->t_refs, 1, memory_order_relaxed);
}

void thread_deallocate(thread_t thread)
{
    if (thread)
        thread_release(kthread_of(thread));
}

uint64_t thread_tid(thread_t thread)
{
    return thread ? kthread_of(thread)->t_tid : 0;
}

boolean_t thread_has_thread_name(thread_t thread)
{
    return thread && kthread_of(thread)->t_name[0] != '\0';
}

void thread_set_thread_name(thread_t thread, const char *name)
{
    struct kthread *block = kthread_of(thread);

    if (!thread || !name)
        return;
    (void)strlcpy(block->t_name, name, sizeof block->t_name);
    if (block == thread_self())
        host_thread_setname(name);
}

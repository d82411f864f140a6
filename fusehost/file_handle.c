// SPDX-License-Identifier: BSD-2-Clause
/*
 * Handles of open files; see file_handle.h.
 */
#include <stdlib.h>

#include "fusehost/file_handle.h"

static unsigned shard_of(const struct fh_file *handle)
{
    return (unsigned)(((uintptr_t)handle >> 6) % FH_FILE_SHARDS);
}

void fh_files_init(struct fh_file_list *list)
{
    for (unsigned i = 0; i < FH_FILE_SHARDS; i++) {
        pthread_mutex_init(&list->shards[i].mutex, NULL);
        list->shards[i].head = NULL;
    }
}

static int handle_end(struct fh_file *handle)
{
    int err = sys_close(handle->opener, handle->file);

    sys_caller_release(handle->opener);
    free(handle);
    return err;
}

void fh_files_destroy(struct fh_file_list *list)
{
    for (unsigned i = 0; i < FH_FILE_SHARDS; i++) {
        struct fh_file *handle = list->shards[i].head;

        while (handle) {
            struct fh_file *next = handle->next;

            handle_end(handle);
            handle = next;
        }
        pthread_mutex_destroy(&list->shards[i].mutex);
    }
}

void fh_files_written(struct fh_file_list *list, struct fh_file *handle)
{
    /* Opens that came before this one were marked with it. */
    if (!sys_files_heard() || atomic_exchange(&handle->written, true))
        return;
    for (unsigned i = 0; i < FH_FILE_SHARDS; i++) {
        pthread_mutex_lock(&list->shards[i].mutex);
        for (struct fh_file *at = list->shards[i].head; at; at = at->next)
            if (at->nodeid == handle->nodeid)
                sys_file_written(at->file);
        pthread_mutex_unlock(&list->shards[i].mutex);
    }
}

struct fh_file *fh_file_new(struct fh_file_list *list, uint64_t nodeid, sys_file_t *file,
                            sys_caller_t *opener)
{
    struct fh_file *handle = malloc(sizeof(*handle));

    if (!handle)
        return NULL;
    sys_caller_retain(opener);
    handle->file = file;
    handle->opener = opener;
    handle->nodeid = nodeid;
    atomic_init(&handle->written, false);

    unsigned i = shard_of(handle);
    pthread_mutex_lock(&list->shards[i].mutex);
    handle->next = list->shards[i].head;
    handle->link = &list->shards[i].head;
    if (handle->next)
        handle->next->link = &handle->next;
    list->shards[i].head = handle;
    pthread_mutex_unlock(&list->shards[i].mutex);
    return handle;
}

int fh_file_close(struct fh_file_list *list, struct fh_file *handle)
{
    unsigned i = shard_of(handle);

    pthread_mutex_lock(&list->shards[i].mutex);
    *handle->link = handle->next;
    if (handle->next)
        handle->next->link = handle->link;
    pthread_mutex_unlock(&list->shards[i].mutex);
    return handle_end(handle);
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The verb states: makes one state after the other that a power cut could have left, and lets a command judge
 * each.
 *
 * The medium as it was for certain is kept in a file without a name, which goes forward through the record;
 * each state is a copy of it with something laid over.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/host.h"
#include "tools/kextbed-disk/kextbed_disk.h"

struct states {
    struct tool *tool;
    const struct job *job;
    struct loaded loaded;
    struct testdisk_replay replay;
    struct image medium, state;
    json_t *bad;
    uint64_t made;
};

/* The command's exit status; 128 and a signal's number; -1: it could not be run. */
static int command_run(const char *command, const char *path)
{
    int status;
    pid_t child;

    fflush(NULL);
    child = fork();
    if (child == 0) {
        dup2(STDERR_FILENO, STDOUT_FILENO);
        execl("/bin/sh", "sh", "-c", command, "sh", path, (char *)NULL);
        _exit(127);
    }
    if (child < 0) {
        return -1;
    }
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) {
            return -1;
        }
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* @choice NULL: all that was done. False: nothing goes on. */
static bool state_try(struct states *s, const struct testdisk_choice *choice)
{
    struct testdisk_sink sink = image_sink(&s->state);

    if (!image_copy(&s->medium, &s->state) ||
        !(choice != NULL ? testdisk_replay_cut(&s->replay, choice, sink, NULL)
                         : testdisk_replay_visible(&s->replay, sink))) {
        return false;
    }
    s->made++;
    int code = command_run(s->job->run, s->job->out);
    if (code < 0) {
        kext_diag_add(&s->tool->diags, KEXT_DIAG_REQUEST, NULL, NULL, "the command cannot be run: %s",
                      strerror(errno));
        return false;
    }
    if (code != 0 && choice != NULL) {
        tool_say(s->tool, 1, "--at %zu --seed %" PRIu64 ": the command ended with %d", s->replay.at,
                 choice->seed, code);
        json_array_append_new(s->bad, json_pack("{s:I, s:I, s:i}", "at", (json_int_t)s->replay.at, "seed",
                                                (json_int_t)choice->seed, "exit", code));
    } else if (code != 0) {
        tool_say(s->tool, 1, "--at %zu --state visible: the command ended with %d", s->replay.at, code);
        json_array_append_new(s->bad, json_pack("{s:I, s:i}", "at", (json_int_t)s->replay.at, "exit", code));
    }
    return true;
}

/* Whether a cut after this event is worth a look: something has changed since the last one. */
static bool event_counts(const struct states *s, const struct testdisk_event *event)
{
    if (s->job->prefixes) {
        return !event->is_submit && (event->op == HOST_DISK_WRITE || event->op == HOST_DISK_UNMAP);
    }
    return event->is_submit && event->op != HOST_DISK_READ;
}

static bool states_at(struct states *s)
{
    if (s->job->prefixes) {
        return state_try(s, NULL);
    }
    for (uint64_t i = 0; i < s->job->seeds; i++) {
        struct testdisk_choice choice = s->job->choice;

        choice.seed += i;
        if (!state_try(s, &choice)) {
            return false;
        }
    }
    return true;
}

static bool states_all(struct states *s)
{
    const struct testdisk_record *record = &s->loaded.record;
    uint64_t seen = 0;

    for (size_t i = 0; i < record->count; i++) {
        if (!testdisk_replay_to(&s->replay, i + 1)) {
            return false;
        }
        if (event_counts(s, &record->events[i]) && ++seen % s->job->every == 0 && !states_at(s)) {
            return false;
        }
    }
    return true;
}

static bool states_begin(struct states *s)
{
    struct tool *tool = s->tool;
    char why[256], *hidden = NULL;

    if (asprintf(&hidden, "%s.medium", s->job->out) < 0) {
        return false;
    }
    bool ok = image_start(tool, s->job, &s->loaded.record, hidden, true, &s->medium);
    free(hidden);
    s->medium.path = s->job->out;
    if (!ok) {
        return false;
    }
    if (!image_start(tool, s->job, &s->loaded.record, s->job->out, false, &s->state)) {
        close(s->medium.fd);
        return false;
    }
    if (testdisk_replay_begin(&s->replay, &s->loaded.record, image_sink(&s->medium), why, sizeof(why))) {
        return true;
    }
    kext_diag_add(&tool->diags, KEXT_DIAG_REQUEST, s->job->record, NULL, "%s", why);
    close(s->medium.fd);
    close(s->state.fd);
    return false;
}

int verb_states(struct tool *tool, const struct job *job)
{
    struct states s = {.tool = tool, .job = job, .bad = json_array()};
    int code = DISK_FAILED;

    if (record_load(tool, job->record, &s.loaded)) {
        if (states_begin(&s)) {
            if (states_all(&s)) {
                code = json_array_size(s.bad) != 0 ? DISK_BAD_STATES : TOOL_OK;
            } else if (tool->diags.errors == 0) {
                kext_diag_add(&tool->diags, KEXT_DIAG_REQUEST, NULL, NULL, "no memory");
            }
            testdisk_replay_end(&s.replay);
            close(s.medium.fd);
            close(s.state.fd);
        }
        record_unload(&s.loaded);
    }
    if (code == TOOL_OK && s.made == 0) {
        tool_say(tool, 1, "no states: nothing in the record is a point to cut at");
    } else {
        tool_say(tool, 1, "%" PRIu64 " states, of %zu the command did not approve", s.made,
                 json_array_size(s.bad));
    }
    json_object_set_new(tool->result, "states", json_integer((json_int_t)s.made));
    json_object_set_new(tool->result, "bad", s.bad);
    return tool_finish(tool, code);
}

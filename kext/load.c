// SPDX-License-Identifier: BSD-2-Clause
/*
 * A load: all kexts of one message, or none. First everything is linked, in the message's order; then
 * everything is started. Where a step fails, those started are stopped in reverse, and all of them are
 * unlinked in reverse.
 *
 * Called by control.c with the operation held.
 */
#include "kext/load_internal.h"

#include <sys/errno.h>
#include <sys/syslog.h>

#include "kern/kern_iface.h"

struct load {
    struct kext *kexts[KEXT_WIRE_MAX_ENTRIES]; /* in load order; NULL once gone */
    bool start[KEXT_WIRE_MAX_ENTRIES];
    uint32_t count;
    struct kext_control_reply *reply;
};

/* Takes back what the load has done so far. A kext that cannot go any more stays, and with it what it links
 * against. */
static void load_undo(struct load *load)
{
    for (uint32_t i = load->count; i-- > 0;) {
        struct kext *kext = load->kexts[i];
        bool gone = kext->refs == 0 && kext->state != KEXT_STUCK;

        if (gone && kext->state == KEXT_STARTED) {
            gone = kext_stop(kext, load->reply) == 0;
        }
        if (gone) {
            kext_unlink(kext, load->reply);
        } else {
            kext_reply_add(load->reply, "%s could not be taken back and stays loaded\n", kext->id);
            if (kext->state == KEXT_LINKED) {
                kext_set_state(kext, KEXT_LOADED);
            }
        }
    }
}

static int load_link(struct load *load, const struct kext_message *message)
{
    struct kext_message_entry *entry = kern_alloc(sizeof(*entry), "kext load");
    int error = 0;

    for (uint32_t i = 0; i < message->nentries && error == 0; i++) {
        kext_message_entry(message, i, entry);
        error = kext_link(entry, load->reply, &load->kexts[i]);
        if (error == 0) {
            load->start[i] = !entry->nostart;
            load->count++;
            load->reply->index = load->kexts[i]->index;
        } else {
            load->reply->entry = i;
        }
    }
    kern_free(entry, sizeof(*entry));
    return error;
}

static int load_start(struct load *load)
{
    for (uint32_t i = 0; i < load->count; i++) {
        kext_set_state(load->kexts[i], KEXT_LOADED);
    }
    for (uint32_t i = 0; i < load->count; i++) {
        int error = load->start[i] ? kext_start(load->kexts[i], load->reply) : 0;

        if (error != 0) {
            load->reply->entry = i;
            return error;
        }
    }
    return 0;
}

int kext_load(const struct kext_message *message, struct kext_control_reply *reply)
{
    struct load *load = kern_alloc(sizeof(*load), "kext load");
    bool check = (message->flags & KEXT_WIRE_LOAD_CHECK) != 0;
    int error;

    load->reply = reply;
    error = load_link(load, message);
    if (error == 0 && !check) {
        error = load_start(load);
    }
    if (error != 0 || check) {
        load_undo(load);
    }
    for (uint32_t i = 0; error == 0 && !check && i < load->count; i++) {
        kern_log(LOG_INFO, "kext: %s (%s) loaded\n", load->kexts[i]->id, load->kexts[i]->version_text);
    }
    kern_free(load, sizeof(*load));
    return error;
}

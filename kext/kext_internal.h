// SPDX-License-Identifier: BSD-2-Clause
/*
 * kext_internal.h: the kext manager's own: what a loaded kext is, and what its files offer each other.
 *
 * Locks. Whoever changes what is loaded holds "the operation": a flag and a wait (registry.c), so that no
 * lock is held while a kext's own code runs. The registry lock (rank 780) guards the table and every field
 * marked [r]; it is held for a few instructions at a time, calls nothing but kern/ and is never held across a
 * kext's code. Fields marked [o] are changed by the operation's holder alone, under the registry lock too
 * where a reader may look at them; the holder reads them freely. [a] is atomic: read without any lock in a
 * panic.
 */
#ifndef KEXTBED_KEXT_KEXT_INTERNAL_H
#define KEXTBED_KEXT_KEXT_INTERNAL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <mach/kmod.h>

#include "kext/kext_control.h"
#include "kext/message_internal.h"
#include "kxld/kxld.h"
#include "libkext/wire.h"

/* ---- a loaded kext --------------------------------------------------------------------------------- */

enum kext_state {
    KEXT_FREE,   /* the slot is nobody's */
    KEXT_LINKED, /* part of a load that may still fail: not shown, not to be linked against by others */
    KEXT_LOADED, /* not started */
    KEXT_STARTED,
    KEXT_STUCK, /* stopped, but something still points into it */
};

struct kext {
    enum kext_state state; /* [r, o] */
    uint32_t index;        /* [r, o] load tag; constant while the slot is used, like all down to `owner` */
    bool is_interface;
    uint32_t set; /* enum kext_set of an interface kext */
    char id[KEXT_WIRE_MAX_ID + 1];
    char version_text[KEXT_WIRE_MAX_VERSION + 1];
    char path[KEXT_WIRE_MAX_PATH + 1];
    uint64_t version, compatible;
    struct kext *libs[KEXT_WIRE_MAX_LIBS];
    uint32_t nlibs;
    uint32_t owner;   /* whose memory, locks and threads they are (kern/); 0 for a kext without code */
    uint32_t refs;    /* [r, o] kexts that link against it */
    uint32_t retains; /* [r] by its own code or another's (OSKextRetainKextWithLoadTag) */
    struct kxld_image *_Atomic image; /* [a, o] NULL for a kext without code */
    kmod_info_t *kmod;                /* [o] in the image */
    struct kxld_provider provider;    /* [o] what others link against */
    char detail[512]; /* [o] the kext in one line, for a panic; written before its image is published */
    bool constructed; /* [o] its constructors have run and its destructors have not */
};

/* ---- registry.c -------------------------------------------------------------------------------------- */

int kext_registry_boot(void);
/** kext_registry_shutdown - forget the interface kexts. Nothing else is loaded any more. */
void kext_registry_shutdown(void);

/** kext_operation_begin - wait until no other load, start or unload runs, and keep others out. Blocks,
 * interruptible by nothing. */
void kext_operation_begin(void);
void kext_operation_end(void);

/* The rest is for the operation's holder. */

/** kext_find - the kext with an identifier, any state but free. */
struct kext *kext_find(const char *id);
/** kext_new - a slot in state KEXT_LINKED with the next load tag. NULL: the table is full. End with
 * kext_delete. */
struct kext *kext_new(void);
/** kext_delete - give a slot back and drop its references to the kexts it links against. */
void kext_delete(struct kext *kext);
void kext_set_state(struct kext *kext, enum kext_state state);
/** kext_set_image - publish or withdraw its image, for those who look without the operation. */
void kext_set_image(struct kext *kext, struct kxld_image *image);
/** kext_bind - @kext links against @lib from now on: lib->refs. False: it has as many as can be recorded. */
bool kext_bind(struct kext *kext, struct kext *lib);
/** kext_each - call @fn for all kexts but free ones, in the order of their load tags, until it returns false.
 */
void kext_each(bool (*fn)(void *arg, struct kext *kext), void *arg);
/** kext_next_unloadable - a kext that nobody links against, the latest first; NULL: none but interface kexts.
 */
struct kext *kext_next_unloadable(void);

/* Without the operation. */
size_t kext_registry_list(struct kext_control_info *infos, size_t max);
size_t kext_registry_sections(const char *id, struct kext_control_section *sections, size_t max);
/** kext_registry_linked - count one finished link. */
void kext_registry_linked(void);
/** kext_registry_retain - add @delta (1 or -1) to what keeps the kext with a load tag from being unloaded.
 * Errno: 0; ENOENT; EINVAL it was not retained. */
int kext_registry_retain(uint32_t index, int delta);
/** kext_registry_retains - how often it is retained now. */
uint32_t kext_registry_retains(const struct kext *kext);
void kext_registry_count(struct kext_control_counters *counters);
/** kext_at - the kext whose image holds an address. For a panic: no lock, may be stale. */
const struct kext *kext_at(const void *pc, struct kxld_image **image);

/* ---- provider.c -------------------------------------------------------------------------------------- */

/** kext_provider_interface - the provider for one set of kernel symbols. */
void kext_provider_interface(uint32_t set, struct kxld_provider *provider);
/** kext_provider_runtime - what every kext gets without asking: what compilers call of their own accord.
 * Static. */
const struct kxld_provider *kext_provider_runtime(void);
/** kext_symbol_absent - the set that has @name in Darwin, where this kernel half has no such symbol; NULL
 * otherwise. */
const char *kext_symbol_absent(const char *name);
/** kext_set_name - the identifier of an interface kext. */
const char *kext_set_name(uint32_t set);

/* ---- arena.c ------------------------------------------------------------------------------------------- */

/** kext_link_host - the linker's callbacks: kernel memory for itself, the arena for images. Static. */
const struct kxld_host *kext_link_host(void);
/** kext_arena_usage - bytes of images and of the linker's own memory now. */
void kext_arena_usage(uint64_t *image_bytes, uint64_t *heap_bytes);
int kext_arena_boot(void);
void kext_arena_shutdown(void);

/* ---- reply.c ------------------------------------------------------------------------------------------- */

void kext_reply_begin(struct kext_control_reply *reply);
/** kext_reply_add - append text; what no longer fits is counted. @reply may be NULL. */
void kext_reply_add(struct kext_control_reply *reply, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/** kext_reply_room - where more text goes, for writers that take a buffer. Follow with kext_reply_added(). */
char *kext_reply_room(struct kext_control_reply *reply, size_t *size);
void kext_reply_added(struct kext_control_reply *reply, size_t len);

/* ---- link.c, start.c, unload.c: steps of an operation -------------------------------------------------- */

/** kext_link - check one entry's libraries and link it. @out: in state KEXT_LINKED, announced to the
 * unwinder. Errno: as kext_control_load(); on error nothing stays. */
int kext_link(const struct kext_message_entry *entry, struct kext_control_reply *reply, struct kext **out);
/** kext_unlink - undo kext_link: the image goes, and the slot. Nothing may run in it. @reply: what it left
 * behind. */
void kext_unlink(struct kext *kext, struct kext_control_reply *reply);

/** kext_start - run constructors and the start routine. Errno: 0; EIO. On error it is as before, unless it is
 * stuck. */
int kext_start(struct kext *kext, struct kext_control_reply *reply);
/** kext_stop - run the stop routine, wait for its threads, run destructors. Errno: 0: nothing points into it
 * any more; EBUSY: it still runs, or is stuck (state). */
int kext_stop(struct kext *kext, struct kext_control_reply *reply);

/** kext_unload - stop and unlink one kext. Errno: as kext_control_unload(). */
int kext_unload(struct kext *kext, struct kext_control_reply *reply);

/** kext_serves - may a library of @version, compatible down to @compatible, stand in for @wanted? */
static inline bool kext_serves(uint64_t version, uint64_t compatible, uint64_t wanted)
{
    return compatible != 0 && compatible <= wanted && wanted <= version;
}

#endif

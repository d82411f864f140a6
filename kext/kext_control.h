// SPDX-License-Identifier: BSD-2-Clause
/*
 * The kext manager's door to the host side: load, start, unload, list. Both sides include this file. The
 * control server and the tests are its callers; kexts never see it.
 *
 * Errors are positive Darwin errnos (SYS_E* of vfs/syscalls.h). Whatever there is to say about one is written
 * as text into the caller's reply, all of it: every symbol that the linker missed, everybody who still uses a
 * kext. Locks: none may be held by the caller. Loads, starts and unloads run one at a time; lists never wait
 * for them.
 */
#ifndef KEXTBED_KEXT_KEXT_CONTROL_H
#define KEXTBED_KEXT_KEXT_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KEXT_CONTROL_MAX    256u /* kexts that can be loaded at once, interface kexts included */
#define KEXT_CONTROL_LINKED 32u  /* kexts that one can link against */

/* Where a call writes what it has to say. The caller supplies the buffer. */
struct kext_control_reply {
    char *text;     /* always terminated; may stay "" */
    size_t size;    /* bytes of it, at least 1 */
    size_t len;     /* out: length of the whole text; >= size when it was cut */
    uint32_t entry; /* out, load: the entry of the message that failed, UINT32_MAX: not one of them */
    uint32_t index; /* out, load and unload: the index of the last kext of the message */
};

/** kext_control_boot - make the manager ready and the interface kexts known. After sys_boot(), once.
 *  Errno: 0; SYS_EBUSY already done; SYS_ENOMEM. */
int kext_control_boot(void);

/** kext_control_shutdown - unload everything, dependents first. Before sys_shutdown(). Blocks: stop routines.
 *  Errno: 0; SYS_EBUSY a kext is in use: it and what it needs stay loaded, and reply says by what. */
int kext_control_shutdown(struct kext_control_reply *reply);

/** kext_control_load - load all kexts of a message, or none.
 *  @message  as in libkext/wire.h, 16-byte aligned; not kept.  @len  bytes.
 *  Each is linked, then each is started, in the message's order. Where one fails, those started are stopped
 * again and all of them are gone when the call returns. Blocks: other loads, start routines. Errno: 0;
 * SYS_EINVAL the message is damaged; SYS_EEXIST one is loaded already; SYS_ENOENT a dependency is missing or
 * has the wrong version; SYS_ENOEXEC the linker refused an object; SYS_ENOMEM; SYS_ENOSPC the table is full;
 * SYS_EIO a start routine failed. */
int kext_control_load(const void *message, size_t len, struct kext_control_reply *reply);

/** kext_control_start - run the start routine of a kext that was loaded without. Errno: 0; SYS_ENOENT;
 * SYS_EALREADY it has been started, as SYS_EEXIST; SYS_EIO the routine failed (the kext stays loaded, not
 * started). */
int kext_control_start(const char *id, struct kext_control_reply *reply);

/** kext_control_unload - stop and unload a kext that nobody uses.
 *  Errno: 0; SYS_ENOENT not loaded; SYS_EPERM an interface kext; SYS_EBUSY in use, or its stop routine
 * refuses: it stays as it is, and reply says why. */
int kext_control_unload(const char *id, struct kext_control_reply *reply);

enum kext_control_state {
    KEXT_CONTROL_LINKED_ONLY, /* loaded, not started */
    KEXT_CONTROL_STARTED,
    KEXT_CONTROL_STUCK, /* stopped, but something still points into it: its memory stays */
};

/* One row of kextstat. */
struct kext_control_info {
    uint32_t index;       /* load tag: 1.., never reused within a process */
    uint32_t refs;        /* loaded kexts that link against it */
    uint64_t address;     /* of its image; 0 for one without code */
    uint64_t size, wired; /* bytes */
    uint64_t version, compatible;
    uint32_t state; /* enum kext_control_state */
    bool is_interface;
    bool has_uuid;
    uint8_t uuid[16];
    uint32_t nlinked;
    uint32_t linked[KEXT_CONTROL_LINKED]; /* indices of the kexts it links against, ascending */
    uint64_t memory_bytes;                /* that its code has allocated and not freed */
    uint32_t threads, locks;              /* that its code has made and not ended */
    char id[64];
    char version_text[32];
    char path[1024]; /* of the executable on the host */
};

/** kext_control_list - describe what is loaded, by index.
 *  @infos  out  @max rows at most; may be NULL when @max is 0.
 *  Returns: how many there are. Blocks: no. */
size_t kext_control_list(struct kext_control_info *infos, size_t max);

/* A section of a loaded kext as it was placed, for debuggers and symbol files. */
struct kext_control_section {
    char name[64];
    uint64_t address, size;
};
/** kext_control_sections - where the sections of a kext lie. Returns: how many there are; 0 when it is not
 * loaded. */
size_t kext_control_sections(const char *id, struct kext_control_section *sections, size_t max);

/* What must return to its value before a test. */
struct kext_control_counters {
    uint32_t kexts;       /* loaded, interface kexts not counted */
    uint64_t image_bytes; /* of the arena in use */
    uint64_t heap_bytes;  /* memory of the linker and its link states */
    uint64_t links;       /* objects linked, ever */
};
void kext_control_counters(struct kext_control_counters *counters);

#endif

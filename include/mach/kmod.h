// SPDX-License-Identifier: BSD-2-Clause
/*
 * What every kext defines: kmod_info, with its name, version, start and stop routine.
 */
#ifndef KPI_MACH_KMOD_H
#define KPI_MACH_KMOD_H

#include <mach/kern_return.h>
#include <mach/mach_types.h>
#include <sys/cdefs.h>

#define KMOD_MAX_NAME       64
#define KMOD_RETURN_SUCCESS KERN_SUCCESS
#define KMOD_RETURN_FAILURE KERN_FAILURE
#define KMOD_INFO_VERSION   1

typedef int kmod_t;
struct kmod_info;

/** kmod_start_func_t - called when the kext has been loaded and linked. Anything but KMOD_RETURN_SUCCESS
 *  unloads it again: it must have undone everything. */
typedef kern_return_t kmod_start_func_t(struct kmod_info *ki, void *data);
/** kmod_stop_func_t - called before the kext goes. Anything but KMOD_RETURN_SUCCESS keeps it loaded. */
typedef kern_return_t kmod_stop_func_t(struct kmod_info *ki, void *data);

/* The layouts below are packed to four bytes. */
#pragma pack(push, 4)
typedef struct kmod_reference {
    struct kmod_reference *next;
    struct kmod_info *info;
} kmod_reference_t;

typedef struct kmod_info {
    struct kmod_info *next;
    int32_t info_version;             /* KMOD_INFO_VERSION */
    uint32_t id;                      /* load tag */
    char name[KMOD_MAX_NAME];         /* bundle identifier */
    char version[KMOD_MAX_NAME];      /* text form */
    int32_t reference_count;          /* kexts that need this one */
    kmod_reference_t *reference_list; /* kexts that this one needs */
    vm_address_t address;             /* of the image */
    vm_size_t size;                   /* bytes */
    vm_size_t hdr_size;
    kmod_start_func_t *start;
    kmod_stop_func_t *stop;
} kmod_info_t;

/* The same with fixed widths, for messages. */
typedef struct kmod_info_32_v1 {
    uint32_t next_addr;
    int32_t info_version;
    uint32_t id;
    uint8_t name[KMOD_MAX_NAME];
    uint8_t version[KMOD_MAX_NAME];
    int32_t reference_count;
    uint32_t reference_list_addr;
    uint32_t address;
    uint32_t size;
    uint32_t hdr_size;
    uint32_t start_addr;
    uint32_t stop_addr;
} kmod_info_32_v1_t;
typedef struct kmod_info_64_v1 {
    uint64_t next_addr;
    int32_t info_version;
    uint32_t id;
    uint8_t name[KMOD_MAX_NAME];
    uint8_t version[KMOD_MAX_NAME];
    int32_t reference_count;
    uint64_t reference_list_addr;
    uint64_t address;
    uint64_t size;
    uint64_t hdr_size;
    uint64_t start_addr;
    uint64_t stop_addr;
} kmod_info_64_v1_t;
#pragma pack(pop)

typedef void *kmod_args_t;
typedef int kmod_control_flavor_t;
typedef kmod_info_t *kmod_info_array_t;

#define KMOD_INFO_NAME kmod_info

/* Define kmod_info. EXPLICIT: with the given routines (or 0); the other: with <name>_module_start and
 * _module_stop of the same file. */
#define KMOD_EXPLICIT_DECL(name, version, start, stop)                                                       \
    kmod_info_t KMOD_INFO_NAME = {                                                                           \
        0, KMOD_INFO_VERSION, (uint32_t)-1, {#name}, {version}, -1, 0, 0, 0, 0, start, stop};
#define KMOD_DECL(name, version)                                                                             \
    static kmod_start_func_t name##_module_start;                                                            \
    static kmod_stop_func_t name##_module_stop;                                                              \
    KMOD_EXPLICIT_DECL(name, version, name##_module_start, name##_module_stop)

#endif /* KPI_MACH_KMOD_H */

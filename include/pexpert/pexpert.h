// SPDX-License-Identifier: BSD-2-Clause
/*
 * The platform as the kernel was started on it: its boot arguments.
 */
#ifndef KPI_PEXPERT_PEXPERT_H
#define KPI_PEXPERT_PEXPERT_H

#include <stdint.h>
#include <sys/cdefs.h>
#include <mach/boolean.h>
#include <mach/kern_return.h>
#include <mach/vm_types.h>
#include <kern/kern_types.h>

/* A screen. */
typedef struct PE_Video PE_Video;
struct PE_Video {
    unsigned long v_baseAddr;
    unsigned long v_rowBytes;
    unsigned long v_width;
    unsigned long v_height;
    unsigned long v_depth; /* bits of a pixel */
    unsigned long v_display;
    char v_pixelFormat[64];
    unsigned long v_offset;
    unsigned long v_length;
    unsigned char v_rotate; /* quarters of a turn */
    unsigned char v_scale;
    char reserved1[2];
    long reserved2;
};

/* What the firmware handed over. */
typedef struct PE_state {
    boolean_t initialized;
    PE_Video video;
    void *deviceTreeHead;
    void *bootArgs;
    vm_size_t deviceTreeSize;
} PE_state_t;

__BEGIN_DECLS
/** PE_state - all zero: there was no firmware, and there is no screen. */
extern PE_state_t PE_state;
/** PE_parse_boot_argn - look for `@arg_string=value` or for the flag `@arg_string` among the boot arguments.
 *  @arg_ptr   out: the value. A number fills an integer of @max_arg bytes (1, 2, 4 or 8); any other value is
 * copied as a string of at most @max_arg bytes with its end; a flag without a value sets the number 1.
 *  @max_arg   bytes at @arg_ptr
 *  Returns TRUE if the argument is there. Blocks: no. KPI: iokit, stable */
boolean_t PE_parse_boot_argn(const char *arg_string, void *arg_ptr, int max_arg);
/** PE_parse_boot_arg_str - the same, always as a string. */
boolean_t PE_parse_boot_arg_str(const char *arg_string, char *arg_ptr, int size);
/** PE_i_can_has_debugger - non-zero where a debugger may be attached to the kernel; *@flags, unless NULL,
 * gets the same value. KPI: unsupported */
uint32_t PE_i_can_has_debugger(uint32_t *flags);
/** kprintf - as printf, for the debug log. KPI: unsupported */
void kprintf(const char *format, ...) __printflike(1, 2);
__END_DECLS

#endif /* KPI_PEXPERT_PEXPERT_H */

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The Mach message types that other public headers mention; there is no Mach IPC here.
 */
#ifndef KPI_MACH_MESSAGE_H
#define KPI_MACH_MESSAGE_H

#include <sys/cdefs.h>
#include <stdint.h>
#include <mach/port.h>
#include <mach/boolean.h>
#include <mach/kern_return.h>
#include <mach/machine/vm_types.h>
#include <machine/limits.h>
#include <machine/types.h>
#include <sys/appleapiopts.h>
#include <Availability.h>

typedef natural_t mach_msg_timeout_t;
typedef natural_t mach_msg_size_t;
typedef natural_t mach_msg_type_number_t;
typedef integer_t mach_msg_id_t;
typedef kern_return_t mach_msg_return_t;

/* Who sent a request, as the kernel vouches for it. */
typedef struct {
    unsigned int val[2];
} security_token_t;
typedef struct {
    unsigned int val[8];
} audit_token_t;

#endif /* KPI_MACH_MESSAGE_H */

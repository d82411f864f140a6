// SPDX-License-Identifier: BSD-2-Clause
/*
 * kauth_scope_internal.h: the life of the scopes that kern/ itself provides (generic and process).
 */
#ifndef KEXTBED_KERN_KAUTH_SCOPE_INTERNAL_H
#define KEXTBED_KERN_KAUTH_SCOPE_INTERNAL_H

void kauth_scope_init(void);
void kauth_scope_start(void);
void kauth_scope_stop(void);

#endif

// SPDX-License-Identifier: BSD-2-Clause
/*
 * panic_internal.h: the fault upcall, and exported functions that no public header declares.
 */
#ifndef KEXTBED_KERN_PANIC_INTERNAL_H
#define KEXTBED_KERN_PANIC_INTERNAL_H

#include "host/host.h"

/** panic_fault_upcall - the host's news of a processor exception: panics. */
void panic_fault_upcall(const struct host_fault *fault) __attribute__((noreturn));

/** Debugger - log @message and the caller's stack, then go on: there is no debugger to enter. */
void Debugger(const char *message);

/** __stack_chk_fail - called by code built with stack protection when a frame was overwritten. */
void __stack_chk_fail(void) __attribute__((noreturn));

#endif

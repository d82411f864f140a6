// SPDX-License-Identifier: BSD-2-Clause
/*
 * Telling a debugger of loaded kexts: gdb finds their symbols and source lines by itself, whether it starts
 * the process or attaches to it later. Any thread.
 */
#ifndef KEXTBED_FUSEHOST_CONTROL_DEBUGGER_H
#define KEXTBED_FUSEHOST_CONTROL_DEBUGGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** control_debugger_add - announce a kext that has been linked.
 *  @exec, @len  its object, as it was loaded; copied. Without memory for the copy debuggers do without. */
void control_debugger_add(const char *id, const uint8_t *exec, size_t len);

/** control_debugger_find - the object, with its sections' addresses in their headers, of the kext that has
 * code at @pc. For a panic: never waits; the object stays until the process ends only where the panic stops
 * who would withdraw it. False: unknown, or the list is being changed. */
bool control_debugger_find(uintptr_t pc, const uint8_t **bytes, size_t *len);

/** control_debugger_use - call @fn with the same object while it cannot be withdrawn; @index is its kext's
 * load tag, never used again. Not in a panic. False: unknown, @fn was not called. */
bool control_debugger_use(uintptr_t pc,
                          void (*fn)(void *arg, uint32_t index, const uint8_t *bytes, size_t len), void *arg);

/** control_debugger_prune - withdraw all kexts that are not loaded any more. */
void control_debugger_prune(void);

#endif

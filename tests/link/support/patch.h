// SPDX-License-Identifier: BSD-2-Clause
/*
 * Making good objects bad, from descriptions that a person can read.
 *
 * Owns: nothing. Locks: none. Callers: tests/link.
 */
#ifndef TESTS_LINK_PATCH_H
#define TESTS_LINK_PATCH_H

#include <stddef.h>
#include <stdint.h>

/*
 * Sets one field of @object. @where names it:
 *
 *      header e_machine                    a field of the file's header
 *      section .rela.text sh_info          of the header of a section; `section 0 sh_size` by number
 *      symbol run st_value                 of the entry of a symbol in the symbol table; `symbol 0 st_name`
 * by number rela .rela.text 0 r_type            of an entry of a section of relocations word .group 1 the
 * n-th 4 bytes of a section's contents
 *
 * Fails the test when there is no such thing.
 */
void patch_set(uint8_t *object, size_t size, const char *where, uint64_t value);

/* The same for a list such as "header e_shnum = 0; section 0 sh_size = 0x100000000", from its last entry to
 * its first. */
void patch_apply(uint8_t *object, size_t size, const char *list);

/* The present value of such a field. */
uint64_t patch_get(uint8_t *object, size_t size, const char *where);

/* The number of the section of that name. */
uint64_t patch_section(uint8_t *object, size_t size, const char *name);

#endif

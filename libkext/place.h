// SPDX-License-Identifier: BSD-2-Clause
/*
 * Where the running program's companions lie. Nothing is compiled in: the tree that the program was installed
 * in, or built in, is found from the program itself, so that it may be moved or unpacked anywhere.
 *
 *     PREFIX/bin, PREFIX/sbin           programs
 *     PREFIX/lib/kextbed/Extensions     kexts (PREFIX/Extensions in a build tree)
 *     PREFIX/share/kextbed              headers, start-up code and the CMake module for kexts
 *
 * No state, no locks. Called by the tools and by repository.c.
 */
#ifndef KEXTBED_LIBKEXT_PLACE_H
#define KEXTBED_LIBKEXT_PLACE_H

/** kext_place_find - path of a file or folder in the running program's tree.
 *  @relative  below PREFIX.
 *  Returns: to be ended with free(); NULL where there is nothing of that name. */
char *kext_place_find(const char *relative);

/** kext_place_program - path of another program of the same tree: beside this one, else in PREFIX/bin or
 * PREFIX/sbin. Returns: to be ended with free(); NULL where there is none. */
char *kext_place_program(const char *name);

#endif

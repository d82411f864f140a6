// SPDX-License-Identifier: BSD-2-Clause
/*
 * arena.S: the range of address space for kext images: 1 GiB that takes no room in the file. It is a section of the
 * executable so that it lies within 2 GiB of the kernel half's code, and an assembler file so that no sanitizer
 * surrounds or poisons it. arena.c turns it into an inaccessible reservation at start.
 */
        .section .kextbed_arena, "aw", @nobits
        .balign 4096
        .globl  host_arena_start
        .hidden host_arena_start
        .type   host_arena_start, @object
        .size   host_arena_start, 0x40000000
host_arena_start:
        .zero   0x40000000

        .section .note.GNU-stack, "", @progbits

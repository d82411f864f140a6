// SPDX-License-Identifier: BSD-2-Clause
/* The offset of a slot in 32 bits. run() returns 42. */
        .globl external_data
        .text
        .globl run
        .type run, @function
run:    leaq _GLOBAL_OFFSET_TABLE_(%rip), %rdx
        .byte 0x48, 0x8b, 0x82          // movq field(%rdx), %rax
9:      .reloc 9b, R_X86_64_GOT32, external_data
        .long 0
        movl (%rax), %eax
        ret
        .size run, . - run
        .section .note.GNU-stack, "", @progbits

// SPDX-License-Identifier: BSD-2-Clause
/* A slot of the global offset table that must not be taken out of the code. run() returns 42. */
        .globl external_data
        .text
        .globl run
        .type run, @function
run:    .byte 0x48, 0x8b, 0x05          // movq slot(%rip), %rax
9:      .reloc 9b, R_X86_64_GOTPCREL, external_data-4
        .long 0
        movl (%rax), %eax
        ret
        .size run, . - run
        .section .note.GNU-stack, "", @progbits

// SPDX-License-Identifier: BSD-2-Clause
/* A relocation that asks for nothing. run() returns 42. */
        .text
        .globl run
        .type run, @function
run:    .reloc run, R_X86_64_NONE, target
        movl target(%rip), %eax
        ret
        .size run, . - run
        .data
target: .long 42
        .section .note.GNU-stack, "", @progbits

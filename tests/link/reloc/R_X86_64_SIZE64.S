// SPDX-License-Identifier: BSD-2-Clause
/* The size of an object, in 64 bits. run() returns 42. */
        .text
        .globl run
        .type run, @function
run:    movq field(%rip), %rax
        ret
        .size run, . - run
        .section .rodata
        .balign 8
field:  .reloc field, R_X86_64_SIZE64, target
        .quad 0
        .data
        .globl target
target: .skip 42
        .size target, 42
        .section .note.GNU-stack, "", @progbits

// SPDX-License-Identifier: BSD-2-Clause
/* A load relative to the instruction, with a byte behind the field. run() returns 42. */
        .text
        .globl run
        .type run, @function
run:    xorl %eax, %eax
        cmpb $7, flag(%rip)
        jne 1f
        movl target(%rip), %eax
1:      ret
        .size run, . - run
        .data
flag:   .byte 7
        .balign 4
target: .long 42
        .section .note.GNU-stack, "", @progbits

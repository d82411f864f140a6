// SPDX-License-Identifier: BSD-2-Clause
/* A pointer in data, as every table of functions holds. run() returns 42. */
        .text
        .globl run
        .type run, @function
run:    movq pointer(%rip), %rax
        movl -4(%rax), %eax
        ret
        .size run, . - run
        .data
        .balign 8
        .long 0, 42
target: .long 0, 0
pointer: .quad target
        .section .note.GNU-stack, "", @progbits

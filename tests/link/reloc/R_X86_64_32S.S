// SPDX-License-Identifier: BSD-2-Clause
/* An absolute address in 32 bits with a sign. run() returns 42. */
        .text
        .globl run
        .type run, @function
run:    movl $1, %ecx
        movl table(,%rcx,4), %eax
        ret
        .size run, . - run
        .data
        .balign 4
table:  .long 0, 42
        .section .note.GNU-stack, "", @progbits

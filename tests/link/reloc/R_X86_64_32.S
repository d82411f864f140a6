// SPDX-License-Identifier: BSD-2-Clause
/* An absolute address in 32 bits without a sign. run() returns 42. */
        .text
        .globl run
        .type run, @function
run:    movl $target, %eax
        movl (%rax), %eax
        ret
        .size run, . - run
        .data
target: .long 42
        .section .note.GNU-stack, "", @progbits

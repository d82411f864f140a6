// SPDX-License-Identifier: BSD-2-Clause
/* A distance in 64 bits, in data. run() returns 42. */
        .text
        .globl run
        .type run, @function
run:    leaq field(%rip), %rdx
        movq (%rdx), %rax
        movl (%rdx,%rax), %eax
        ret
        .size run, . - run
        .section .rodata
        .balign 8
field:  .quad target - .
        .data
target: .long 42
        .section .note.GNU-stack, "", @progbits

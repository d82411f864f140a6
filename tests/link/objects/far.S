// SPDX-License-Identifier: BSD-2-Clause
/* Everything that can be done to a function outside besides a plain call; works from any distance. run() returns 42. */
        .text
        .globl run
        .type run, @function
run:    subq $8, %rsp
        leaq external_function(%rip), %rax
        call *%rax
        cmpl $42, %eax
        jne 1f
        leaq distance(%rip), %rcx
        movslq (%rcx), %rax
        addq %rcx, %rax
        call *%rax
        addq $8, %rsp
        cmpl $42, %eax
        je external_function
1:      addq $8, %rsp
        xorl %eax, %eax
        ret
        .size run, . - run
        .data
distance: .long external_function - .
        .section .note.GNU-stack, "", @progbits

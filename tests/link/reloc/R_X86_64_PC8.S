// SPDX-License-Identifier: BSD-2-Clause
/* A distance in 8 bits. run() returns 42. */
        .text
        .globl run
        .type run, @function
run:    leaq field(%rip), %rdx
        movsbq (%rdx), %rax
        movl (%rdx,%rax), %eax
        ret
        .size run, . - run
        .section .rodata.target, "a"
        .skip 20
target: .long 42
        .section .rodata.field, "a"
        .skip 60
field:  .reloc field, R_X86_64_PC8, target
        .byte 0
        .section .note.GNU-stack, "", @progbits

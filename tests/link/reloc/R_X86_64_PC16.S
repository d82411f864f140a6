// SPDX-License-Identifier: BSD-2-Clause
/* A distance in 16 bits. run() returns 42. */
        .text
        .globl run
        .type run, @function
run:    leaq field(%rip), %rdx
        movswq (%rdx), %rax
        movl (%rdx,%rax), %eax
        ret
        .size run, . - run
        .section .rodata.field, "a"
field:  .reloc field, R_X86_64_PC16, target
        .short 0
        .section .rodata.target, "a"
        .skip 1000
target: .long 42
        .section .note.GNU-stack, "", @progbits

// SPDX-License-Identifier: BSD-2-Clause
/* The distance of a slot in 64 bits. run() returns 42. */
        .globl external_data
        .text
        .globl run
        .type run, @function
run:    leaq field(%rip), %rdx
        movq (%rdx), %rax
        movq (%rdx,%rax), %rax
        movl (%rax), %eax
        ret
        .size run, . - run
        .section .rodata
        .balign 8
field:  .reloc field, R_X86_64_GOTPCREL64, external_data
        .quad 0
        .section .note.GNU-stack, "", @progbits

// SPDX-License-Identifier: BSD-2-Clause
/* The table itself, relative to the instruction. run() returns 42. */
        .text
        .globl run
        .type run, @function
run:    leaq _GLOBAL_OFFSET_TABLE_(%rip), %rdx
        movabsq $target@GOTOFF, %rax
        movl (%rdx,%rax), %eax
        ret
        .size run, . - run
        .data
        .globl target
target: .long 42
        .quad 0
9:      .reloc 9b, R_X86_64_GOT64, target
        .quad 0
        .section .note.GNU-stack, "", @progbits

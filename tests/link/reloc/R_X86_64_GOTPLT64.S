// SPDX-License-Identifier: BSD-2-Clause
/* The older name of a slot's offset. run() returns 42. */
        .globl external_data
        .text
        .globl run
        .type run, @function
run:    leaq _GLOBAL_OFFSET_TABLE_(%rip), %rdx
        .byte 0x48, 0xb8                // movabsq $field, %rax
9:      .reloc 9b, R_X86_64_GOTPLT64, external_data
        .quad 0
        movq (%rdx,%rax), %rax
        movl (%rax), %eax
        ret
        .size run, . - run
        .section .note.GNU-stack, "", @progbits

// SPDX-License-Identifier: BSD-2-Clause
/* The offset of a slot in the table, as the large model has it. run() returns 42. */
        .text
        .globl run
        .type run, @function
run:    leaq _GLOBAL_OFFSET_TABLE_(%rip), %rdx
        movabsq $external_data@GOT, %rax
        movq (%rdx,%rax), %rax
        movl (%rax), %eax
        ret
        .size run, . - run
        .section .note.GNU-stack, "", @progbits

// SPDX-License-Identifier: BSD-2-Clause
/* A function's distance from the table, in the large model. run() returns 42. */
        .text
        .globl run
        .type run, @function
run:    subq $8, %rsp
        leaq _GLOBAL_OFFSET_TABLE_(%rip), %rdx
        movabsq $external_function@PLTOFF, %rax
        addq %rdx, %rax
        call *%rax
        movabsq $external_data@GOT, %rcx
        addq $8, %rsp
        ret
        .size run, . - run
        .section .note.GNU-stack, "", @progbits

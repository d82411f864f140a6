// SPDX-License-Identifier: BSD-2-Clause
/* A kext that links against library.S. run() returns 42. */
        .text
        .globl run
        .type run, @function
run:    subq $8, %rsp
        movq library_data@GOTPCREL(%rip), %rax
        movl (%rax), %edi
        movl library_number@GOTPCREL(%rip), %esi
        movl $library_number, %esi
        call library_add@PLT
        addq $8, %rsp
        ret
        .size run, . - run
        .section .note.GNU-stack, "", @progbits

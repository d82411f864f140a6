// SPDX-License-Identifier: BSD-2-Clause
/* A call of a function outside. run() returns 42. */
        .text
        .globl run
        .type run, @function
run:    subq $8, %rsp
        call external_function@PLT
        addq $8, %rsp
        ret
        .size run, . - run
        .section .note.GNU-stack, "", @progbits

// SPDX-License-Identifier: BSD-2-Clause
/* Loads from outside, which a stub cannot serve: the place itself has to be near. run() returns 42 if it is. */
        .text
        .globl run
        .type run, @function
run:    movl external_data(%rip), %eax
        movb external_function(%rip), %cl
        ret
        .size run, . - run
        .section .note.GNU-stack, "", @progbits

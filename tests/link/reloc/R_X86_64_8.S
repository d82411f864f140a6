// SPDX-License-Identifier: BSD-2-Clause
/* A number in 8 bits. run() returns 42. */
        .globl external_number
        .text
        .globl run
        .type run, @function
run:    movzbl field(%rip), %eax
        ret
        .size run, . - run
        .section .rodata
field:  .reloc field, R_X86_64_8, external_number
        .byte 0
        .section .note.GNU-stack, "", @progbits

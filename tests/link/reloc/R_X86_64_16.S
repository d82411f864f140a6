// SPDX-License-Identifier: BSD-2-Clause
/* A number in 16 bits. run() returns 42. */
        .globl external_number
        .text
        .globl run
        .type run, @function
run:    movzwl field(%rip), %eax
        ret
        .size run, . - run
        .section .rodata
field:  .reloc field, R_X86_64_16, external_number
        .short 0
        .section .note.GNU-stack, "", @progbits

// SPDX-License-Identifier: BSD-2-Clause
/* The size of an object, in 32 bits. run() returns 42. */
        .text
        .globl run
        .type run, @function
run:    movl $0, %eax
        addl field(%rip), %eax
        ret
        .size run, . - run
        .section .rodata
field:  .reloc field, R_X86_64_SIZE32, target+2
        .long 0
        .data
        .globl target
target: .skip 40
        .size target, 40
        .section .note.GNU-stack, "", @progbits

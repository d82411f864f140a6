// SPDX-License-Identifier: BSD-2-Clause
/* Loads through the table that may become address computations. run() returns 42. */
        .text
        .globl run
        .type run, @function
run:    movq external_data@GOTPCREL(%rip), %r11
        movl (%r11), %edx
        movq inside@GOTPCREL(%rip), %rcx
        xorl %eax, %eax
        cmpq inside@GOTPCREL(%rip), %rcx
        jne 1f
        cmpl (%rcx), %edx
        jne 1f
        movl %edx, %eax
1:      ret
        .size run, . - run
        .data
        .globl inside
inside: .long 42
        .section .note.GNU-stack, "", @progbits

// SPDX-License-Identifier: BSD-2-Clause
/* Constructors and destructors of every sort. Each appends its letter to trace[]. */
        .macro appender name, letter
        .type \name, @function
\name:  leaq trace(%rip), %rax
        movl length(%rip), %ecx
        movb $\letter, (%rax,%rcx)
        incl length(%rip)
        ret
        .size \name, . - \name
        .endm

        .text
        appender a, 'a'
        appender b, 'b'
        appender c, 'c'
        appender d, 'd'
        appender e, 'e'
        appender f, 'f'
        appender g, 'g'
        appender h, 'h'
        appender i, 'i'

        .section .ctors, "aw", @progbits
        .quad -1, h, g, 0
        .section .init_array, "aw", @init_array
        .quad e, f
        .section .init_array.00200, "aw", @init_array
        .quad d
        .section .ctors.65435, "aw", @progbits // priority 100
        .quad c, b
        .section .init_array.unnumbered, "aw", @init_array
        .quad i
        .section .preinit_array, "aw", @preinit_array
        .quad a
        .section .fini_array, "aw", @fini_array
        .quad a, b
        .section .fini_array.7, "aw", @fini_array
        .quad c
        .section .dtors, "aw", @progbits
        .quad d, e
        .section .dtors.00001, "aw", @progbits // priority 65534
        .quad f, g

        .bss
        .globl trace, length
trace:  .skip 64
length: .skip 4
        .section .note.GNU-stack, "", @progbits

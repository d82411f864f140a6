// SPDX-License-Identifier: BSD-2-Clause
/* Sections of every protection and some odd alignments. */
        .text
        .globl code, peek
code:   movl $42, %eax
        ret
        .balign 8192
        .globl aligned_code
aligned_code: ret

        .section .rodata
        .globl constant
constant: .long 42
        .section .data.rel.ro.local, "aw", @progbits
        .balign 8
        .globl table
table:  .quad code
        .data
        .balign 256
        .globl variable
variable: .long 42
        .byte 0xb8, 0x2a, 0, 0, 0, 0xc3
        .bss
        .balign 128
        .globl zeros
zeros:  .skip 10000

        .section counters, "aw", @progbits
        .long 1, 2, 3
        .section empty_set, "aw", @progbits
        .text
        .globl count_counters
        .type count_counters, @function
count_counters:
        leaq __stop_counters(%rip), %rax
        leaq __start_counters(%rip), %rcx
        subq %rcx, %rax
        leaq __stop_empty_set(%rip), %rdx
        leaq __start_empty_set(%rip), %rcx
        subq %rcx, %rdx
        addq %rdx, %rax
        cmpq $0, __start_no_such_set@GOTPCREL(%rip)
        je 1f
        xorl %eax, %eax
1:      ret
        .size count_counters, . - count_counters
        .weak __start_no_such_set
        .globl own_base
        .type own_base, @function
own_base:
        leaq __dso_handle(%rip), %rax
        ret
        .size own_base, . - own_base
        .section .note.GNU-stack, "", @progbits

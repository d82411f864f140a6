// SPDX-License-Identifier: BSD-2-Clause
/* A bit of everything that an object can hold; the good object that others are made bad from. run() returns 42. */
        .text
        .globl run
        .type run, @function
run:    .cfi_startproc
        subq $8, %rsp
        .cfi_adjust_cfa_offset 8
        call external_function@PLT
        movq pointer(%rip), %rcx
        cmpl (%rcx), %eax
        jne 1f
        movq optional@GOTPCREL(%rip), %rcx
        testq %rcx, %rcx
        jne 1f
        addl shared_counter(%rip), %eax
        addl zeros+96(%rip), %eax
        call grouped
        addq $8, %rsp
        .cfi_adjust_cfa_offset -8
        ret
1:      xorl %eax, %eax
        addq $8, %rsp
        ret
        .cfi_endproc
        .size run, . - run

        .type constructor, @function
constructor:
        .cfi_startproc
        incl constructed(%rip)
        ret
        .cfi_endproc
        .size constructor, . - constructor

        .weak optional
        .comm shared_counter, 4, 4
        .globl absolute
absolute = 0x1234

        .section .text.grouped, "axG", @progbits, grouped, comdat
        .weak grouped
        .hidden grouped
        .type grouped, @function
grouped:
        .cfi_startproc
        ret
        .cfi_endproc
        .size grouped, . - grouped

        .section .rodata
        .globl answer
        .type answer, @object
answer: .long 42
        .size answer, 4
        .section .rodata.str1.1, "aMS", @progbits, 1
        .string "merged"

        .section .data.rel.ro, "aw", @progbits
        .balign 8
pointer: .quad answer

        .data
        .globl kmod_info
kmod_info: .long 1

        .bss
        .balign 64
zeros:  .skip 100
constructed: .skip 4

        .section .init_array, "aw", @init_array
        .balign 8
        .quad constructor

        .section .note.gnu.build-id, "a", @note
        .balign 4
        .long 4, 20, 3
        .string "GNU"
        .byte 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20

        .section .note.GNU-stack, "", @progbits

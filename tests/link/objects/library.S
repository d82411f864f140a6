// SPDX-License-Identifier: BSD-2-Clause
/* A kext that others link against. */
        .text
        .globl library_add
        .type library_add, @function
library_add:
        leal (%rdi,%rsi), %eax
        ret
        .size library_add, . - library_add

        .globl library_hidden
        .hidden library_hidden
        .type library_hidden, @function
library_hidden:
        nop
inner_label:
        nop
        ret
        .size library_hidden, . - library_hidden

        .type library_static, @function
library_static:
        nop
        nop
        ret
        .size library_static, . - library_static

        .weak library_weak
        .type library_weak, @function
library_weak:
        movl $7, %eax
        ret
        .size library_weak, . - library_weak

        .globl library_protected
        .protected library_protected
        .type library_protected, @function
library_protected:
        ret
        .size library_protected, . - library_protected

        .data
        .globl library_data
        .type library_data, @object
library_data: .long 40
        .size library_data, 4
        .globl kmod_info
kmod_info: .long 0
        .globl library_number
library_number = 2
        .comm library_common, 24, 32
        .section .note.GNU-stack, "", @progbits

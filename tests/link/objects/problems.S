// SPDX-License-Identifier: BSD-2-Clause
/* Every problem that resolving can meet, all in one object. */
        .text
        .globl run
        .type run, @function
run:    call missing_one
        call missing_one
        .size run, . - run
        .type other, @function
other:  call missing_one
        leaq missing_two(%rip), %rax
        call vnode_gett
        call undeclared_function
        call undeclared_too
        movq evolving_data@GOTPCREL(%rip), %rax
        call old_function
        call slow_function
        call _printf
        ret
        .size other, . - other
        .weak optional
        .data
        .quad missing_three, optional
        .globl external_function
external_function: .quad 0
        .section .note.GNU-stack, "", @progbits

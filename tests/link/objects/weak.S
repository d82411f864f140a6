// SPDX-License-Identifier: BSD-2-Clause
/* A weak reference that is called when it is there, and one to a weak definition of the kext's own. */
        .text
        .globl run
        .type run, @function
run:    subq $8, %rsp
        movq optional@GOTPCREL(%rip), %rax
        cmpq marker@GOTPCREL(%rip), %rax
        je 1f
        testq %rax, %rax
        je 1f
        call optional@PLT
        addq $8, %rsp
        ret
1:      movl $1, %eax
        addq $8, %rsp
        ret
        .size run, . - run
        .weak optional
        .weak marker
        .section .note.GNU-stack, "", @progbits

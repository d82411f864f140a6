// SPDX-License-Identifier: BSD-2-Clause
/* Indirect calls and jumps that may become direct, and a comparison that may not. run() returns 42. */
        .text
        .globl run
        .type run, @function
run:    subq $8, %rsp
        call *external_function@GOTPCREL(%rip)
        cmpl $42, %eax
        jne 1f
        call *inside@GOTPCREL(%rip)
        addq $8, %rsp
        jmp *tail@GOTPCREL(%rip)
1:      addq $8, %rsp
        xorl %eax, %eax
        ret
        .size run, . - run

        .globl inside
        .type inside, @function
inside: movl $43, %eax
        ret
        .size inside, . - inside

        .globl tail
        .type tail, @function
tail:   subl $1, %eax
        movl external_data@GOTPCREL(%rip), %ecx
        cmpl %ecx, external_data@GOTPCREL(%rip)
        je 1f
        xorl %eax, %eax
1:      ret
        .size tail, . - tail
        .section .note.GNU-stack, "", @progbits

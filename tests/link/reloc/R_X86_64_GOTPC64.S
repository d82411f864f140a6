// SPDX-License-Identifier: BSD-2-Clause
/* The table itself, in the large model. run() returns 42. */
        .text
        .globl run
        .type run, @function
run:    leaq run(%rip), %rdx
        movabsq $_GLOBAL_OFFSET_TABLE_ - run, %r11
        addq %r11, %rdx
        movabsq $external_data@GOT, %rax
        movq (%rdx,%rax), %rax
        movl (%rax), %eax
        ret
        .size run, . - run
        .section .note.GNU-stack, "", @progbits

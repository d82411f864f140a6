// SPDX-License-Identifier: BSD-2-Clause
/*
 * Two groups; the test gives the second the first one's signature and its function the first one's name, so that one
 * must go. run() returns 42 from the copy that stays.
 */
        .text
        .globl run
        .type run, @function
run:    .cfi_startproc
        subq $8, %rsp
        call copy_b
        addq $8, %rsp
        ret
        .cfi_endproc
        .size run, . - run

        .section .text.copy_a, "axG", @progbits, signature_a, comdat
        .weak signature_a
        .weak copy_a
        .type copy_a, @function
signature_a:
copy_a: .cfi_startproc
        movl $42, %eax
        ret
        .cfi_endproc
        .size copy_a, . - copy_a

        .section .text.copy_b, "axG", @progbits, signature_b, comdat
        .weak signature_b
        .weak copy_b
        .type copy_b, @function
signature_b:
copy_b: .cfi_startproc
        movl $1, %eax
        ret
        .cfi_endproc
        .size copy_b, . - copy_b
        .section .note.GNU-stack, "", @progbits

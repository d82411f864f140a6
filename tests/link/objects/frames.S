// SPDX-License-Identifier: BSD-2-Clause
/* Call-frame information in two sections of one name, the second aligned more strictly than the first is long. */
        .text
        .globl run
        .type run, @function
run:    .cfi_startproc
        movl $42, %eax
        ret
        .cfi_endproc
        .size run, . - run

        .section .text.member, "axG", @progbits, member, comdat
        .globl member
member: ret

        .section .eh_frame, "aG", @progbits, member, comdat
        .balign 32
        .long 12, 0
        .byte 1, 0, 1, 0x78, 0x10, 0x0c, 7, 8
        .section .note.GNU-stack, "", @progbits

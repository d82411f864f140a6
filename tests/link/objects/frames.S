// SPDX-License-Identifier: BSD-2-Clause
/* Call-frame information in two sections of one name, the second aligned more strictly than the first is long. */
        .text
        .globl run
run:    movl $42, %eax
        ret

        .section .text.member, "axG", @progbits, member
        .globl member
member: ret

        .section .eh_frame, "a", @progbits
        .long 12, 0
        .byte 1, 0, 1, 0x78, 0x10, 0x0c, 7, 8

        .section .eh_frame, "aG", @progbits, member
        .balign 32
        .long 12, 0
        .byte 1, 0, 1, 0x78, 0x10, 0x0c, 7, 8
        .section .note.GNU-stack, "", @progbits

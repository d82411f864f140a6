// SPDX-License-Identifier: BSD-2-Clause
/* The executables of three kexts of tests/kext, as bytes. */
        .section .rodata
        .balign 16
        .globl  test_library_object, test_library_end
test_library_object:
        .incbin LIBRARY
test_library_end:
        .balign 16
        .globl  test_user_object, test_user_end
test_user_object:
        .incbin USER
test_user_end:
        .balign 16
        .globl  test_spoiler_object, test_spoiler_end
test_spoiler_object:
        .incbin SPOILER
test_spoiler_end:
        .section .note.GNU-stack, "", @progbits

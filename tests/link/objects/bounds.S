// SPDX-License-Identifier: BSD-2-Clause
/* One narrow field of each kind, each for a symbol that the test puts at the edge of what fits. */
        .globl at_16, at_32, at_32s, at_8, at_pc16, at_pc32, at_pc8
        .data
9:      .reloc 9b, R_X86_64_32, at_32
        .long 0
9:      .reloc 9b, R_X86_64_32S, at_32s
        .long 0
9:      .reloc 9b, R_X86_64_16, at_16
        .short 0
9:      .reloc 9b, R_X86_64_8, at_8
        .byte 0, 0
        .globl pc_32, pc_16, pc_8
pc_32:  .reloc pc_32, R_X86_64_PC32, at_pc32
        .long 0
pc_16:  .reloc pc_16, R_X86_64_PC16, at_pc16
        .short 0
pc_8:   .reloc pc_8, R_X86_64_PC8, at_pc8
        .byte 0
        .section .note.GNU-stack, "", @progbits

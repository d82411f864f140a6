// SPDX-License-Identifier: BSD-2-Clause
/*
 * The edge kinds of x86-64: what a field is set to, as what type, and what can go wrong. Letters in the
 * expressions:
 *
 *      S    address of the target                     P    address of the field
 *      A    the edge's addend                         Z    size of the target
 *      GOT  address of the global offset table        G    address of the target's slot in it
 *      L    address of the target's stub, or S when it needs none
 *
 * Sums are taken modulo 2^64 and then read as the result type; a result that does not fit is the error "out
 * of range". Kinds without an error fill 64 bits.
 *
 * Owns: nothing. Locks: none. Callers: elf/elf_relocations.c makes edges, synthesise.c turns requests into
 * what they need, fixup.c applies them.
 */
#ifndef KXLD_X86_64_INTERNAL_H
#define KXLD_X86_64_INTERNAL_H

enum kxld_edge_x86_64 {
    /* Absolute addresses.
     *   ABS64         S + A : uint64
     *   ABS32         S + A : uint32, zero-extended by the instruction. Error: an image beyond 4 GiB
     *   ABS32_SIGNED  S + A : int32, sign-extended by the instruction. Error: an image beyond 2 GiB
     *   ABS16, ABS8   S + A : as many bits, signed or not. Error: neither fits */
    KXLD_EDGE_X86_64_ABS64,
    KXLD_EDGE_X86_64_ABS32,
    KXLD_EDGE_X86_64_ABS32_SIGNED,
    KXLD_EDGE_X86_64_ABS16,
    KXLD_EDGE_X86_64_ABS8,

    /* Distances.
     *   DELTA64            S + A - P : int64
     *   DELTA32, 16, 8     S + A - P : int of so many bits. Error: too far. A DELTA32 to a function outside
     * that is too far becomes STUB_DELTA32; one to data outside cannot be helped BRANCH32           L + A - P
     * : int32. The field of a call or jump. Error: the stub is too far, which cannot be in an image of legal
     * size */
    KXLD_EDGE_X86_64_DELTA64,
    KXLD_EDGE_X86_64_DELTA32,
    KXLD_EDGE_X86_64_DELTA16,
    KXLD_EDGE_X86_64_DELTA8,
    KXLD_EDGE_X86_64_BRANCH32,

    /* Sizes.
     *   SIZE64  Z + A : uint64
     *   SIZE32  Z + A : uint32. Error: larger than that */
    KXLD_EDGE_X86_64_SIZE64,
    KXLD_EDGE_X86_64_SIZE32,

    /* Slots of the global offset table, one per target, holding S.
     *   GOT_DELTA32            G + A - P : int32
     *   GOT_DELTA32_RELAX      the same, the operand of an instruction that may be rewritten when the target
     * turns out to be near: mov to lea, indirect call and jump to direct ones GOT_DELTA32_RELAX_REX  the
     * same, behind a REX prefix: only mov is rewritten GOT_DELTA64            G + A - P : int64 GOT_OFFSET32
     * G + A - GOT : int32. Error: a table larger than that GOT_OFFSET64           G + A - GOT : int64 */
    KXLD_EDGE_X86_64_GOT_DELTA32,
    KXLD_EDGE_X86_64_GOT_DELTA32_RELAX,
    KXLD_EDGE_X86_64_GOT_DELTA32_RELAX_REX,
    KXLD_EDGE_X86_64_GOT_DELTA64,
    KXLD_EDGE_X86_64_GOT_OFFSET32,
    KXLD_EDGE_X86_64_GOT_OFFSET64,

    /* The table itself.
     *   FROM_GOT64       S + A - GOT : int64
     *   STUB_FROM_GOT64  L + A - GOT : int64
     *   GOT_BASE_DELTA32 GOT + A - P : int32
     *   GOT_BASE_DELTA64 GOT + A - P : int64 */
    KXLD_EDGE_X86_64_FROM_GOT64,
    KXLD_EDGE_X86_64_STUB_FROM_GOT64,
    KXLD_EDGE_X86_64_GOT_BASE_DELTA32,
    KXLD_EDGE_X86_64_GOT_BASE_DELTA64,

    /* Made by synthesise only.
     *   STUB_DELTA32  L + A - P : int32
     *   LEA32         S + A - P : int32, and the opcode before becomes lea
     *   CALL32        S + A - P : int32, and the two opcode bytes before become a direct call with a prefix
     *   JUMP32        S + A - P + 1 : int32, one byte before the field; the opcode before becomes a direct
     * jump, and the byte left over a nop */
    KXLD_EDGE_X86_64_STUB_DELTA32,
    KXLD_EDGE_X86_64_LEA32,
    KXLD_EDGE_X86_64_CALL32,
    KXLD_EDGE_X86_64_JUMP32,

    KXLD_N_EDGES_X86_64,
};

#define KXLD_X86_64_GOT_SLOT 8u
#define KXLD_X86_64_STUB     8u

#endif

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The edge kinds of x86-64: what a field is set to, as what type, and what can go wrong. Letters in the
 * expressions:
 *
 *      S    address of the target              P    address of the field
 *      A    the edge's addend                  Z    size of the target
 *      GOT  address of the global offset table
 *      G    address of the target's slot in it
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
    /* ---- absolute addresses ---- */

    /* S + A : uint64 */
    KXLD_EDGE_X86_64_ABS64,
    /* S + A : uint32, zero-extended by the instruction. Error: beyond 4 GiB. */
    KXLD_EDGE_X86_64_ABS32,
    /* S + A : int32, sign-extended by the instruction. Error: neither in the lowest nor in the highest 2 GiB.
     */
    KXLD_EDGE_X86_64_ABS32_SIGNED,
    /* S + A : 16 bits, with or without a sign. Error: fits neither way. */
    KXLD_EDGE_X86_64_ABS16,
    /* S + A : 8 bits, with or without a sign. Error: fits neither way. */
    KXLD_EDGE_X86_64_ABS8,

    /* ---- distances ---- */

    /* S + A - P : int64 */
    KXLD_EDGE_X86_64_DELTA64,
    /*
     * S + A - P : int32. Error: too far. When the field only gets at a function outside (lea, call, jump) and
     * that is far, synthesise makes it STUB_DELTA32; a load or store outside cannot be helped.
     */
    KXLD_EDGE_X86_64_DELTA32,
    /* S + A - P : int16. Error: too far. */
    KXLD_EDGE_X86_64_DELTA16,
    /* S + A - P : int8. Error: too far. */
    KXLD_EDGE_X86_64_DELTA8,
    /* L + A - P : int32, the field of a call or jump. Error: too far, which an image of legal size is not. */
    KXLD_EDGE_X86_64_BRANCH32,

    /* ---- sizes ---- */

    /* Z + A : uint64 */
    KXLD_EDGE_X86_64_SIZE64,
    /* Z + A : uint32. Error: larger than that. */
    KXLD_EDGE_X86_64_SIZE32,

    /* ---- slots of the global offset table: one for each target, holding S ---- */

    /* G + A - P : int32. Error: too far, which an image of legal size is not. */
    KXLD_EDGE_X86_64_GOT_DELTA32,
    /*
     * The same, as the operand of an instruction that synthesise rewrites when the target is near: a load
     * becomes LEA32, an indirect call CALL32, an indirect jump JUMP32. Other instructions keep the slot.
     */
    KXLD_EDGE_X86_64_GOT_DELTA32_RELAX,
    /* The same, behind a REX prefix: only loads are rewritten. */
    KXLD_EDGE_X86_64_GOT_DELTA32_RELAX_REX,
    /* G + A - P : int64 */
    KXLD_EDGE_X86_64_GOT_DELTA64,
    /* G + A - GOT : int32. Error: a table larger than that. */
    KXLD_EDGE_X86_64_GOT_OFFSET32,
    /* G + A - GOT : int64 */
    KXLD_EDGE_X86_64_GOT_OFFSET64,

    /* ---- the table itself (these and the two before need it even when it is empty) ---- */

    /* S + A - GOT : int64 */
    KXLD_EDGE_X86_64_FROM_GOT64,
    /* L + A - GOT : int64 */
    KXLD_EDGE_X86_64_STUB_FROM_GOT64,
    /* GOT + A - P : int32. Error: too far, which an image of legal size is not. */
    KXLD_EDGE_X86_64_GOT_BASE_DELTA32,
    /* GOT + A - P : int64 */
    KXLD_EDGE_X86_64_GOT_BASE_DELTA64,

    /* ---- made by synthesise only ---- */

    /* L + A - P : int32. Error: too far, which an image of legal size is not. */
    KXLD_EDGE_X86_64_STUB_DELTA32,
    /* S + A - P : int32, and the opcode before the field becomes that of lea. Error: too far. */
    KXLD_EDGE_X86_64_LEA32,
    /* S + A - P : int32, and the two bytes before become a prefix and a direct call. Error: too far. */
    KXLD_EDGE_X86_64_CALL32,
    /*
     * S + A - P + 1 : int32, written one byte before the field; the opcode becomes that of a direct jump and
     * the byte left over a nop. Error: too far.
     */
    KXLD_EDGE_X86_64_JUMP32,

    KXLD_N_EDGES_X86_64,
};

#define KXLD_X86_64_GOT_SLOT 8u
#define KXLD_X86_64_STUB     8u

#endif

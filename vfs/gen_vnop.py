#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Makes the operation descriptors, the dispatch functions VNOP_X(), the checking variants of calls that may sleep, and
docs/locking.md and docs/man/vnops.9 of vnop.contract.

usage: gen_vnop.py CONTRACT [--desc FILE.c] [--dispatch FILE.c] [--variants FILE.S] [--doc FILE.md] [--man FILE.9] [--check]
The format is described at the head of the contract. An inconsistent contract is an error naming the line.
"""
import argparse
import io
import re
import sys
import textwrap

STATES = {
    ("I", "I", "I"): "VNOP_ARG_HELD",
    ("I?", "I?", "I?"): "VNOP_ARG_HELD_OR_NULL",
    ("-", "R", "-"): "VNOP_ARG_RETURNED",
}
CONSUMED = {"-": None, "file": "VNOP_RECLAIMS"}  # the trait that checks it
MAX_RULES = 4
TRAITS = {("uses", "free"): "VNOP_USES_FREE", ("locks", "any"): "VNOP_LOCKS_ANY"}
CALL_WORDS = {"blocks", "waitok", "nolocks", "nolast", "own"}


class ContractError(Exception):
    pass


class Op:
    def __init__(self, name, described):
        self.name, self.described = name, described
        self.args = []   # (C type, name)
        self.rules = []  # (argument, rule)
        self.states = []  # (argument, at the call, after success, after an error, consumed)
        self.traits = []  # VNOP_* flags
        self.moves = []  # arguments
        self.then = None  # a function of vfs/
        self.notes = []

    def vnode_args(self):
        return [name for ctype, name in self.args if ctype in ("vnode_t", "vnode_t *")]

    def check(self):
        if self.described:
            if self.args or self.rules:
                raise ContractError(f"{self.name}: a described operation has no arguments here")
            return
        ruled = [name for name, _ in self.rules]
        if ruled != self.vnode_args():
            raise ContractError(f"{self.name}: rows {ruled} do not match vnode arguments {self.vnode_args()}")
        if not self.args or self.args[0][0] != "vnode_t":
            raise ContractError(f"{self.name}: the first argument is no vnode_t")
        if set(self.moves) - set(self.vnode_args()):
            raise ContractError(f"{self.name}: what moves is no vnode argument: {self.moves}")
        if len(self.rules) > MAX_RULES:
            raise ContractError(f"{self.name}: more than {MAX_RULES} vnode arguments")


class Call:
    def __init__(self, name, words):
        unknown = set(words) - CALL_WORDS
        if not words or unknown or not re.fullmatch(r"\w+", name):
            raise ContractError(f"unknown words {sorted(unknown)}" if unknown else "expected: call NAME WORD...")
        self.name, self.words = name, set(words)
        if self.words & {"nolocks", "nolast"} and "own" not in self.words:
            raise ContractError("what looks at locks is written by hand: own")


def parse(path):
    ops, calls = [], []
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            try:
                if words[0] == "call":
                    calls.append(Call(words[1], words[2:]))
                else:
                    parse_line(words, ops)
            except (ContractError, IndexError, KeyError, TypeError, ValueError) as error:
                raise ContractError(f"{path}:{number}: {line.strip()!r}: {error}") from error
    for op in ops:
        op.check()
    if len({op.name for op in ops}) != len(ops):
        raise ContractError("an operation is there twice")
    if len({call.name for call in calls}) != len(calls):
        raise ContractError("a call is there twice")
    return ops, calls


def parse_line(words, ops):
    if words[0] == "op":
        if words[2:] not in ([], ["described"]) or not re.fullmatch(r"[a-z_]+", words[1]):
            raise ContractError("expected: op NAME [described]")
        ops.append(Op(words[1], words[2:] == ["described"]))
    elif words[0] == "arg":
        ops[-1].args.append((" ".join(words[1:-1]), words[-1]))
    elif words == ["ctx"]:
        ops[-1].args.append(("vfs_context_t", "context"))
    elif words[0] == "%%":
        parse_row(ops[-1], *words[1:])
    elif words[:2] == ["=", "moves"]:
        ops[-1].moves.append(*words[2:])
    elif words[:2] == ["=", "then"]:
        ops[-1].then, = words[2:]
    elif words[0] == "=":
        ops[-1].traits.append(TRAITS[tuple(words[1:])])
    elif words[0] == "!":
        ops[-1].notes.append(" ".join(words[1:]))
    else:
        raise ContractError("unknown line")


def parse_row(op, name, arg, before, success, error, consumed):
    if name != op.name:
        raise ContractError(f"row of another operation ({op.name})")
    rule = STATES[before, success, error]
    if CONSUMED[consumed]:
        if rule != "VNOP_ARG_HELD":
            raise ContractError("of what may be NULL or is returned nothing can be consumed")
        op.traits.append(CONSUMED[consumed])
    op.rules.append((arg, rule))
    op.states.append((arg, before, success, error, consumed))


HEAD = "// Made by vfs/gen_vnop.py from vfs/vnop.contract. Do not edit.\n"


def emit_desc(ops, out):
    out.write(HEAD + '#include "vfs/vnop_internal.h"\n\n')
    for index, op in enumerate(ops, 1):
        out.write(f"struct vnodeop_desc vnop_{op.name}_desc = {{\n")
        out.write(f'    .vdesc_offset = {index},\n    .vdesc_name = "vnop_{op.name}",\n')
        if op.traits:
            out.write(f"    .vdesc_flags = {' | '.join(op.traits)},\n")
        if op.rules:
            out.write(f"    .vdesc_rule_count = {len(op.rules)},\n    .vdesc_rules = {{\n")
            for arg, rule in op.rules:
                moves = "true" if arg in op.moves else "false"
                out.write(f'        {{"{arg}", offsetof(struct vnop_{op.name}_args, a_{arg}), {rule}, {moves}}},\n')
            out.write("    },\n")
        out.write("};\n")
    out.write('struct vnodeop_desc vnop_default_desc = {.vdesc_offset = 0, .vdesc_name = "vnop_default"};\n\n')
    out.write("struct vnodeop_desc *const vnop_descs[] = {\n    &vnop_default_desc,\n")
    for op in ops:
        out.write(f"    &vnop_{op.name}_desc,\n")
    out.write("};\nconst unsigned vnop_desc_count = sizeof(vnop_descs) / sizeof(vnop_descs[0]);\n")


def declare(ctype, name):
    return f"{ctype}{name}" if ctype.endswith("*") else f"{ctype} {name}"


def emit_dispatch(ops, out):
    out.write(HEAD + '#include "vfs/vnop_iface.h"\n#include "vfs/vnop_internal.h"\n')
    for op in ops:
        if op.described:
            continue
        params = ", ".join(declare(ctype, name) for ctype, name in op.args)
        out.write(f"\nerrno_t VNOP_{op.name.upper()}({params})\n{{\n")
        out.write(f"    struct vnop_{op.name}_args args = {{\n        .a_desc = &vnop_{op.name}_desc,\n")
        for _, name in op.args:
            out.write(f"        .a_{name} = {name},\n")
        out.write("    };\n")
        returned = [name for name, rule in op.rules if rule == "VNOP_ARG_RETURNED"]
        for name in returned:
            out.write(f"    *{name} = NULLVP;\n")
        call = f"vnop_call({op.args[0][1]}, &vnop_{op.name}_desc, &args)"
        if op.then:
            call = f"{op.then}(&args, {call})"
        if returned:
            out.write(f"    errno_t error = {call};\n    if (error)\n")
            out.write("".join(f"        *{name} = NULLVP;\n" for name in returned))
            out.write("    return error;\n}\n")
        else:
            out.write(f"    return {call};\n}}\n")


# Registers are saved in the order of the arguments, so that the question can read them. The jump at the end keeps the
# caller's return address and the arguments on the stack where they were.
VARIANT = """
    .globl checked_{name}
    .hidden checked_{name}
    .type checked_{name}, @function
checked_{name}:
    .cfi_startproc
    endbr64
    pushq %rbp
    .cfi_def_cfa_offset 16
    .cfi_offset %rbp, -16
    movq %rsp, %rbp
    .cfi_def_cfa_register %rbp
    pushq %rax
    pushq %rax
    pushq %r9
    pushq %r8
    pushq %rcx
    pushq %rdx
    pushq %rsi
    pushq %rdi
    leaq name_of_{name}(%rip), %rdi
    movq 8(%rbp), %rsi
    movq %rsp, %rdx
    call {question}
    popq %rdi
    popq %rsi
    popq %rdx
    popq %rcx
    popq %r8
    popq %r9
    popq %rax
    popq %rax
    popq %rbp
    .cfi_def_cfa %rsp, 8
    .cfi_restore %rbp
    jmp {name}
    .cfi_endproc
    .size checked_{name}, . - checked_{name}
    .section .rodata.str1.1, "aMS", @progbits, 1
name_of_{name}:
    .asciz "{name}"
    .text
"""


def emit_variants(calls, out):
    out.write(HEAD + "    .text\n")
    for call in calls:
        if "own" not in call.words:
            question = "checked_before_malloc" if "waitok" in call.words else "checked_before_block"
            out.write(VARIANT.format(name=call.name, question=question))
    out.write('    .section .note.GNU-stack, "", @progbits\n')


DOC_HEAD = """# Locks and references

Made by vfs/gen_vnop.py from vfs/vnop.contract, from which the kernel's dispatch and the validator's checks are made too.

File systems lock as they like. VFS holds no lock of its own when it calls an operation, and the validator
(`kextbed start --validate`) checks at each operation, and at each call that a kext makes, what stands here. A finding
names rule, kext, operation and function, and shows the stacks that explain it.

## Every operation

- It may block.
- It returns with exactly the locks that its thread held when it was entered (`lock-at-return`).
- It is entered on a thread that holds none of the file system's own locks (`lock-at-entry`), but where the table says so.
- The calling thread has exactly the iocounts afterwards that the table says (`iocount-left`, `iocount-put`). No operation
  consumes an iocount of its caller's.
- It leaves the usecounts of its own mount's vnodes as they were (`usecount-balance`), but where the table says "free"; what a
  stacked file system holds of the mount below is its own affair.

An iocount column reads: held at the call / after success / after an error. `I` the caller's, all the time; `I?` the same,
or the argument is NULL; `R` a vnode that is returned with one for the caller (`vpp-missing`, `vpp-without-iocount`); `-`
*ARG is NULL (`vpp-on-error`).

What an operation consumes of an argument: `-` nothing, what the caller had it has; `file` the vnode loses its file: no other
reclaim of the mount runs on the thread (`reclaim-recursion`), and the file system keeps neither its node nor a reference of
`vnode_addfsref` there (`fsref-left`).

## Operations

| operation | argument | iocounts | consumed | usecounts | own locks at the call |
|---|---|---|---|---|---|
"""

DOC_CALLS = """
## Calls that a file system makes

A call that may sleep is not made with a spin lock held (`sleep-with-spin-lock`); a mutex that was taken by
`lck_mtx_lock_spin` counts as one until it is converted. A call that may reclaim may enter any file system, the caller's
own as well: none of its locks is held over it (`lock-over-call`).

| call | may sleep | may reclaim |
|---|---|---|
"""

DOC_TAIL = """
## Locks

| rule | what it says |
|---|---|
| `lock-order` | two classes of locks are taken in both orders; a class is all locks that one place made in one group |
| `lock-order-within` | two locks of one class, each of them the same both times, are taken in both orders. Not where both times \
a third one was taken before; and what was seen is forgotten when one of the two is destroyed, and when a directory is \
moved, removed or reclaimed |
| `lock-twice` | a lock is taken by its holder |
| `lock-not-held`, `lock-wrong-release` | it is released by who does not hold it, or holds it otherwise |
| `lock-never-made`, `lock-wrong-kind`, `lock-made-twice` | it was not initialised, as another kind, or again while alive |
| `lock-after-end`, `lock-end-held` | it was destroyed before, or is destroyed while somebody holds it |
| `too-many-locks` | a thread holds more than it can mean to |

## Vnodes

| rule | what it says |
|---|---|
| `vnode-null` | a function is called without a vnode |
| `vnode-after-put` | a vnode is used by the operation that put its last iocount |
| `vnode-after-end` | a vnode without a file is used without an iocount |
| `vnode-unreferenced`, `usecount-put` | `vnode_ref` without any reference; `vnode_rele` of what no kext took |
| `fsref-twice`, `fsref-none`, `fsref-left` | `vnode_addfsref` and `vnode_removefsref` do not come in pairs by the end of a reclaim |
| `reclaim-recursion` | a reclaim runs inside another reclaim of the same thread |
| `caller-without-iocount` | an operation is called for a vnode of which nobody has an iocount |

## Exceptions

A finding that has been looked at and is allowed goes into a file (`--exceptions FILE`), one line each:

    RULE KEXT FUNCTION REASON...

`KEXT` and `FUNCTION` may be `*`. The reason is not optional. What nothing needed is reported when the kernel process
ends. A finding after which nothing could go on (a lock that is taken by its holder) is a panic all the same.
"""


def doc_rows(ops):
    for op in ops:
        uses = "free" if "VNOP_USES_FREE" in op.traits else "kept"
        locks = "any" if "VNOP_LOCKS_ANY" in op.traits else "none"
        for number, (arg, before, success, error, consumed) in enumerate(op.states):
            name = f"`{op.name}`" if number == 0 else ""
            rest = f"{uses} | {locks}" if number == 0 else " | "
            yield f"| {name} | {arg} | {before} / {success} / {error} | {consumed} | {rest} |\n"


def emit_doc(ops, calls, out):
    out.write(DOC_HEAD)
    out.writelines(doc_rows(ops))
    moves = [f"`{op.name}` {' and '.join(op.moves)}" for op in ops if op.moves]
    out.write("\nDirectories may lie elsewhere, or be gone, after these with a directory as argument: " + ", ".join(moves) +
              ". The order in which their locks\nare taken may be another then.\n\n")
    for op in ops:
        if op.notes:
            out.write(f"- `{op.name}`: {' '.join(op.notes)}\n")
    out.write(DOC_CALLS)
    for call in calls:
        sleeps = "yes" if "blocks" in call.words else "unless M_NOWAIT" if "waitok" in call.words else "no"
        reclaims = "yes" if "nolocks" in call.words else "with the last iocount" if "nolast" in call.words else ""
        out.write(f"| `{call.name}` | {sleeps} | {reclaims} |\n")
    out.write(DOC_TAIL)


MAN_HEAD = """.\\" SPDX-License-Identifier: BSD-2-Clause
.\\" Made by vfs/gen_vnop.py from vfs/vnop.contract. Do not edit.
.Dd $Mdocdate$
.Dt VNOPS 9
.Os
.Sh NAME
.Nm vnops
.Nd the vnode operations of a file system, and their contract
.Sh SYNOPSIS
.In sys/vnode_if.h
.Sh DESCRIPTION
A file system names the operations that it has in a vector of descriptors,
.Va vnop_X_desc ,
each with a function that takes a
.Vt struct vnop_X_args .
What stands here is what a caller and a file system owe each other.
The validator of
.Xr kextbed 8
checks it.
.Pp
VFS holds no lock of its own over an operation.
An operation may block, returns with exactly the locks that its thread held
when it was entered, and consumes no iocount of its caller's.
It is not entered on a thread that holds locks of the same file system, and
leaves usecounts as they were, but where something else is said.
A vnode that it returns has one iocount for the caller; on an error the pointer
is
.Dv NULL .
.Bl -tag -width Ds
"""

MAN_STATES = {
    "VNOP_ARG_HELD": "The caller has an iocount on\n.Fa a_{arg} ,\nbefore and after; {consumed}.\n",
    "VNOP_ARG_HELD_OR_NULL":
        "The caller has an iocount on\n.Fa a_{arg} ,\nbefore and after, or it is\n.Dv NULL ;\n{consumed}.\n",
    "VNOP_ARG_RETURNED":
        ".Fa *a_{arg}\nis a vnode with one iocount, the caller's to put, after success, and\n.Dv NULL\n"
        "before and after an error.\n",
}
MAN_CONSUMED = {"-": "nothing of it is consumed", "file": "its file is consumed"}
MAN_TRAITS = {
    "VNOP_USES_FREE": "Usecounts may be others afterwards.\n",
    "VNOP_LOCKS_ANY": "It may be called on a thread that holds locks of the file system.\n",
    "VNOP_RECLAIMS": "No other reclaim runs on the thread, and no reference of\n.Fn vnode_addfsref\nis left afterwards.\n",
}


def emit_man(ops, out):
    out.write(MAN_HEAD)
    for op in ops:
        if op.described:
            continue
        out.write(f".It Fn vnop_{op.name} " + " ".join(f'"{declare(*arg)}"' for arg in op.args) + "\n")
        for (arg, rule), state in zip(op.rules, op.states):
            out.write(MAN_STATES[rule].format(arg=arg, consumed=MAN_CONSUMED[state[-1]]))
        for arg in op.moves:
            out.write(f"Where\n.Fa a_{arg}\nis a directory, directories may lie elsewhere or be gone afterwards.\n")
        out.writelines(MAN_TRAITS[trait] for trait in op.traits)
        for sentence in re.split(r"(?<=[.;:]) +", " ".join(op.notes)):
            for line in textwrap.wrap(sentence, 78):
                out.write(("\\&" if line[0] in ".'" else "") + line + "\n")
    out.write(".El\n.Sh SEE ALSO\n.Xr kextbed 8\n")


def emit_all_docs(ops, calls, doc, man):
    emit_doc(ops, calls, doc)
    emit_man(ops, man)


def docs_are_current(ops, calls, doc_path, man_path):
    doc, man = io.StringIO(), io.StringIO()
    emit_all_docs(ops, calls, doc, man)
    with open(doc_path, encoding="utf-8") as doc_file, open(man_path, encoding="utf-8") as man_file:
        return doc_file.read() == doc.getvalue() and man_file.read() == man.getvalue()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("contract")
    for option in ("--desc", "--dispatch", "--variants", "--doc", "--man"):
        parser.add_argument(option)
    parser.add_argument("--check", action="store_true", help="compare --doc and --man with what would be made")
    args = parser.parse_args()
    try:
        ops, calls = parse(args.contract)
    except ContractError as error:
        print(f"gen_vnop: {error}", file=sys.stderr)
        return 1
    for path, emit in ((args.desc, lambda out: emit_desc(ops, out)), (args.dispatch, lambda out: emit_dispatch(ops, out)),
                       (args.variants, lambda out: emit_variants(calls, out)),
                       (args.doc, lambda out: emit_doc(ops, calls, out)), (args.man, lambda out: emit_man(ops, out))):
        if path and not args.check:
            with open(path, "w", encoding="utf-8") as out:
                emit(out)
    if args.check and not docs_are_current(ops, calls, args.doc, args.man):
        print(f"gen_vnop: {args.doc} or {args.man} is out of date: make them again", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

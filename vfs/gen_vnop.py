#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Makes the operation descriptors and the dispatch functions VNOP_X() of vnop.contract.

usage: gen_vnop.py CONTRACT --desc FILE.c --dispatch FILE.c
The format is described at the head of the contract. An inconsistent contract is an error naming the line.
"""
import argparse
import re
import sys

STATES = {
    ("I", "I", "I"): "VNOP_ARG_HELD",
    ("I?", "I?", "I?"): "VNOP_ARG_HELD_OR_NULL",
    ("-", "R", "-"): "VNOP_ARG_RETURNED",
}
MAX_RULES = 4


class ContractError(Exception):
    pass


class Op:
    def __init__(self, name, described):
        self.name, self.described = name, described
        self.args = []   # (C type, name)
        self.rules = []  # (argument, rule)

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
        if len(self.rules) > MAX_RULES:
            raise ContractError(f"{self.name}: more than {MAX_RULES} vnode arguments")


def parse(path):
    ops = []
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            words = line.split()
            if not words or words[0].startswith("#") or words[0] == "!":
                continue
            try:
                parse_line(words, ops)
            except (ContractError, IndexError, KeyError, ValueError) as error:
                raise ContractError(f"{path}:{number}: {line.strip()!r}: {error}") from error
    for op in ops:
        op.check()
    if len({op.name for op in ops}) != len(ops):
        raise ContractError("an operation is there twice")
    return ops


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
        _, name, arg, *states = words
        if name != ops[-1].name:
            raise ContractError(f"row of another operation ({ops[-1].name})")
        ops[-1].rules.append((arg, STATES[tuple(states)]))
    else:
        raise ContractError("unknown line")


HEAD = "// Made by vfs/gen_vnop.py from vfs/vnop.contract. Do not edit.\n"


def emit_desc(ops, out):
    out.write(HEAD + '#include "vfs/vnop_internal.h"\n\n')
    for index, op in enumerate(ops, 1):
        out.write(f"struct vnodeop_desc vnop_{op.name}_desc = {{\n")
        out.write(f'    .vdesc_offset = {index},\n    .vdesc_name = "vnop_{op.name}",\n')
        if op.rules:
            out.write(f"    .vdesc_rule_count = {len(op.rules)},\n    .vdesc_rules = {{\n")
            for arg, rule in op.rules:
                out.write(f'        {{"{arg}", offsetof(struct vnop_{op.name}_args, a_{arg}), {rule}}},\n')
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
        if returned:
            out.write(f"    errno_t error = {call};\n    if (error)\n")
            out.write("".join(f"        *{name} = NULLVP;\n" for name in returned))
            out.write("    return error;\n}\n")
        else:
            out.write(f"    return {call};\n}}\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("contract")
    parser.add_argument("--desc", required=True)
    parser.add_argument("--dispatch", required=True)
    args = parser.parse_args()
    try:
        ops = parse(args.contract)
    except ContractError as error:
        print(f"gen_vnop: {error}", file=sys.stderr)
        return 1
    for path, emit in ((args.desc, emit_desc), (args.dispatch, emit_dispatch)):
        with open(path, "w", encoding="utf-8") as out:
            emit(ops, out)
    return 0


if __name__ == "__main__":
    sys.exit(main())

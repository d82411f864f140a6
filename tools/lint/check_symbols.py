#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Checks the linked kernel object: undefined in it are host calls and compiler helpers alone, visible in it are the
entry points alone.

usage: check_symbols.py NM KERNEL_OBJECT
"""
import re
import subprocess
import sys

UNDEFINED = re.compile(r"host_\w+|mem(cpy|move|set|cmp)|_GLOBAL_OFFSET_TABLE_|__(u?(div|mod|mul)\w+)")
VISIBLE = re.compile(r"(sys|kext_control|ktest_suite)_\w+")


def names(tool, flag, path):
    text = subprocess.run([tool, flag, "--extern-only", path], check=True, capture_output=True, text=True).stdout
    return [line.split()[-1] for line in text.splitlines() if line.strip()]


def main(tool, path):
    undefined = [n for n in names(tool, "--undefined-only", path) if not UNDEFINED.fullmatch(n)]
    visible = names(tool, "--defined-only", path)
    stray = [n for n in visible if not VISIBLE.fullmatch(n)]
    for name in undefined:
        print(f"{path}: {name} is undefined: kernel-side code may call host_* only")
    for name in stray:
        print(f"{path}: {name} is visible: only entry points may be")
    if not visible:
        print(f"{path}: no entry point is visible")
    print(f"{len(visible)} entry points, {len(undefined)} wrong undefined, {len(stray)} wrong visible")
    return 1 if undefined or stray or not visible else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))

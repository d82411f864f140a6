#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Reads `kextbed status --json` of a kernel process that has nothing mounted and nothing loaded, and says whether
anything was left behind. Exit 1 if so."""
import json
import sys

# What must be nothing at the end; the kernel half's own memory and vnodes of its root stay.
MUST_BE_ZERO = ("iocounts", "usecounts", "mounts", "file_systems", "open_files", "kext_bytes", "kext_allocations",
                "threads", "kexts", "image_bytes")


def main(path):
    with open(path, encoding="utf-8") as status:
        counters = json.load(status)["counters"]
    left = {name: counters[name] for name in MUST_BE_ZERO if counters[name]}
    for name, value in left.items():
        print(f"left behind: {name} {value}")
    if not left:
        print("Left behind: nothing (no reference, no vnode, no byte of kext memory, no mount).")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

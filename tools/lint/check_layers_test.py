#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Proves that check_layers.py fires: plants one violation of each kind and expects it to be named."""
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.abspath(os.path.join(HERE, "..", ".."))

CLEAN = [("vfs/mount_table.c", ["vfs/mount_internal.h", "kern/kern_iface.h", "include/sys/mount.h"]),
         ("fusehost/main.c", ["/usr/include/stdio.h", "vfs/syscalls.h", "host/host.h"])]
PLANTED = [
    ("vfs/mount_table.c", "/usr/include/stdio.h", "libc header"),
    ("vfs/mount_table.c", "host/host.h", "not below this folder"),
    ("vfs/mount_table.c", "kern/uio_internal.h", "not below this folder"),
    ("kern/memory.c", "vfs/vfs_iface.h", "not below this folder"),
    ("kxld/kxld_link.c", "kern/kern_iface.h", "not an interface"),
    ("fusehost/main.c", "vfs/vnode_internal.h", "not an interface"),
    ("fusehost/main.c", "include/sys/mount.h", "kernel's include/"),
    ("fs-samples/memfs/memfs_vnops.c", "vfs/vnode_internal.h", "own folder only"),
    ("libkext/bundle.c", "vfs/syscalls.h", "not an interface"),
]


def check(build, rows):
    with tempfile.NamedTemporaryFile("w", suffix=".deps", delete=False) as log:
        for number, (source, headers) in enumerate(rows):
            log.write(f"o{number}.o: #deps {len(headers)}, deps mtime 1 (VALID)\n    {ROOT}/{source}\n")
            for header in headers:
                log.write(f"    {header if header.startswith('/') else os.path.join(ROOT, header)}\n")
            log.write("\n")
    try:
        return subprocess.run([sys.executable, os.path.join(HERE, "check_layers.py"), build, "--deps", log.name],
                              capture_output=True, text=True, check=False)
    finally:
        os.unlink(log.name)


def main():
    with tempfile.TemporaryDirectory() as build:
        clean = check(build, CLEAN)
        if clean.returncode != 0:
            print("a clean log was refused:", clean.stdout)
            return 1
        for source, header, expected in PLANTED:
            result = check(build, CLEAN + [(source, [header])])
            if result.returncode != 1 or expected not in result.stdout or header not in result.stdout:
                print(f"planted {source} -> {header}: expected '{expected}', got:\n{result.stdout}")
                return 1
    print(f"{len(PLANTED)} planted violations found")
    return 0


if __name__ == "__main__":
    sys.exit(main())

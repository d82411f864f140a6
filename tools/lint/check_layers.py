#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Checks who may include what, against the real dependency log of a Ninja build.

Transitive includes and shadowed system headers count, because the log holds what the compiler really opened.
usage: check_layers.py BUILD_DIR [--deps FILE]     FILE replaces `ninja -t deps` (the check's own test uses it)
"""
import os
import re
import subprocess
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
KERNEL_FOLDERS = ("kern", "validate", "vfs", "ubc", "buf", "kext", "kxld")
# Which folders' *_iface.h a kernel folder may read. vfs, ubc and buf call each other both ways.
IFACE_FROM = {
    "kern": (),
    "validate": ("kern",),
    "vfs": ("kern", "validate", "ubc", "buf"),
    "ubc": ("kern", "validate", "vfs", "buf"),
    "buf": ("kern", "validate", "vfs", "ubc"),
    "kext": ("kern", "validate", "vfs"),
    "kxld": (),
}
# Headers that both sides of the house read.
SHARED = {
    "kern": ("host/host.h",),
    "validate": (),
    "vfs": ("vfs/syscalls.h",),
    "ubc": ("host/host.h",),
    "buf": ("host/host.h", "host/disk.h"),
    "kext": ("host/host.h", "kxld/kxld.h", "libkext/wire.h"),
    "kxld": (),
}
# Locks that are embedded in other folders' structures carry the host's storage inside; those folders see its layout
# through this header, but may not include the host's header themselves.
EMBEDS_HOST = "kern/lock_iface.h"

HOST_MAY_READ = {
    "host": (),
    "kxld": (),  # also built as a plain library, for tests, fuzzing and dry runs
    "libkext": (),
    "fusehost": ("vfs/syscalls.h", "kext/kext_control.h", "host/host.h", "host/disk.h",
                 "host/testdisk/", "libkext/"),
    "tools": ("vfs/syscalls.h", "kext/kext_control.h", "kxld/kxld.h", "host/host.h", "host/disk.h", "host/testdisk/",
              "libkext/", "fusehost/"),
    "bench": ("vfs/syscalls.h", "kext/kext_control.h", "libkext/"),
    "tests": ("vfs/syscalls.h", "kext/kext_control.h", "kext/message_internal.h", "host/", "libkext/",
              "fusehost/", "kxld/", "kern/", "bench/"),
}


def folder_of(path):
    return path.split("/", 1)[0]


def side_of(source, headers):
    """kernel, kext or host: decided by where the source lives; tests by what their flags let them see."""
    folder = folder_of(source)
    if folder == "kxld" and not any(h.startswith("include/") for h in headers):
        return "host"
    if folder in KERNEL_FOLDERS:
        return "kernel"
    if folder == "fs-samples" or re.match(r"tests/kext/.*/kext/", source):
        return "kext"
    if folder == "tests" and any(h.startswith("include/") for h in headers):
        return "kernel-test"
    return "host"


def allowed_to_kernel(folder, header):
    if header.startswith("include/") or header.startswith(folder + "/"):
        return True
    if header in SHARED[folder]:
        return True
    return header.endswith("_iface.h") and folder_of(header) in IFACE_FROM[folder]


def included_directly(source, headers, header):
    """Does `source`, or a header of its own folder, name `header` in an #include line?"""
    own = [source] + [h for h in headers if folder_of(h) == folder_of(source)]
    pattern = re.compile(rf'^\s*#\s*include\s*"{re.escape(header)}"', re.MULTILINE)
    return any(pattern.search(open(os.path.join(ROOT, f), encoding="utf-8").read()) for f in own)


def complaint(source, side, header, headers, system):
    """Why `source` may not read `header`, or None. `system` says that it lies outside the project."""
    folder = folder_of(source)
    if header == "host/host.h" and side == "kernel" and EMBEDS_HOST in headers and "host/host.h" not in SHARED[folder]:
        return "includes the host's header itself" if included_directly(source, headers, header) else None
    if side in ("kernel", "kext", "kernel-test"):
        if system:
            return None if re.search(r"/(gcc|clang)/.*/include/", header) else "kernel side reads a libc header"
        if side == "kernel":
            return None if allowed_to_kernel(folder, header) else "not below this folder, and no *_iface.h of one that is"
        if side == "kext":
            home = "/".join(source.split("/")[:2])
            ok = header.startswith("include/") or header.startswith(home + "/") or header.startswith("kext/glue/")
            return None if ok else "a kext sees include/ and its own folder only"
        return None
    if system:
        return None
    if header.startswith("include/"):
        return "host side reads the kernel's include/"
    if folder not in HOST_MAY_READ:
        return f"no rule for folder {folder}/"
    if header.startswith(folder + "/") and not header.endswith("_internal.h"):
        return None
    if header.startswith(folder + "/") and (folder == "kxld" or folder not in KERNEL_FOLDERS):
        return None
    if folder == "host" and header in ("host/host.h", "host/disk.h"):
        return None
    for prefix in HOST_MAY_READ[folder]:
        if header == prefix or (prefix.endswith("/") and header.startswith(prefix)):
            return None
    return "not an interface that the host side may read"


def parse(text):
    """Yields (object, [files]) from the output of `ninja -t deps`."""
    target, files = None, []
    for line in text.splitlines():
        if line and not line[0].isspace():
            if target:
                yield target, files
            target, files = line.split(":", 1)[0], []
        elif line.strip():
            files.append(line.strip())
    if target:
        yield target, files


def relative(path, build, root):
    full = os.path.normpath(os.path.join(build, path))
    if full.startswith(build + os.sep):
        return None
    return full[len(root) + 1:] if full.startswith(root + os.sep) else full


def main(argv):
    build = os.path.abspath(argv[1])
    if "--deps" in argv:
        text = open(argv[argv.index("--deps") + 1], encoding="utf-8").read()
    else:
        text = subprocess.run(["ninja", "-C", build, "-t", "deps"], check=True, capture_output=True, text=True).stdout
    wrong, units = [], 0
    for _target, files in parse(text):
        paths = [p for p in (relative(f, build, ROOT) for f in files) if p]
        sources = [p for p in paths if p.endswith((".c", ".S")) and not p.startswith("/")]
        if not sources:
            continue
        units += 1
        source = sources[0]
        headers = [p for p in paths if p != source]
        side = side_of(source, headers)
        for header in headers:
            why = complaint(source, side, header, headers, header.startswith("/"))
            if why:
                wrong.append(f"{source}: {header}: {why}")
    for line in sorted(set(wrong)):
        print(line)
    print(f"{units} files looked at, {len(set(wrong))} wrong includes")
    if not units:
        print("the dependency log is empty: build first")
    return 1 if wrong or not units else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))

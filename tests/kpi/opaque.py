#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The types that a kext holds pointers to and must not look into: a kext source that takes the size of one, declares one,
copies one or reads a field must not compile, and the same source that only passes the pointer on must.

usage: opaque.py INCLUDE_DIR [CC...]    (gcc and clang unless given; one that is not installed is left out)
"""
import os
import re
import shutil
import subprocess
import sys

# Pointer type, what it points to, its header, a field that the kernel's own structure may have, a function that takes one.
TYPES = (
    ("vnode_t", "struct vnode", "sys/vnode.h", "v_data", "vnode_fsnode"),
    ("mount_t", "struct mount", "sys/mount.h", "mnt_flag", "vfs_flags"),
    ("vfstable_t", "struct vfstable", "sys/mount.h", "vfc_name", "vfs_fsremove"),
    ("proc_t", "struct proc", "sys/proc.h", "p_pid", "proc_pid"),
    ("vfs_context_t", "struct vfs_context", "sys/vnode.h", "vc_ucred", "vfs_context_ucred"),
    ("uio_t", "struct uio", "sys/uio.h", "uio_resid", "uio_resid"),
    ("buf_t", "struct buf", "sys/buf.h", "b_flags", "buf_flags"),
    ("struct vnodeop_desc *", "struct vnodeop_desc", "sys/vnode.h", "vdesc_offset", None),
    ("kauth_scope_t", "struct kauth_scope", "sys/kauth.h", "ks_idata", "kauth_deregister_scope"),
    ("kauth_listener_t", "struct kauth_listener", "sys/kauth.h", "kl_idata", "kauth_unlisten_scope"),
    ("lck_mtx_t *", "lck_mtx_t", "kern/locks.h", "mtx_owner", "lck_mtx_lock"),
    ("lck_rw_t *", "lck_rw_t", "kern/locks.h", "rw_owner", "lck_rw_lock_shared"),
    ("lck_spin_t *", "lck_spin_t", "kern/locks.h", "spin_owner", "lck_spin_lock"),
    ("lck_grp_t *", "lck_grp_t", "kern/locks.h", "grp_name", "lck_grp_free"),
    ("lck_attr_t *", "lck_attr_t", "kern/locks.h", "attr_flags", "lck_attr_free"),
    ("thread_t", "struct thread", "kern/thread.h", "t_number", "thread_deallocate"),
    ("task_t", "struct task", "kern/task.h", "map", None),
    ("thread_call_t", "struct thread_call", "kern/thread_call.h", "func", "thread_call_free"),
    ("OSMallocTag", "struct __OSMallocTag__", "libkern/OSMalloc.h", "name", "OSMalloc_Tagfree"),
)
# Looking into it, each alone; {p} is a pointer of the type.
ATTEMPTS = {
    "sizeof": "unsigned long f({p} one); unsigned long f({p} one) {{ return sizeof(*one); }}",
    "variable": "void f(void); void f(void) {{ {s} one; (void)&one; }}",
    "copy": "void f({p} to, {p} from); void f({p} to, {p} from) {{ *to = *from; }}",
    "field": "long f({p} one); long f({p} one) {{ return (long)one->{field}; }}",
    "next": "{p} f({p} one); {p} f({p} one) {{ return one + 1; }}",
}
INCOMPLETE = re.compile(r"incomplete|isn't known|invalid use of undefined type|undefined struct|forward declaration|"
                        r"dereferencing pointer")


def compiler_run(cc, include, source):
    own = subprocess.run([cc, "-print-file-name=include"], check=True, capture_output=True, text=True).stdout.strip()
    flags = ["-std=gnu11", "-ffreestanding", "-nostdinc", "-isystem", include, "-isystem", own, "-D__APPLE__=1",
             "-D__MACH__=1", "-DKERNEL=1", "-Wall", "-Werror", "-fsyntax-only", "-x", "c", "-"]
    return subprocess.run([cc] + flags, input=source, capture_output=True, text=True, check=False,
                          env=dict(os.environ, LC_ALL="C"))


def check_type(cc, include, row):
    """-> what is wrong, as text"""
    pointer, pointee, header, field, taker = row
    start = f"#include <{header}>\n"
    control = start + f"{pointer} f({pointer} one); {pointer} f({pointer} one) {{ " + \
        (f"(void){taker}(one); " if taker and not taker_returns_nothing(taker) else f"{taker}(one); " if taker else "") + \
        "return one; }\n"
    result = compiler_run(cc, include, control)
    if result.returncode:
        yield f"{cc}: {pointer}: passing it on does not compile:\n{result.stderr}"
        return
    for name, text in ATTEMPTS.items():
        result = compiler_run(cc, include, start + text.format(p=pointer, s=pointee, field=field) + "\n")
        if not result.returncode:
            yield f"{cc}: {pointer}: {name} compiles, so its inside is visible"
        elif not INCOMPLETE.search(result.stderr):
            yield f"{cc}: {pointer}: {name} fails for another reason:\n{result.stderr}"


def taker_returns_nothing(taker):
    return taker in ("kauth_deregister_scope", "kauth_unlisten_scope", "lck_mtx_lock", "lck_rw_lock_shared", "lck_spin_lock",
                     "lck_grp_free", "lck_attr_free", "thread_deallocate", "OSMalloc_Tagfree")


def check_visible(cc, include):
    """The test itself: a structure that is there to be looked into compiles in every way."""
    row = {"p": "struct vnode_attr *", "s": "struct vnode_attr", "field": "va_mode"}
    for name, text in ATTEMPTS.items():
        result = compiler_run(cc, include, "#include <sys/vnode.h>\n" + text.format(**row) + "\n")
        if result.returncode:
            yield f"{cc}: control: {name} of struct vnode_attr does not compile:\n{result.stderr}"


def main(argv):
    if not argv:
        sys.exit(__doc__)
    include, wanted = argv[0], argv[1:] or ["gcc", "clang"]
    compilers = [cc for cc in wanted if shutil.which(cc)]
    wrong = []
    for cc in compilers:
        wrong += check_visible(cc, include)
        for row in TYPES:
            wrong += check_type(cc, include, row)
    for text in wrong:
        print(text)
    print(f"{len(TYPES)} opaque types, {len(ATTEMPTS)} ways to look in, {len(compilers)} compilers, {len(wrong)} wrong")
    return 1 if wrong or not compilers else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

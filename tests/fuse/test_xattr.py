#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Extended attributes through the host: sizes, limits, errors, lists; and a mount without them."""
import ctypes
import errno
import os
import subprocess
import unittest

import support
from support import EXACT, FAST, Mount

libc = ctypes.CDLL(None, use_errno=True)


def get_into(path, name, size):
    """getxattr(2) with a buffer of that size: its result, or minus the errno."""
    buffer = ctypes.create_string_buffer(max(size, 1))
    got = libc.getxattr(os.fsencode(path), os.fsencode(name), buffer, size)
    return got if got >= 0 else -ctypes.get_errno()


def list_into(path, size):
    buffer = ctypes.create_string_buffer(max(size, 1))
    got = libc.listxattr(os.fsencode(path), buffer, size)
    return got if got >= 0 else -ctypes.get_errno()


class Xattr(unittest.TestCase):
    def each_mode(self, body, kinds=("file", "dir")):
        for options in (FAST, EXACT):
            with Mount(options) as mount:
                support.write_file(mount.path("file"), b"x")
                os.mkdir(mount.path("dir"))
                for kind in kinds:
                    with self.subTest(options=options or "fast", kind=kind):
                        body(mount.path(kind))

    def fails(self, error, call, *args, **keywords):
        with self.assertRaises(OSError) as raised:
            call(*args, **keywords)
        self.assertEqual(errno.errorcode[raised.exception.errno], errno.errorcode[error])

    def test_set_get_list_remove(self):
        def body(path):
            os.setxattr(path, "user.one", b"1")
            os.setxattr(path, "user.two", b"")
            os.setxattr(path, "user.one", b"changed")
            self.assertEqual(os.getxattr(path, "user.one"), b"changed")
            self.assertEqual(os.getxattr(path, "user.two"), b"")
            self.assertEqual(sorted(os.listxattr(path)), ["user.one", "user.two"])
            os.removexattr(path, "user.one")
            self.assertEqual(os.listxattr(path), ["user.two"])
            self.fails(errno.ENODATA, os.getxattr, path, "user.one")
            self.fails(errno.ENODATA, os.removexattr, path, "user.one")

        self.each_mode(body)

    def test_create_and_replace(self):
        def body(path):
            self.fails(errno.ENODATA, os.setxattr, path, "user.a", b"1", os.XATTR_REPLACE)
            os.setxattr(path, "user.a", b"1", os.XATTR_CREATE)
            self.fails(errno.EEXIST, os.setxattr, path, "user.a", b"2", os.XATTR_CREATE)
            os.setxattr(path, "user.a", b"3", os.XATTR_REPLACE)
            self.assertEqual(os.getxattr(path, "user.a"), b"3")

        self.each_mode(body)

    def test_sizes__asked_for_and_too_small(self):
        def body(path):
            os.setxattr(path, "user.ten", b"0123456789")
            self.assertEqual(get_into(path, "user.ten", 0), 10)
            self.assertEqual(get_into(path, "user.ten", 10), 10)
            self.assertEqual(get_into(path, "user.ten", 100), 10)
            self.assertEqual(get_into(path, "user.ten", 9), -errno.ERANGE)
            self.assertEqual(list_into(path, 0), len("user.ten") + 1)
            self.assertEqual(list_into(path, len("user.ten") + 1), len("user.ten") + 1)
            self.assertEqual(list_into(path, len("user.ten")), -errno.ERANGE)
            os.removexattr(path, "user.ten")
            self.assertEqual(list_into(path, 0), 0)
            self.assertEqual(list_into(path, 10), 0)

        self.each_mode(body)

    def test_limits__value_and_name(self):
        def body(path):
            largest = bytes(range(256)) * 256  # the host's own limit of 64 KiB
            os.setxattr(path, "user.large", largest)
            self.assertEqual(os.getxattr(path, "user.large"), largest)
            self.fails(errno.E2BIG, os.setxattr, path, "user.large", largest + b"x")
            self.assertEqual(os.getxattr(path, "user.large"), largest)
            longest = "user." + "n" * (127 - 5)  # Darwin's limit
            os.setxattr(path, longest, b"name")
            self.assertEqual(os.getxattr(path, longest), b"name")
            with self.assertRaises(OSError) as raised:
                os.setxattr(path, longest + "n", b"name")
            self.assertIn(raised.exception.errno, (errno.ENAMETOOLONG, errno.ERANGE, errno.EINVAL))
            self.assertNotIn(longest + "n", os.listxattr(path))

        self.each_mode(body)

    def test_hundred_attributes__all_listed(self):
        def body(path):
            names = [f"user.attribute-{i:03}" for i in range(100)]
            for i, name in enumerate(names):
                os.setxattr(path, name, b"%d" % i)
            self.assertEqual(sorted(os.listxattr(path)), names)
            support.drop_caches()
            for i, name in enumerate(names):
                self.assertEqual(os.getxattr(path, name), b"%d" % i)

        self.each_mode(body)

    def test_names_of_darwin_and_of_the_host(self):
        def body(path):
            os.setxattr(path, "com.apple.FinderInfo", bytes(32))
            self.assertIn("com.apple.FinderInfo", os.listxattr(path))
            self.fails(errno.EOPNOTSUPP, os.getxattr, path, "system.posix_acl_access")

        self.each_mode(body)

    def test_security_names__absent_even_where_nothing_may_be_read(self):
        for options in (FAST, EXACT):
            with self.subTest(options=options or "fast"), Mount(options) as mount:
                os.chmod(mount.dir, 0o755)
                support.write_file(mount.path("file"), b"x")
                os.chmod(mount.path("file"), 0o600)
                os.mkfifo(mount.path("fifo"))
                for name in ("file", "fifo"):
                    for ask in ("security.selinux", "security.capability"):
                        self.assertEqual(support.run_as(support.STRANGER, lambda n=name, a=ask: os.getxattr(mount.path(n), a)),
                                         errno.ENODATA)
                done = subprocess.run(["setpriv", f"--reuid={support.STRANGER}", f"--regid={support.STRANGER}", "--clear-groups",
                                       "ls", "-l", mount.dir], capture_output=True, text=True, check=False)
                self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_noxattr__refused_and_not_asked_again(self):
        with Mount("noxattr") as mount:
            support.write_file(mount.path("file"), b"x")
            for _ in range(5):
                self.fails(errno.EOPNOTSUPP, os.setxattr, mount.path("file"), "user.a", b"1")
                self.fails(errno.EOPNOTSUPP, os.getxattr, mount.path("file"), "user.a")
                support.write_file(mount.path("file"), b"y")
            self.assertEqual(mount.stats()["ops"]["GETXATTR"]["count"], 1)


if __name__ == "__main__":
    support.need_root()
    support.main()

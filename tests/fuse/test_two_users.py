#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Who may see what. The same in both modes, whoever checks: the host in the fast one, the kernel half in the exact one."""
import errno
import os
import unittest

import support
from support import EXACT, FAST, OTHER, STRANGER, Mount, run_as


class TwoUsers(unittest.TestCase):
    modes = (FAST, "open", EXACT)

    def each_mode(self, body):
        for options in self.modes:
            with self.subTest(options=options or "fast"), Mount(options) as mount:
                body(mount)

    def test_private_file_in_private_directory__stays_closed(self):
        def body(mount):
            home, secret = mount.path("home"), mount.path("home", "secret")

            def make():
                os.mkdir(home, 0o700)
                descriptor = os.open(secret, os.O_CREAT | os.O_WRONLY, 0o600)
                os.write(descriptor, b"private")
                os.close(descriptor)

            os.chmod(mount.dir, 0o1777)
            self.assertIsNone(run_as(STRANGER, make))
            # The owner reads it, so that the host knows every name and attribute on the way.
            self.assertIsNone(run_as(STRANGER, lambda: support.read_file(secret)))
            for attempt in (lambda: support.read_file(secret), lambda: os.listdir(home), lambda: os.stat(secret),
                            lambda: os.open(secret, os.O_WRONLY), lambda: os.unlink(secret), lambda: os.chmod(secret, 0o666),
                            lambda: os.rename(secret, mount.path("mine")), lambda: os.truncate(secret, 0),
                            lambda: os.link(secret, mount.path("mine")), lambda: os.mkdir(os.path.join(home, "d")),
                            lambda: os.listxattr(secret)):
                self.assertEqual(run_as(OTHER, attempt), errno.EACCES)
            self.assertIsNone(run_as(STRANGER, lambda: support.read_file(secret)))
            self.assertEqual(support.read_file(secret), b"private")

        self.each_mode(body)

    def test_private_file_in_open_directory__stays_closed(self):
        def body(mount):
            secret = mount.path("secret")
            os.chmod(mount.dir, 0o1777)
            self.assertIsNone(run_as(STRANGER, lambda: support.write_file(secret, b"private")))
            self.assertIsNone(run_as(STRANGER, lambda: os.chmod(secret, 0o600)))
            self.assertIsNone(run_as(OTHER, lambda: os.stat(secret)))
            self.assertEqual(run_as(OTHER, lambda: support.read_file(secret)), errno.EACCES)
            self.assertEqual(run_as(OTHER, lambda: os.open(secret, os.O_WRONLY)), errno.EACCES)
            self.assertEqual(run_as(OTHER, lambda: os.chmod(secret, 0o666)), errno.EPERM)
            self.assertIn(run_as(OTHER, lambda: os.unlink(secret)), (errno.EPERM, errno.EACCES))  # sticky

        self.each_mode(body)

    def test_right_taken_away__counts_at_once(self):
        def body(mount):
            shared = mount.path("shared")
            os.chmod(mount.dir, 0o755)
            support.write_file(shared, b"for all")
            os.chmod(shared, 0o644)
            self.assertIsNone(run_as(STRANGER, lambda: support.read_file(shared)))
            os.chmod(shared, 0o600)
            self.assertEqual(run_as(STRANGER, lambda: support.read_file(shared)), errno.EACCES)
            os.chmod(shared, 0o644)
            os.mkdir(mount.path("d"), 0o755)
            os.rename(shared, mount.path("d", "shared"))
            self.assertIsNone(run_as(STRANGER, lambda: support.read_file(mount.path("d", "shared"))))
            os.chmod(mount.path("d"), 0o700)
            self.assertEqual(run_as(STRANGER, lambda: support.read_file(mount.path("d", "shared"))), errno.EACCES)

        self.each_mode(body)

    def test_supplementary_group__opens_the_group_bits(self):
        def body(mount):
            file, group = mount.path("file"), 40077
            os.chmod(mount.dir, 0o755)
            support.write_file(file, b"group")
            os.chown(file, 0, group)
            os.chmod(file, 0o640)
            self.assertEqual(run_as(STRANGER, lambda: support.read_file(file)), errno.EACCES)
            self.assertIsNone(run_as(STRANGER, lambda: support.read_file(file), groups=(5, group, 7)))
            self.assertEqual(run_as(STRANGER, lambda: os.open(file, os.O_WRONLY), groups=(group,)), errno.EACCES)
            self.assertIsNone(run_as(OTHER, lambda: support.read_file(file), gid=group))

        self.each_mode(body)

    def test_set_group_id__kept_for_members_of_the_group_alone(self):
        def body(mount):
            group = 40077
            os.chmod(mount.dir, 0o777)
            file, folder = mount.path("file"), mount.path("folder")
            self.assertIsNone(run_as(STRANGER, lambda: support.write_file(file, b"x")))
            self.assertIsNone(run_as(STRANGER, lambda: os.mkdir(folder)))
            for path in (file, folder):
                self.assertIsNone(run_as(STRANGER, lambda: os.chown(path, -1, group), groups=(group,)))
                self.assertIsNone(run_as(STRANGER, lambda: os.chmod(path, 0o2775), groups=(5, group)))
                self.assertEqual(os.stat(path).st_mode & 0o7777, 0o2775, path)
            # Passed on to another group a program loses the bit, a folder keeps it.
            for path, mode in ((file, 0o775), (folder, 0o2775)):
                self.assertIsNone(run_as(STRANGER, lambda: os.chown(path, -1, 40078), groups=(40078,)))
                self.assertEqual(os.stat(path).st_mode & 0o7777, mode, path)
                self.assertIsNone(run_as(STRANGER, lambda: os.chmod(path, 0o2755)))
                self.assertEqual(os.stat(path).st_mode & 0o7777, 0o755, path)

        self.each_mode(body)

    def test_new_file__belongs_to_its_maker(self):
        def body(mount):
            os.chmod(mount.dir, 0o777)
            self.assertIsNone(run_as(STRANGER, lambda: support.write_file(mount.path("f"), b"x")))
            self.assertIsNone(run_as(STRANGER, lambda: os.mkdir(mount.path("d"))))
            self.assertIsNone(run_as(STRANGER, lambda: os.symlink("f", mount.path("l"))))
            for name in ("f", "d", "l"):
                self.assertEqual(os.lstat(mount.path(name)).st_uid, STRANGER, name)

        self.each_mode(body)

    def test_open_file__stays_open_when_rights_go(self):
        def body(mount):
            file = mount.path("file")
            os.chmod(mount.dir, 0o755)
            support.write_file(file, b"0123456789")
            os.chmod(file, 0o644)

            def read_after_chmod():
                descriptor = os.open(file, os.O_RDONLY)
                os.read(descriptor, 1)
                os.close(descriptor)

            self.assertIsNone(run_as(STRANGER, read_after_chmod))
            descriptor = os.open(file, os.O_RDWR)
            os.chmod(file, 0)
            self.assertEqual(os.pread(descriptor, 4, 2), b"2345")
            self.assertEqual(os.pwrite(descriptor, b"xx", 0), 2)
            os.ftruncate(descriptor, 5)
            os.close(descriptor)
            self.assertEqual(run_as(STRANGER, lambda: support.read_file(file)), errno.EACCES)

        self.each_mode(body)

    def test_mount_without_allow_other__keeps_everybody_else_out(self):
        with Mount("noallow_other") as mount:
            os.chmod(mount.dir, 0o777)
            support.write_file(mount.path("f"), b"x")
            self.assertEqual(run_as(STRANGER, lambda: os.stat(mount.path("f"))), errno.EACCES)


if __name__ == "__main__":
    support.need_root()
    support.main()

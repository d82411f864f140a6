#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Files without a name: open ones keep their contents while every vnode around them is recycled, and end when they are closed."""
import os
import unittest

import support
from support import EXACT, FAST, Mount

VNODES = 300 if support.SANITIZED else 1000
OPEN_FILES = 50
VISITED = 3 * VNODES


def visit_many(mount):
    """Uses more files than there are vnodes, three times over."""
    os.mkdir(mount.path("visited"))
    for i in range(VISITED):
        support.write_file(mount.path("visited", str(i)), b"visited %d" % i)
    for i in range(0, VISITED, 7):
        assert support.read_file(mount.path("visited", str(i))) == b"visited %d" % i


class Unlinked(unittest.TestCase):
    def each_mode(self, body):
        for options in (FAST, "open", EXACT):
            with self.subTest(options=options or "fast"), Mount(options, vnodes=VNODES) as mount:
                body(mount)
                visit_many(mount)
                self.assertLessEqual(mount.counters()["vnodes"], VNODES)
                self.assertGreater(mount.counters()["vnodes_recycled"], VNODES)
                self.again(mount)

    def test_open_files__unlinked_and_table_recycled__still_there(self):
        def body(mount):
            self.files = []
            for i in range(OPEN_FILES):
                path = mount.path(f"u{i}")
                descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
                os.write(descriptor, b"unlinked %d" % i)
                os.unlink(path)
                self.files.append(descriptor)

        def again(mount):
            support.drop_caches()
            for i, descriptor in enumerate(self.files):
                self.assertEqual(os.fstat(descriptor).st_nlink, 0)
                self.assertEqual(os.pread(descriptor, 100, 0), b"unlinked %d" % i)
                os.pwrite(descriptor, b"more", 100)
                os.ftruncate(descriptor, 103)
                self.assertEqual(os.pread(descriptor, 10, 100), b"mor")
                os.fsync(descriptor)
                os.close(descriptor)
            self.assertEqual(sorted(os.listdir(mount.dir)), ["visited"])

        self.again = again
        self.each_mode(body)

    def test_renamed_over__old_contents_stay_with_their_reader(self):
        def body(mount):
            support.write_file(mount.path("target"), b"old")
            support.write_file(mount.path("source"), b"new")
            self.reader = os.open(mount.path("target"), os.O_RDONLY)
            os.rename(mount.path("source"), mount.path("target"))

        def again(mount):
            support.drop_caches()
            self.assertEqual(os.pread(self.reader, 10, 0), b"old")
            self.assertEqual(support.read_file(mount.path("target")), b"new")
            os.close(self.reader)

        self.again = again
        self.each_mode(body)

    def test_hard_link__one_name_removed_and_table_recycled__other_name_works(self):
        def body(mount):
            support.write_file(mount.path("one"), b"linked")
            os.link(mount.path("one"), mount.path("two"))
            self.reader = os.open(mount.path("two"), os.O_RDWR)
            os.unlink(mount.path("one"))

        def again(mount):
            self.assertEqual(os.fstat(self.reader).st_nlink, 1)
            os.write(self.reader, b"LINK")
            os.close(self.reader)
            support.drop_caches()
            self.assertEqual(support.read_file(mount.path("two")), b"LINKed")

        self.again = again
        self.each_mode(body)

    def test_working_directory__removed__says_so_and_nothing_worse(self):
        def body(mount):
            os.mkdir(mount.path("gone"))
            self.cwd = os.open(mount.path("gone"), os.O_RDONLY | os.O_DIRECTORY)
            os.rmdir(mount.path("gone"))

        def again(mount):
            self.assertEqual(os.listdir(self.cwd), [])
            with self.assertRaises(FileNotFoundError):
                os.open("file", os.O_CREAT | os.O_WRONLY, 0o600, dir_fd=self.cwd)
            with self.assertRaises(FileNotFoundError):
                os.stat("file", dir_fd=self.cwd)
            os.close(self.cwd)
            self.assertEqual(os.listdir(mount.dir), ["visited"])

        self.again = again
        self.each_mode(body)

    def test_closed__holds_and_open_files_end(self):
        for options in (FAST, "open", EXACT):
            with self.subTest(options=options or "fast"), Mount(options) as mount:
                for i in range(200):
                    support.write_file(mount.path(str(i)), b"x" * 5000)
                files = [os.open(mount.path(str(i)), os.O_RDONLY) for i in range(0, 200, 4)]
                for i in range(200):
                    os.unlink(mount.path(str(i)))
                for descriptor in files:
                    os.close(descriptor)
                support.drop_caches()
                counters = mount.counters()
                self.assertLess(counters["usecounts"], 10)
                self.assertLess(counters["open_files"], 10)


if __name__ == "__main__":
    support.need_root()
    support.main()

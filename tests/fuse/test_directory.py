#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Large directories, read while they change: what was there all along is shown once, and nothing twice.

usage: test_directory.py [--quick]      5,000 entries instead of 50,000, as in the sanitizers' builds
"""
import ctypes
import os
import sys
import threading
import unittest

import support
from support import EXACT, FAST, Mount

QUICK = "--quick" in sys.argv
ENTRIES = 5_000 if QUICK or support.SANITIZED else 50_000
READ_AT_ONCE = 500 if support.SANITIZED else 2_000  # several replies of the host's size either way

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
SYS_GETDENTS64 = 217


def getdents(descriptor, size):
    """One getdents64(2): the names it gives, [] at the end."""
    buffer = ctypes.create_string_buffer(size)
    got = libc.syscall(SYS_GETDENTS64, descriptor, buffer, size)
    if got < 0:
        raise OSError(ctypes.get_errno(), "getdents64")
    names, at = [], 0
    while at < got:
        length = int.from_bytes(buffer.raw[at + 16:at + 18], "little")
        names.append(buffer.raw[at + 19:at + length].split(b"\0", 1)[0].decode())
        at += length
    return names


def read_slowly(path, between):
    """All names of a directory; between(n) is called after each portion."""
    descriptor, names = os.open(path, os.O_RDONLY | os.O_DIRECTORY), []
    try:
        while portion := getdents(descriptor, 32768):
            names += portion
            between(len(names))
    finally:
        os.close(descriptor)
    return names


class Directory(unittest.TestCase):
    def fill(self, mount, count=ENTRIES):
        os.mkdir(mount.path("d"))
        for i in range(count):
            os.close(os.open(mount.path("d", f"entry-{i:06}"), os.O_CREAT | os.O_WRONLY, 0o644))

    def test_removal_while_reading__rest_shown_once(self):
        for options in (FAST, EXACT):
            with self.subTest(options=options or "fast"), Mount(options) as mount:
                self.fill(mount)
                victims = iter(range(0, ENTRIES, 2))

                def remove(_shown):
                    for _, i in zip(range(ENTRIES // 100), victims):
                        os.unlink(mount.path("d", f"entry-{i:06}"))

                names = read_slowly(mount.path("d"), remove)
                self.assertEqual(len(names), len(set(names)), "an entry was shown twice")
                stayed = {f"entry-{i:06}" for i in range(1, ENTRIES, 2)}
                self.assertEqual(stayed - set(names), set(), "an entry that stayed was not shown")
                self.assertIn(".", names)
                self.assertIn("..", names)
                for i in victims:
                    os.unlink(mount.path("d", f"entry-{i:06}"))
                self.assertEqual(set(os.listdir(mount.path("d"))), stayed)

    def test_reading_and_removing_everything__ends_empty(self):
        with Mount() as mount:
            self.fill(mount)
            while names := os.listdir(mount.path("d")):
                for name in names:
                    os.unlink(mount.path("d", name))
            os.rmdir(mount.path("d"))

    def test_additions_while_reading__old_entries_shown_once(self):
        for options in (FAST, EXACT):
            with self.subTest(options=options or "fast"), Mount(options) as mount:
                count = ENTRIES // 10
                self.fill(mount, count)

                def add(shown):
                    if shown < 3 * count:
                        support.write_file(mount.path("d", f"new-{shown}"), b"")

                names = read_slowly(mount.path("d"), add)
                self.assertEqual(len(names), len(set(names)))
                self.assertEqual({f"entry-{i:06}" for i in range(count)} - set(names), set())

    def test_seek__goes_on_where_told(self):
        for options in (FAST, EXACT):
            with self.subTest(options=options or "fast"), Mount(options) as mount:
                self.fill(mount, 1000)
                descriptor = os.open(mount.path("d"), os.O_RDONLY | os.O_DIRECTORY)
                first = getdents(descriptor, 4096)
                position = os.lseek(descriptor, 0, os.SEEK_CUR)
                second = getdents(descriptor, 4096)
                os.lseek(descriptor, position, os.SEEK_SET)
                self.assertEqual(getdents(descriptor, 4096), second)
                os.lseek(descriptor, 0, os.SEEK_SET)
                self.assertEqual(getdents(descriptor, 4096), first)
                os.close(descriptor)

    def test_attributes_while_listing__are_the_files_own(self):
        for options in (FAST, EXACT):
            with self.subTest(options=options or "fast"), Mount(options) as mount:
                for i in range(500):
                    support.write_file(mount.path(f"f{i}"), b"x" * i)
                support.drop_caches()
                with os.scandir(mount.dir) as entries:
                    for entry in entries:
                        self.assertEqual(entry.stat().st_size, int(entry.name[1:]))
                        self.assertEqual(entry.stat().st_ino, entry.inode())
                        self.assertTrue(entry.is_file())

    def test_many_readers_at_once__each_sees_all(self):
        for options in (FAST, "open", EXACT):
            with self.subTest(options=options or "fast"), Mount(options) as mount:
                self.fill(mount, READ_AT_ONCE)
                failures = []

                def read():
                    for _ in range(10):
                        support.drop_caches()
                        with os.scandir(mount.path("d")) as entries:
                            names = [(entry.name, entry.stat().st_size) for entry in entries]
                        if len(names) != READ_AT_ONCE or len(set(names)) != READ_AT_ONCE:
                            failures.append(len(names))

                readers = [threading.Thread(target=read) for _ in range(4)]
                for reader in readers:
                    reader.start()
                for reader in readers:
                    reader.join()
                self.assertEqual(failures, [])

    def test_same_names_again__listed_as_new(self):
        with Mount() as mount:
            for round_number in range(20):
                for i in range(50):
                    support.write_file(mount.path(f"f{i}"), b"x" * round_number)
                self.assertEqual(len(os.listdir(mount.dir)), 50)
                for i in range(50):
                    os.unlink(mount.path(f"f{i}"))
                self.assertEqual(os.listdir(mount.dir), [])


if __name__ == "__main__":
    support.need_root()
    if QUICK:
        sys.argv.remove("--quick")
    support.main()

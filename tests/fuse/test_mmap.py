#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Mappings and read/write show each other's changes, in one process and between two, in both modes."""
import mmap
import os
import random
import signal
import unittest

import support
from support import EXACT, FAST, Mount

PAGES = 64
SIZE = PAGES * mmap.PAGESIZE


class Mapped(unittest.TestCase):
    def each_mode(self, body):
        for options in (FAST, "open", "sync", EXACT):
            with self.subTest(options=options or "fast"), Mount(options) as mount:
                path = mount.path("file")
                support.write_file(path, bytes(SIZE))
                body(mount, path)

    def test_write__seen_in_mapping_and_back(self):
        def body(_mount, path):
            chance = random.Random(1)
            model = bytearray(SIZE)
            with open(path, "r+b", buffering=0) as file, mmap.mmap(file.fileno(), SIZE) as mapping:
                for step in range(2000):
                    at, length = chance.randrange(SIZE), chance.randrange(1, 9000)
                    length = min(length, SIZE - at)
                    data = chance.randbytes(length)
                    model[at:at + length] = data
                    if step % 2:
                        mapping[at:at + length] = data
                        self.assertEqual(os.pread(file.fileno(), length, at), data)
                    else:
                        self.assertEqual(os.pwrite(file.fileno(), data, at), length)
                        self.assertEqual(mapping[at:at + length], data)
                    if step % 100 == 99:
                        mapping.flush()
                self.assertEqual(mapping[:], bytes(model))
            support.drop_caches()
            self.assertEqual(support.read_file(path), bytes(model))

        self.each_mode(body)

    def test_two_processes__mapping_and_read_agree(self):
        def body(_mount, path):
            with open(path, "r+b", buffering=0) as file, mmap.mmap(file.fileno(), SIZE) as mapping:
                for i in range(50):
                    mapping[i * 4096:i * 4096 + 4] = b"%04d" % i
                    self.assertIsNone(support.run_as(0, lambda i=i: self.read_back(path, i)))

        self.each_mode(body)

    @staticmethod
    def read_back(path, i):
        with open(path, "rb", buffering=0) as file:
            if os.pread(file.fileno(), 4, i * 4096) != b"%04d" % i:
                raise AssertionError("the other process reads something else")

    def test_private_mapping__changes_stay_private(self):
        def body(_mount, path):
            with open(path, "r+b", buffering=0) as file, mmap.mmap(file.fileno(), SIZE, mmap.MAP_PRIVATE) as mapping:
                mapping[:5] = b"mine!"
                self.assertEqual(os.pread(file.fileno(), 5, 0), bytes(5))
            self.assertEqual(support.read_file(path), bytes(SIZE))

        self.each_mode(body)

    def test_write_only_descriptor__partial_pages_keep_their_rest(self):
        def body(mount, path):
            support.write_file(path, b"abcdefgh" * 512 * 4)
            support.drop_caches()
            descriptor = os.open(path, os.O_WRONLY)
            os.pwrite(descriptor, b"XY", 4095)
            os.close(descriptor)
            support.drop_caches()
            want = bytearray(b"abcdefgh" * 512 * 4)
            want[4095:4097] = b"XY"
            self.assertEqual(support.read_file(path), bytes(want))
            self.assertEqual(mount.stats()["ops"].get("READ", {}).get("errors", 0), 0)

        self.each_mode(body)

    def test_mapping_beyond_the_end__bus_error(self):
        def body(_mount, path):
            pid = os.fork()
            if pid == 0:
                with open(path, "r+b", buffering=0) as file:
                    mapping = mmap.mmap(file.fileno(), SIZE)
                    os.ftruncate(file.fileno(), 100)
                    mapping[SIZE - 1] = 1
                os._exit(0)
            status = os.waitpid(pid, 0)[1]
            self.assertTrue(os.WIFSIGNALED(status))
            self.assertEqual(os.WTERMSIG(status), signal.SIGBUS)

        self.each_mode(body)

    def test_truncated_and_grown__the_new_part_is_zero(self):
        def body(_mount, path):
            support.write_file(path, b"x" * SIZE)
            with open(path, "r+b", buffering=0) as file, mmap.mmap(file.fileno(), SIZE) as mapping:
                os.ftruncate(file.fileno(), 5000)
                os.ftruncate(file.fileno(), SIZE)
                self.assertEqual(mapping[:5000], b"x" * 5000)
                self.assertEqual(mapping[5000:], bytes(SIZE - 5000))
            support.drop_caches()
            self.assertEqual(support.read_file(path), b"x" * 5000 + bytes(SIZE - 5000))

        self.each_mode(body)

    def test_program__runs_from_the_mount(self):
        def body(mount, _path):
            support.write_file(mount.path("true"), support.read_file("/bin/true"))
            os.chmod(mount.path("true"), 0o755)
            self.assertEqual(os.spawnv(os.P_WAIT, mount.path("true"), ["true"]), 0)

        self.each_mode(body)


if __name__ == "__main__":
    support.need_root()
    support.main()

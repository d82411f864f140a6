#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Many more files than vnodes: all are visited, all recycled, none is lost, and memory stays where it was.

usage: test_many_files.py [--long]      200,000 files instead of 20,000 (3,500 in the sanitizers' builds)
"""
import collections
import os
import sys
import unittest

import support
from support import EXACT, FAST, Mount

LONG = "--long" in sys.argv
FILES = 200_000 if LONG else 3_500 if support.SANITIZED else 20_000
PER_DIRECTORY = 500
VNODES = 400 if support.SANITIZED else 1000
DROP_EVERY = max(FILES // 4, 5 * VNODES)


def name(mount, i):
    return mount.path(f"d{i // PER_DIRECTORY}", f"file-{i}")


def make(mount):
    for i in range(FILES):
        if i % PER_DIRECTORY == 0:
            os.mkdir(mount.path(f"d{i // PER_DIRECTORY}"))
        os.close(os.open(name(mount, i), os.O_CREAT | os.O_WRONLY, 0o644))
        if i % 10 == 0:
            os.truncate(name(mount, i), i)


def visit(mount, drop_every):
    kept = collections.deque()  # the host may not forget these, whoever drops its caches; their vnodes are long gone
    try:
        for i in range(FILES):
            if os.stat(name(mount, i)).st_size != (i if i % 10 == 0 else 0):
                raise AssertionError(f"file {i} has another size")
            if i % 5 == 0:
                kept.append(os.open(name(mount, i), os.O_PATH))
                if i >= 3 * VNODES:
                    os.utime(f"/proc/self/fd/{kept[0]}")
                    os.close(kept.popleft())
            if drop_every and i % drop_every == drop_every - 1:
                support.drop_caches()
    finally:
        for descriptor in kept:
            os.close(descriptor)


def held_bytes(counters):
    return counters["kext_bytes"] + counters["kernel_bytes"]


class ManyFiles(unittest.TestCase):
    def in_mode(self, options):
        with Mount(options, vnodes=VNODES) as mount:
            make(mount)
            support.drop_caches()
            visit(mount, DROP_EVERY)
            support.drop_caches()
            first = mount.rss_kib()
            first_bytes = held_bytes(mount.counters())
            for _ in range(2):
                visit(mount, DROP_EVERY)
                support.drop_caches()
            counters, stats = mount.counters(), mount.stats()
            grown = mount.rss_kib() - first
            print(f"{options or 'fast'}: {FILES} files, {counters['vnodes_recycled']} vnodes recycled, "
                  f"{stats['recovered']} found again, resident set {first} KiB, grown by {grown} KiB")
            self.assertLessEqual(counters["vnodes"], VNODES)
            self.assertGreater(counters["vnodes_recycled"], 2 * FILES)
            self.assertGreaterEqual(stats["recovered"], (FILES - 3 * VNODES) // 5)  # of three visits
            self.assertLess(stats["nodes"], FILES // 4)
            self.assertLess(held_bytes(counters) - first_bytes, 1 << 20)
            if not support.SANITIZED:  # their run-time keeps freed memory for a while
                self.assertLess(grown, 4096 + first // 10)
            for directory in os.listdir(mount.dir):
                self.assertEqual(len(os.listdir(mount.path(directory))), PER_DIRECTORY)

    def test_fast__all_recycled_memory_flat(self):
        self.in_mode(FAST)

    @unittest.skipIf(LONG, "the quick run has it")
    def test_exact__all_recycled_memory_flat(self):
        self.in_mode(EXACT)

    def test_node_bound__host_is_made_to_forget(self):
        bound = FILES // 10
        with Mount(f"nodes={bound}", vnodes=VNODES) as mount:
            make(mount)
            visit(mount, 0)
            nodes = mount.stats()["nodes"]
            print(f"bound {bound}: the host keeps {nodes} nodes")
            self.assertLess(nodes, bound + bound // 2 + FILES // PER_DIRECTORY)


if __name__ == "__main__":
    support.need_root()
    if LONG:
        sys.argv.remove("--long")
    support.main()

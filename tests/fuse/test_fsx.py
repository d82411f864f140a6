#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""fsx on the mount, four at once, in both modes.

usage: test_fsx.py [--long]     100,000 operations each instead of 5,000
"""
import os
import subprocess
import sys
import unittest

import support
from support import BIN, EXACT, FAST, Mount

LONG = "--long" in sys.argv
OPERATIONS = (100_000 if LONG else 5_000) // (4 if support.SANITIZED and not LONG else 1)


class Fsx(unittest.TestCase):
    def in_mode(self, options, vnodes=None):
        with Mount(options, vnodes=vnodes) as mount:
            runs = []
            for seed in range(1, 5):
                place = os.path.join(mount.folder, f"fsx-{seed}")
                os.mkdir(place)
                runs.append((seed, place, subprocess.Popen(
                    [os.path.join(BIN, "fsx"), "-q", "-S", str(seed), "-N", str(OPERATIONS), "-P", place, mount.path(f"file-{seed}")],
                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)))
            for seed, place, run in runs:
                said = run.communicate()[0]
                self.assertEqual(run.returncode, 0, f"seed {seed}, artefacts in {place}:\n{said[-3000:]}")

    def test_fast(self):
        self.in_mode(FAST)

    def test_open_sent(self):
        self.in_mode("open")

    def test_synchronous(self):
        self.in_mode("sync")

    def test_exact(self):
        self.in_mode(EXACT)

    def test_fast__few_vnodes(self):
        self.in_mode(FAST, vnodes=16)


if __name__ == "__main__":
    support.need_root()
    if LONG:
        sys.argv.remove("--long")
    support.main()

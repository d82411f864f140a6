#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""nullfs over memfs, and over nullfs: fsx on it, both ends see the same files, and who keeps whom mounted."""
import errno
import os
import subprocess
import unittest

import support
from stack import Stack
from support import BIN, EXACT, FAST

OPERATIONS = 1_000 if support.SANITIZED else 4_000


class Stacked(unittest.TestCase):
    def fsx(self, fstypes, options):
        with Stack(fstypes, options, ledger=True) as mount:
            runs = []
            for seed in (1, 2):
                place = os.path.join(mount.lowest.folder, f"fsx-{seed}")
                os.mkdir(place)
                runs.append((seed, place, subprocess.Popen(
                    [os.path.join(BIN, "fsx"), "-q", "-S", str(seed), "-N", str(OPERATIONS), "-P", place, mount.path(f"f{seed}")],
                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)))
            for seed, place, run in runs:
                said = run.communicate()[0]
                self.assertEqual(run.returncode, 0, f"seed {seed}, artefacts in {place}:\n{said[-3000:]}")

    def test_fsx__over_memfs__fast(self):
        self.fsx("nullfs:memfs", FAST)

    def test_fsx__over_memfs__exact(self):
        self.fsx("nullfs:memfs", EXACT)

    def test_fsx__over_nullfs__exact(self):
        self.fsx("nullfs:nullfs:memfs", EXACT)

    def test_both_ends__see_the_same_files(self):
        with Stack("nullfs:memfs", EXACT) as mount:
            upper, lower = mount.path("f"), os.path.join(mount.dirs[0], "f")
            support.write_file(upper, b"from above")
            self.assertEqual(support.read_file(lower), b"from above")
            support.write_file(lower, b"from below")
            self.assertEqual(support.read_file(upper), b"from below")
            self.assertEqual(os.stat(upper).st_ino, os.stat(lower).st_ino)
            os.unlink(lower)
            self.assertFalse(os.path.exists(upper))

    def test_lower__stays_while_it_is_stood_on(self):
        with Stack("nullfs:memfs", EXACT) as mount:
            support.write_file(mount.path("f"), b"kept")
            done = mount.tool("umount", mount.dirs[0])
            self.assertEqual(done.returncode, 16, done.stderr)
            self.assertIn("is what the nullfs on", done.stderr)
            self.assertTrue(os.path.ismount(mount.dirs[0]))
            self.assertEqual(support.read_file(os.path.join(mount.dirs[0], "f")), b"kept")
            self.assertEqual(support.read_file(mount.path("f")), b"kept")

    def test_part_of_a_tree__is_shown_alone(self):
        with Stack("memfs", EXACT) as mount:
            inner = mount.path("a", "b")
            os.makedirs(inner)
            support.write_file(os.path.join(inner, "f"), b"below")
            place = os.path.join(mount.lowest.folder, "part")
            os.mkdir(place)
            self.assertEqual(mount.tool("mount", "-t", "nullfs", "-o", EXACT, inner, place).returncode, 0)
            self.assertEqual(support.read_file(os.path.join(place, "f")), b"below")
            self.assertEqual(os.listdir(place), ["f"])
            self.assertEqual(mount.tool("umount", place).returncode, 0)

    def test_what_is_no_directory__cannot_be_shown(self):
        with Stack("memfs", EXACT) as mount:
            support.write_file(mount.path("f"), b"x")
            place = os.path.join(mount.lowest.folder, "m1")
            os.mkdir(place)
            for special in (mount.path("f"), mount.path("none"), "none"):
                self.assertNotEqual(mount.tool("mount", "-t", "nullfs", special, place).returncode, 0, special)

    def test_removed_open_file__goes_below_too(self):
        with Stack("nullfs:memfs", EXACT) as mount:
            free = os.statvfs(mount.dir).f_ffree
            descriptor = os.open(mount.path("f"), os.O_CREAT | os.O_RDWR)
            os.write(descriptor, b"x" * 4096)
            os.unlink(mount.path("f"))
            self.assertEqual(os.pread(descriptor, 4, 0), b"xxxx")
            os.close(descriptor)
            with self.assertRaises(OSError) as caught:
                os.stat(mount.path("f"))
            self.assertEqual(caught.exception.errno, errno.ENOENT)
            self.assertTrue(support.becomes(lambda: os.statvfs(mount.dir).f_ffree == free))


if __name__ == "__main__":
    support.need_root()
    support.main()

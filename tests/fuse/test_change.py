#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A mount that is changed while it is in use: options, the file system's own limits, its size under load."""
import errno
import os
import subprocess
import unittest

import support
from support import BIN, Mount


def kextbed(mount, verb, *args):
    return subprocess.run([os.path.join(BIN, "kextbed"), verb, "--socket", mount.socket, *args], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60 * support.SLOW, check=False,
                          env=support.TOOL_ENV)


def host_options(path):
    with open("/proc/self/mounts", encoding="utf-8") as file:
        return [line.split()[3].split(",") for line in file if line.split()[1] == path][-1]


class Change(unittest.TestCase):
    def change(self, mount, options):
        done = kextbed(mount, "mount", "-o", options, mount.dir)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_read_only_and_back(self):
        with Mount("") as mount:
            with open(mount.path("before"), "wb") as file:
                file.write(b"dirty in the host's cache")
                file.flush()
            self.change(mount, "update,ro,noatime")
            self.assertIn("ro", host_options(mount.dir))
            self.assertIn("noatime", host_options(mount.dir))
            with self.assertRaises(OSError) as raised:
                support.write_file(mount.path("new"), b"x")
            self.assertEqual(raised.exception.errno, errno.EROFS)
            self.change(mount, "remount,reload")
            self.assertEqual(support.read_file(mount.path("before")), b"dirty in the host's cache")
            self.assertIn("ro", host_options(mount.dir))
            self.change(mount, "remount,rw")
            support.write_file(mount.path("new"), b"x")
            self.assertIn("noatime", host_options(mount.dir))

    def test_refused__nothing_changes(self):
        with Mount("") as mount:
            done = kextbed(mount, "mount", "-o", "update,nocache", mount.dir)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("mount option nocache cannot be changed", done.stdout)
            done = kextbed(mount, "mount", "-o", "update,ro,fsdata=colour", mount.dir)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("refused the change", done.stdout)
            self.assertNotIn("ro", host_options(mount.dir))
            support.write_file(mount.path("new"), b"x")
            done = kextbed(mount, "mount", "-o", "update,reload", mount.dir)
            self.assertNotEqual(done.returncode, 0)  # not read-only

    def test_limits_of_the_file_system(self):
        with Mount("") as mount:
            self.change(mount, "update,fsdata=size=1m")
            stat = os.statvfs(mount.dir)
            self.assertEqual(stat.f_blocks * stat.f_frsize, 1 << 20)

    def test_size__under_fsx(self):
        with Mount("fsdata=size=16m") as mount:
            support.write_file(mount.path("kept"), b"k" * (6 << 20))
            os.sync()
            fsx = subprocess.Popen([os.path.join(BIN, "fsx"), "-N", str(20000 // support.SLOW), "-S", "1",
                                    mount.path("f")], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            rounds = 0
            while fsx.poll() is None:
                for size in ("32m", "12m", "16m"):
                    done = kextbed(mount, "resize", mount.dir, size)
                    self.assertEqual(done.returncode, 0, done.stdout)
                done = kextbed(mount, "resize", mount.dir, "4m")
                self.assertNotEqual(done.returncode, 0)
                self.assertIn("are in use", done.stdout)
                rounds += 1
            out = fsx.communicate()[0]
            self.assertEqual(fsx.returncode, 0, out)
            self.assertGreater(rounds, 2)
            self.assertEqual(support.read_file(mount.path("kept")), b"k" * (6 << 20))
            stat = os.statvfs(mount.dir)
            self.assertEqual(stat.f_blocks * stat.f_frsize, 16 << 20)
            print(f"{rounds} rounds of growing and shrinking under fsx")

    def test_size__bad(self):
        with Mount("", fstype="emptyfs") as mount:
            done = kextbed(mount, "resize", mount.dir, "1m")
            self.assertNotEqual(done.returncode, 0)
            self.assertEqual(kextbed(mount, "resize", mount.dir, "1x").returncode, 64)
            self.assertEqual(kextbed(mount, "resize", mount.dir).returncode, 64)


if __name__ == "__main__":
    support.need_root()
    unittest.main(verbosity=2)

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""An ordinary user's own run: mounted through fusermount3, his alone, unmounted by him. Where /dev/fuse is closed to ordinary
users, the test opens a copy of it to them in a mount namespace of its own."""
import errno
import os
import pwd
import shutil
import signal
import stat
import subprocess
import time
import unittest

import support
from support import OTHER, Mount, run_as

USER = pwd.getpwnam("nobody").pw_uid  # fusermount3 wants somebody with an account


class OrdinaryUser(unittest.TestCase):
    def test_his_mount__works_for_him_alone_and_ends_well(self):
        for options in ("", "open", "nocache"):
            with self.subTest(options=options or "fast"):
                mount = Mount(options, user=USER).start()
                try:
                    def use():
                        support.write_file(mount.path("f"), b"mine")
                        os.mkdir(mount.path("d"))
                        os.rename(mount.path("f"), mount.path("d", "g"))
                        if support.read_file(mount.path("d", "g")) != b"mine":
                            raise AssertionError("other contents")
                        if os.stat(mount.path("d", "g")).st_uid != USER:
                            raise AssertionError("another owner")

                    self.assertIsNone(run_as(USER, use))
                    self.assertEqual(run_as(OTHER, lambda: os.listdir(mount.dir)), errno.EACCES)
                    mount.kill(signal.SIGTERM)
                    mount.check(mount.wait())
                    self.assertFalse(support.is_mounted(mount.dir))
                finally:
                    mount.kill()

    def test_busy__said_by_name_then_free(self):
        mount = Mount(user=USER).start()
        try:
            holder = subprocess.Popen(["sh", "-c", f"cd {mount.dir} && echo in && exec sleep 1000"], stdout=subprocess.PIPE,
                                      user=USER, group=USER, extra_groups=[])
            self.assertEqual(holder.stdout.readline(), b"in\n")
            mount.kill(signal.SIGTERM)
            limit = time.monotonic() + 20 * support.SLOW
            while f"(pid {holder.pid})" not in mount.logged() and time.monotonic() < limit:
                time.sleep(0.05)
            self.assertIn(f"(pid {holder.pid})", mount.logged())
            holder.kill()
            holder.communicate()
            self.assertIsNone(mount.process.poll())
            mount.stop()
        finally:
            mount.kill()

    def test_killed__next_run_clears_it(self):
        mount = Mount(user=USER).start()
        mount.kill(signal.SIGKILL)
        mount.wait()
        self.assertTrue(support.is_mounted(mount.dir))
        again = Mount(user=USER)
        again.command[-1] = again.dir = mount.dir
        again.start()
        self.assertIsNone(run_as(USER, lambda: support.write_file(again.path("f"), b"x")))
        again.stop()

    def test_somebody_elses_directory__refused(self):
        mount = Mount(user=USER)
        mount.command[-1] = place = support.folder()
        with self.assertRaises(AssertionError) as raised:
            mount.start()
        self.assertIn("cannot mount", str(raised.exception))
        self.assertFalse(support.is_mounted(place))


def open_device():
    """Covers /dev/fuse, in this test's mount namespace, with a copy that is open to everybody."""
    node = os.path.join(support.folder(), "fuse")
    os.mknod(node, stat.S_IFCHR | 0o666, os.makedev(10, 229))
    os.chmod(node, 0o666)
    subprocess.run(["mount", "--bind", node, "/dev/fuse"], check=True)
    if run_as(USER, lambda: os.open("/dev/fuse", os.O_RDWR)) is not None:
        support.skip("/dev/fuse is closed to ordinary users here, and a copy of it too")


if __name__ == "__main__":
    support.need_root()
    if not shutil.which("fusermount3") or not os.stat(shutil.which("fusermount3")).st_mode & stat.S_ISUID:
        support.skip("there is no set-id fusermount3")
    if run_as(USER, lambda: os.open("/dev/fuse", os.O_RDWR)) is not None:
        open_device()
    support.main()

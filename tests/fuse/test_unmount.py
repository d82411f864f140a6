#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Mounting and unmounting: what is busy and by whom, what is refused and why, what signals do, what is left."""
import errno
import os
import signal
import subprocess
import unittest

import support
from support import BIN, EXTENSIONS, Mount, is_mounted


def mount_fails(*arguments):
    """A `kextbed run` that must not come up: its exit status and what it said."""
    done = subprocess.run([os.path.join(BIN, "kextbed"), "run", "-r", EXTENSIONS, *arguments], text=True, capture_output=True,
                          timeout=60 * support.SLOW, check=False)
    return done.returncode, done.stdout + done.stderr


class Unmount(unittest.TestCase):
    def test_busy__refused_by_name_then_free(self):
        mount = Mount().start()
        try:
            holder = subprocess.Popen(["sleep", "1000"], cwd=mount.dir)
            mount.kill(signal.SIGINT)
            self.wait_for_text(mount, f"sleep (pid {holder.pid})")
            self.assertTrue(is_mounted(mount.dir))
            support.write_file(mount.path("still"), b"served")
            holder.kill()
            holder.wait()
            mount.stop()
        finally:
            mount.kill()

    @staticmethod
    def wait_for_text(mount, text):
        limit = support.time.monotonic() + 20 * support.SLOW
        while text not in mount.logged():
            if support.time.monotonic() > limit:
                raise AssertionError(f"{text!r} is not in the log:\n{mount.logged()}")
            support.time.sleep(0.05)

    def test_busy__second_signal_cuts_off(self):
        mount = Mount().start()
        try:
            descriptor = os.open(mount.path("file"), os.O_CREAT | os.O_RDWR, 0o600)
            os.write(descriptor, b"unsaved")
            mount.kill(signal.SIGTERM)
            self.wait_for_text(mount, "is busy")
            mount.kill(signal.SIGTERM)
            self.assertEqual(mount.wait(), 16)
            self.assertFalse(is_mounted(mount.dir))
            with self.assertRaises(OSError) as raised:
                os.pread(descriptor, 1, 0)
                os.fsync(descriptor)
            self.assertIn(raised.exception.errno, (errno.ENOTCONN, errno.EIO, errno.ECONNABORTED))
            with self.assertRaises(OSError):
                os.close(descriptor)
                raise OSError(errno.EIO, "closing may or may not fail")
        finally:
            mount.kill()

    def test_signal__idle_mount_ends_well(self):
        for signo in (signal.SIGINT, signal.SIGTERM):
            mount = Mount().start()
            support.write_file(mount.path("file"), b"x")
            mount.kill(signo)
            mount.check(mount.wait())
            self.assertFalse(is_mounted(mount.dir))

    def test_umount8__ends_the_run(self):
        mount = Mount().start()
        subprocess.run(["umount", mount.dir], check=True)
        mount.check(mount.wait())

    def test_lazy_unmount__ends_with_its_last_user(self):
        mount = Mount().start()
        descriptor = os.open(mount.path("file"), os.O_CREAT | os.O_RDWR, 0o600)
        subprocess.run(["umount", "-l", mount.dir], check=True)
        self.assertEqual(os.write(descriptor, b"still there"), 11)
        self.assertEqual(os.pread(descriptor, 5, 6), b"there")
        self.assertIsNone(mount.process.poll())
        os.close(descriptor)
        mount.check(mount.wait())

    def test_forced_unmount__ends_with_files_open(self):
        mount = Mount().start()
        descriptor = os.open(mount.path("file"), os.O_CREAT | os.O_RDWR, 0o600)
        os.unlink(mount.path("file"))
        os.mkdir(mount.path("d"))
        inner = os.open(mount.path("d"), os.O_RDONLY)
        subprocess.run(["umount", "-f", "-l", mount.dir], check=True)
        mount.check(mount.wait())
        for number in (descriptor, inner):
            try:
                os.close(number)
            except OSError:
                pass

    def test_second_mount_on_the_same_place__refused(self):
        with Mount() as mount:
            code, said = mount_fails("-t", "memfs", "none", mount.dir)
            self.assertNotEqual(code, 0)
            self.assertIn(mount.dir, said)
            self.assertIn("mounted on it already", said)
            support.write_file(mount.path("still"), b"served")

    def test_bad_requests__refused_with_the_reason(self):
        place = support.folder()
        plain = os.path.join(place, "plain")
        support.write_file(plain, b"x")
        for arguments, word in (
                (("-t", "memfs", "none", os.path.join(place, "missing")), "No such file"),
                (("-t", "memfs", "none", plain), "not a directory"),
                (("-t", "memfs", "-o", "colour=red", "none", place), '"colour"'),
                (("-t", "memfs", "-o", "ro,threads=0", "none", place), "threads=0"),
                (("-t", "memfs", "-o", "threads", "none", place), "needs a value"),
                (("-t", "memfs", "-o", "ro=1", "none", place), "takes no value"),
                (("-t", "memfs", "-o", "attr_timeout=soon", "none", place), "not a number of seconds"),
                (("-t", "memfs", "-o", "nocache,noopen", "none", place), "exclude each other"),
                (("-t", "memfs", "-o", "nocache,default_permissions", "none", place), "exclude each other"),
                (("-t", "nosuchfs", "none", place), "nosuchfs")):
            with self.subTest(arguments=arguments):
                code, said = mount_fails(*arguments)
                self.assertNotEqual(code, 0)
                self.assertIn(word, said)
                self.assertFalse(is_mounted(place))

    def test_options__shown_and_obeyed(self):
        for options, shown in (("ro", "ro"), ("noexec", "noexec"), ("noatime", "noatime"), ("sync", "sync"), ("", "nosuid"),
                               ("", "nodev"), ("fsname=some\\,thing", "fuse.kext.memfs"), ("nocache", "rw"),
                               ("subtype=kext.other", "fuse.kext.other")):
            with self.subTest(options=options), Mount(options) as mount:
                with open("/proc/self/mounts", encoding="utf-8") as file:
                    line = next(line for line in file if line.split()[1] == mount.dir)
                self.assertIn(shown, line.replace(",", " ").split())
                self.assertEqual("default_permissions" in line, options != "nocache")
                if "fsname" in options:
                    self.assertEqual(line.split()[0], "some,thing")
                if options == "ro":
                    with self.assertRaises(OSError) as raised:
                        os.mkdir(mount.path("d"))
                    self.assertEqual(raised.exception.errno, errno.EROFS)

    def test_statistics__count_what_happened(self):
        with Mount("open") as mount:
            for i in range(10):
                support.write_file(mount.path(f"f{i}"), b"x" * 1000)
            support.drop_caches()
            for i in range(10):
                support.read_file(mount.path(f"f{i}"))
            with self.assertRaises(OSError):
                os.stat(mount.path("missing"))
            stats = mount.stats()
            self.assertEqual(stats["mode"], "fast")
            self.assertTrue(stats["sends_open"])
            self.assertEqual(stats["ops"]["CREATE"]["count"], 10)
            self.assertGreaterEqual(stats["ops"]["OPEN"]["count"], 10)
            self.assertEqual(stats["bytes_written"], 10_000)
            self.assertGreaterEqual(stats["bytes_read"], 10_000)
            self.assertEqual(stats["requests"], sum(op["count"] for op in stats["ops"].values()))


if __name__ == "__main__":
    support.need_root()
    support.main()

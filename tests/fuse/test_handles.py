#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What file servers and administrators do to a real mount: handles that outlive what the host remembers, files that
are taken away from who has them open, images that are mounted once whatever they are called."""
import contextlib
import ctypes
import errno
import os
import signal
import subprocess
import sys
import time
import unittest

import support
from support import BIN, EXTENSIONS, Mount

LIBC = ctypes.CDLL(None, use_errno=True)
AT_FDCWD = -100
MAPPER = """import mmap, sys, time
with open(sys.argv[1], "rb") as file:
    pages = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
print("mapped" if pages[4096] else "", flush=True)
while pages[4096]:
    time.sleep(0.01)
"""


class Handle(ctypes.Structure):
    _fields_ = [("bytes", ctypes.c_uint), ("type", ctypes.c_int), ("data", ctypes.c_ubyte * 128)]


def handle_of(path):
    handle, mount_id = Handle(bytes=128), ctypes.c_int()
    if LIBC.name_to_handle_at(AT_FDCWD, os.fsencode(path), ctypes.byref(handle), ctypes.byref(mount_id), 0) != 0:
        raise OSError(ctypes.get_errno(), "name_to_handle_at")
    return handle


def open_handle(mount_fd, handle, flags=os.O_RDONLY):
    fd = LIBC.open_by_handle_at(mount_fd, ctypes.byref(handle), flags)
    if fd < 0:
        raise OSError(ctypes.get_errno(), "open_by_handle_at")
    return fd


def forget_all():
    """The host gives back whatever it does not use, FORGET included."""
    os.sync()
    with open("/proc/sys/vm/drop_caches", "w", encoding="ascii") as file:
        file.write("2")


def kextbed(mount, verb, *args):
    return subprocess.run([os.path.join(BIN, "kextbed"), verb, "--socket", mount.socket, *args], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60 * support.SLOW, check=False,
                          env=support.TOOL_ENV)


class Handles(unittest.TestCase):
    def stale_at_last(self, fd, handle):
        """An unlinked file lives until the host's FORGET, which comes when it likes."""
        deadline = time.monotonic() + 30 * support.SLOW
        while True:
            forget_all()
            try:
                os.close(open_handle(fd, handle))
            except OSError as error:
                self.assertEqual(error.errno, errno.ESTALE)
                return
            self.assertLess(time.monotonic(), deadline, "an unlinked file is still found")
            time.sleep(0.01)

    def handles(self, options, vnodes):
        with Mount(options, vnodes=vnodes) as mount:
            os.makedirs(mount.path("a", "b"))
            support.write_file(mount.path("a", "b", "deep"), b"found by handle")
            support.write_file(mount.path("gone"), b"x")
            deep, folder, gone = (handle_of(mount.path(*p)) for p in (("a", "b", "deep"), ("a", "b"), ("gone",)))
            fd = os.open(mount.dir, os.O_RDONLY | os.O_DIRECTORY)
            try:
                for _ in range(2):
                    file = open_handle(fd, deep)
                    self.assertEqual(os.read(file, 100), b"found by handle")
                    os.close(file)
                    forget_all()
                    for i in range(100):  # and the kernel half's vnodes are others'
                        support.write_file(mount.path(f"f{i}"), b"y")
                    forget_all()
                directory = open_handle(fd, folder, os.O_RDONLY | os.O_DIRECTORY)
                self.assertEqual(os.listdir(directory), ["deep"])
                self.assertEqual(os.readlink(f"/proc/self/fd/{directory}"), mount.path("a", "b"))
                os.close(directory)
                os.unlink(mount.path("gone"))
                self.stale_at_last(fd, gone)
            finally:
                os.close(fd)
            return deep

    def test_forgotten__found_again(self):
        # Which vnode is recycled when depends on how many there are: let each be the next once.
        for options, vnodes in (("", 62), ("", 63), ("", 64), ("nocache", 64)):
            deep = self.handles(options, vnodes)
            with Mount(options) as other:  # the next file system has files of the same numbers
                os.makedirs(other.path("a", "b"))
                support.write_file(other.path("a", "b", "deep"), b"another")
                fd = os.open(other.dir, os.O_RDONLY | os.O_DIRECTORY)
                with self.assertRaises(OSError) as raised:
                    os.close(open_handle(fd, deep))
                self.assertEqual(raised.exception.errno, errno.ESTALE)
                os.close(fd)


class Revoke(unittest.TestCase):
    def eio_at_last(self, fd):
        """The host's cache is told by another thread."""
        deadline = time.monotonic() + 30 * support.SLOW
        while True:
            try:
                os.pread(fd, 8, 0)
            except OSError as error:
                self.assertEqual(error.errno, errno.EIO)
                return
            self.assertLess(time.monotonic(), deadline, "what was revoked can still be read")
            time.sleep(0.01)

    def refused(self, *actions):
        for number, action in enumerate(actions):
            with self.assertRaises(OSError, msg=f"action {number}") as raised:
                action()
            self.assertEqual(raised.exception.errno, errno.EIO)

    def closed(self, *descriptors):
        """The host closes them, and says that it cannot tell the file system."""
        for fd in descriptors:
            with contextlib.suppress(OSError):
                os.close(fd)
            self.assertRaises(OSError, os.close, fd)

    def test_revoked__not_opened_here__eio_at_once(self):
        with Mount("noopen") as mount:
            file, folder = mount.path("file"), mount.path("folder")
            support.write_file(file, b"contents")
            os.link(file, mount.path("other"))
            os.mkdir(folder)
            support.write_file(os.path.join(folder, "inside"), b"contents")
            fd, directory = os.open(file, os.O_RDWR), os.open(folder, os.O_RDONLY)
            self.assertEqual(os.read(fd, 8), b"contents")
            self.assertEqual(os.listdir(directory), ["inside"])
            os.pwrite(fd, b"CON", 0)  # which the host may not have passed on yet
            for path in (file, folder):
                done = kextbed(mount, "revoke", path)
                self.assertEqual(done.returncode, 0, done.stdout)
            self.refused(lambda: os.pread(fd, 8, 0), lambda: os.pwrite(fd, b"x", 0), lambda: os.fstat(fd),
                         lambda: os.ftruncate(fd, 0), lambda: os.fsync(fd), lambda: os.listdir(directory),
                         lambda: os.stat("inside", dir_fd=directory))
            for path in (file, mount.path("other"), file):
                self.assertEqual(support.read_file(path), b"CONtents")
            self.assertEqual(support.read_file(os.path.join(folder, "inside")), b"contents")
            again = os.open(file, os.O_RDWR)
            self.assertEqual(os.pwrite(again, b"new", 0), 3)
            self.refused(lambda: os.pread(fd, 8, 0))
            os.close(again)
            self.closed(fd, directory)
            os.unlink(file)
            self.assertEqual(support.read_file(mount.path("other")), b"newtents")

    def test_revoked__mapping_in_use__is_a_bus_error_at_last(self):
        for options in ("noopen", "open"):
            with self.subTest(options=options), Mount(options) as mount:
                support.write_file(mount.path("file"), b"contents" * 1024)
                child = subprocess.Popen([sys.executable, "-c", MAPPER, mount.path("file")], stdout=subprocess.PIPE, text=True)
                self.assertEqual(child.stdout.readline(), "mapped\n")
                done = kextbed(mount, "revoke", mount.path("file"))
                self.assertEqual(done.returncode, 0, done.stdout)
                self.assertEqual(child.wait(30 * support.SLOW), -signal.SIGBUS)
                child.stdout.close()
                self.assertEqual(support.read_file(mount.path("file")), b"contents" * 1024)

    def test_revoked__eio_until_opened_again(self):
        for options in ("nocache", "open"):
            with Mount(options) as mount:
                support.write_file(mount.path("file"), b"contents")
                fd = os.open(mount.path("file"), os.O_RDWR)
                self.assertEqual(os.read(fd, 8), b"contents")
                done = kextbed(mount, "revoke", mount.path("file"))
                self.assertEqual(done.returncode, 0, done.stdout)
                self.eio_at_last(fd)
                os.close(fd)
                self.assertEqual(support.read_file(mount.path("file")), b"contents")
                root = kextbed(mount, "revoke", mount.dir)
                self.assertEqual(root.returncode, 16)
                self.assertIn("it is the root of a mount", root.stdout)
                self.assertNotEqual(kextbed(mount, "revoke", mount.path("nothing")).returncode, 0)
                self.assertNotEqual(kextbed(mount, "revoke", "/nowhere").returncode, 0)


class Alias(unittest.TestCase):
    def setUp(self):
        self.folder = support.folder()
        self.image = self.at("image")
        with open(self.image, "wb") as file:
            file.truncate(1 << 20)
        self.socket = self.at("s")
        self.started = self.run_tool("start", "--log", self.at("log"))
        self.assertEqual(self.started.returncode, 0, self.started.stdout)
        self.addCleanup(self.run_tool, "stop", "-f")

    def at(self, name):
        return os.path.join(self.folder, name)

    def run_tool(self, verb, *args):
        return subprocess.run([os.path.join(BIN, "kextbed"), verb, "--socket", self.socket, *args], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120 * support.SLOW, check=False)

    def mount(self, special, name):
        os.makedirs(self.at(name), exist_ok=True)
        return self.run_tool("mount", "-t", "memfs", "-r", EXTENSIONS, special, self.at(name))

    def refused(self, special, name):
        done = self.mount(special, name)
        self.assertNotEqual(done.returncode, 0, special)
        self.assertIn(f"it is mounted on {self.at('first')} already, as {self.image}", done.stdout)

    def test_image__mounted_once_under_all_its_names(self):
        done = self.mount(self.image, "first")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.refused(self.image, "second")
        os.link(self.image, self.at("hard"))
        self.refused(self.at("hard"), "second")
        os.symlink(self.image, self.at("soft"))
        self.refused(self.at("soft"), "second")
        loop = subprocess.run(["losetup", "-f", "--show", self.image], capture_output=True, text=True, check=False)
        if loop.returncode == 0:
            device = loop.stdout.strip()
            try:
                self.refused(device, "second")
            finally:
                subprocess.run(["losetup", "-d", device], check=False)
        else:
            print(f"no loop device here: {loop.stderr.strip()}")
        with open(self.at("other"), "wb") as file:
            file.truncate(1 << 20)
        done = self.mount(self.at("other"), "second")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertEqual(self.run_tool("umount", self.at("first")).returncode, 0)
        done = self.mount(self.at("hard"), "first")
        self.assertEqual(done.returncode, 0, done.stdout)


if __name__ == "__main__":
    support.need_root()
    unittest.main(verbosity=2)

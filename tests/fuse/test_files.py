#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What programs do with files: times, set-id bits, holes, appending, direct I/O, locks, special files, names, errors."""
import ctypes
import errno
import fcntl
import os
import socket
import stat
import struct
import threading
import time
import unittest

import support
from support import EXACT, FAST, OTHER, STRANGER, Mount, run_as

libc = ctypes.CDLL(None, use_errno=True)
KEEP_SIZE, PUNCH_HOLE, COLLAPSE, ZERO_RANGE = 1, 2, 8, 16


def fallocate(descriptor, mode, offset, length):
    if libc.fallocate(descriptor, mode, ctypes.c_long(offset), ctypes.c_long(length)) != 0:
        raise OSError(ctypes.get_errno(), "fallocate")


def renameat2(old, new, flags):
    if libc.renameat2(-100, os.fsencode(old), -100, os.fsencode(new), flags) != 0:
        raise OSError(ctypes.get_errno(), "renameat2")


class Files(unittest.TestCase):
    def each_mode(self, body):
        for options in (FAST, "open", EXACT):
            with self.subTest(options=options or "fast"), Mount(options) as mount:
                os.chmod(mount.dir, 0o777)
                body(mount)

    def fails(self, error, call, *args, **keywords):
        with self.assertRaises(OSError) as raised:
            call(*args, **keywords)
        self.assertEqual(errno.errorcode[raised.exception.errno], errno.errorcode[error])

    def test_times__set_kept_and_moved_by_writing(self):
        def body(mount):
            path = mount.path("f")
            support.write_file(path, b"x")
            os.utime(path, ns=(1_234_567_890_123_456_789, 987_654_321_987_654_321))
            support.drop_caches()
            self.assertEqual(os.stat(path).st_atime_ns, 1_234_567_890_123_456_789)
            self.assertEqual(os.stat(path).st_mtime_ns, 987_654_321_987_654_321)
            changed = os.stat(path).st_ctime_ns
            self.assertLess(abs(time.time_ns() - changed), 60 * 10**9)
            support.write_file(path, b"y", "ab")
            self.assertLess(abs(time.time_ns() - os.stat(path).st_mtime_ns), 60 * 10**9)
            support.drop_caches()
            self.assertLess(abs(time.time_ns() - os.stat(path).st_mtime_ns), 60 * 10**9)
            os.utime(path)
            self.assertLess(abs(time.time_ns() - os.stat(path).st_atime_ns), 60 * 10**9)
            os.chown(path, STRANGER, -1)
            os.chmod(path, 0o666)
            self.assertIsNone(run_as(OTHER, lambda: os.utime(path)))
            self.assertEqual(run_as(OTHER, lambda: os.utime(path, (1, 1))), errno.EPERM)

        self.each_mode(body)

    def test_set_id_bits__go_when_somebody_else_writes(self):
        def body(mount):
            path = mount.path("f")

            def fresh():
                support.write_file(path, b"#!/bin/true\n")
                os.chown(path, STRANGER, STRANGER)
                os.chmod(path, 0o6777)
                self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o6777)

            def mode():
                return stat.S_IMODE(os.stat(path).st_mode)

            for change in (lambda: support.write_file(path, b"x", "r+b"), lambda: os.truncate(path, 3),
                           lambda: support.write_file(path, b"y", "ab")):
                fresh()
                self.assertIsNone(run_as(OTHER, change))
                self.assertEqual(mode() & 0o6000, 0)
                support.drop_caches()
                self.assertEqual(mode() & 0o6000, 0)
            fresh()
            self.assertIsNone(run_as(STRANGER, lambda: os.chown(path, -1, STRANGER)))
            self.assertEqual(mode() & 0o6000, 0)
            os.unlink(path)

        self.each_mode(body)

    def test_writes__ask_for_no_attribute_each_time(self):
        with Mount() as mount:
            descriptor = os.open(mount.path("f"), os.O_CREAT | os.O_WRONLY, 0o644)
            for i in range(1000):
                os.pwrite(descriptor, b"x", i)
            os.close(descriptor)
            self.assertLess(mount.stats()["ops"].get("GETXATTR", {"count": 0})["count"], 10)

    def test_holes__punched_zeroed_reserved(self):
        def body(mount):
            path = mount.path("f")
            support.write_file(path, b"abcdefgh" * 8192)
            want = bytearray(b"abcdefgh" * 8192)
            with open(path, "r+b", buffering=0) as file:
                descriptor = file.fileno()
                fallocate(descriptor, PUNCH_HOLE | KEEP_SIZE, 5000, 20000)
                want[5000:25000] = bytes(20000)
                self.assertEqual(support.read_file(path), bytes(want))
                fallocate(descriptor, ZERO_RANGE | KEEP_SIZE, 40000, 100)
                want[40000:40100] = bytes(100)
                fallocate(descriptor, ZERO_RANGE, 65000, 2000)
                want[65000:] = bytes(2000)
                self.assertEqual(support.read_file(path), bytes(want))
                os.posix_fallocate(descriptor, 0, 100_000)
                self.assertEqual(os.fstat(descriptor).st_size, 100_000)
                fallocate(descriptor, KEEP_SIZE, 0, 200_000)
                self.assertEqual(os.fstat(descriptor).st_size, 100_000)
                self.fails(errno.EOPNOTSUPP, fallocate, descriptor, COLLAPSE, 0, 4096)
                self.fails(errno.EOPNOTSUPP, fallocate, descriptor, PUNCH_HOLE, 0, 4096)
            support.drop_caches()
            self.assertEqual(support.read_file(path), bytes(want) + bytes(100_000 - len(want)))

        self.each_mode(body)

    def test_seek_data__never_misses_data(self):
        def body(mount):
            with open(mount.path("f"), "w+b", buffering=0) as file:
                descriptor = file.fileno()
                os.ftruncate(descriptor, 1 << 20)
                os.pwrite(descriptor, b"data", 300_000)
                found = os.lseek(descriptor, 0, os.SEEK_DATA)
                self.assertLessEqual(found, 300_000)
                self.assertGreater(os.lseek(descriptor, found, os.SEEK_HOLE), 300_003)
                self.fails(errno.ENXIO, os.lseek, descriptor, 1 << 20, os.SEEK_DATA)
                if mount.stats()["mode"] == "exact":
                    self.assertGreater(found, 250_000, "the file system knows its holes")

        self.each_mode(body)

    def test_append__two_writers_lose_nothing(self):
        def body(mount):
            path = mount.path("f")
            one, two = (os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o644) for _ in range(2))
            for i in range(200):
                os.write(one if i % 2 else two, b"%06d\n" % i)
            os.close(one)
            os.close(two)
            support.drop_caches()
            self.assertEqual(support.read_file(path), b"".join(b"%06d\n" % i for i in range(200)))

        self.each_mode(body)

    def test_truncating_open__empties(self):
        def body(mount):
            path = mount.path("f")
            support.write_file(path, b"x" * 10_000)
            descriptor = os.open(path, os.O_WRONLY | os.O_TRUNC)
            self.assertEqual(os.fstat(descriptor).st_size, 0)
            os.write(descriptor, b"new")
            os.close(descriptor)
            support.drop_caches()
            self.assertEqual(support.read_file(path), b"new")

        self.each_mode(body)

    def test_direct_io__agrees_with_the_cache(self):
        def body(mount):
            path = mount.path("f")
            support.write_file(path, b"a" * 65536)
            import mmap
            buffer = mmap.mmap(-1, 8192)
            buffer[:] = b"D" * 8192
            descriptor = os.open(path, os.O_RDWR | os.O_DIRECT)
            self.assertEqual(os.pwritev(descriptor, [buffer], 4096), 8192)
            self.assertEqual(support.read_file(path), b"a" * 4096 + b"D" * 8192 + b"a" * (65536 - 12288))
            support.write_file(path, b"cached", "r+b")
            self.assertEqual(os.preadv(descriptor, [buffer], 0), 8192)
            self.assertEqual(buffer[:8], b"cachedaa")
            os.close(descriptor)

        self.each_mode(body)

    def test_locks__of_both_kinds_exclude(self):
        def body(mount):
            path = mount.path("f")
            support.write_file(path, b"x")
            with open(path, "r+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                with open(path, "r+b") as other:
                    self.fails(errno.EAGAIN, fcntl.flock, other, fcntl.LOCK_EX | fcntl.LOCK_NB)
                fcntl.flock(file, fcntl.LOCK_UN)
                fcntl.lockf(file, fcntl.LOCK_EX)

                def try_lock():
                    with open(path, "r+b") as again:
                        fcntl.lockf(again, fcntl.LOCK_EX | fcntl.LOCK_NB)

                self.assertIn(run_as(0, try_lock), (errno.EAGAIN, errno.EACCES))
            self.assertIsNone(run_as(0, try_lock))

        self.each_mode(body)

    def test_special_files__have_type_and_number_and_work(self):
        def body(mount):
            os.mkfifo(mount.path("fifo"))
            os.mknod(mount.path("chr"), stat.S_IFCHR | 0o600, os.makedev(1, 3))
            os.mknod(mount.path("blk"), stat.S_IFBLK | 0o600, os.makedev(7, 300))
            self.fails(errno.EINVAL, os.mknod, mount.path("big"), stat.S_IFCHR | 0o600, os.makedev(300, 1))
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(mount.path("sock"))
            listener.listen()
            support.drop_caches()
            for name, kind in (("fifo", stat.S_ISFIFO), ("chr", stat.S_ISCHR), ("blk", stat.S_ISBLK), ("sock", stat.S_ISSOCK)):
                self.assertTrue(kind(os.stat(mount.path(name)).st_mode), name)
            self.assertEqual(os.stat(mount.path("chr")).st_rdev, os.makedev(1, 3))
            self.assertEqual(os.stat(mount.path("blk")).st_rdev, os.makedev(7, 300))
            self.fails(errno.EACCES, os.open, mount.path("chr"), os.O_RDONLY)  # nodev is the default
            writer = threading.Thread(target=support.write_file, args=(mount.path("fifo"), b"through", "wb"))
            writer.start()
            self.assertEqual(support.read_file(mount.path("fifo")), b"through")
            writer.join()
            client = socket.socket(socket.AF_UNIX)
            client.connect(mount.path("sock"))
            client.close()
            listener.close()

        self.each_mode(body)

    def test_device__opens_where_allowed(self):
        with Mount("dev") as mount:
            os.mknod(mount.path("null"), stat.S_IFCHR | 0o666, os.makedev(1, 3))
            support.write_file(mount.path("null"), b"gone")
            self.assertEqual(support.read_file(mount.path("null")), b"")

    def test_links_and_symbolic_links(self):
        def body(mount):
            support.write_file(mount.path("f"), b"x")
            os.link(mount.path("f"), mount.path("g"))
            self.assertEqual(os.stat(mount.path("f")).st_nlink, 2)
            self.assertEqual(os.stat(mount.path("f")).st_ino, os.stat(mount.path("g")).st_ino)
            support.write_file(mount.path("g"), b"longer")
            self.assertEqual(os.stat(mount.path("f")).st_size, 6)
            os.unlink(mount.path("f"))
            self.assertEqual(os.stat(mount.path("g")).st_nlink, 1)
            target = "t" * 1000
            os.symlink(target, mount.path("l"))
            support.drop_caches()
            self.assertEqual(os.readlink(mount.path("l")), target)
            os.symlink("loop", mount.path("loop"))
            self.fails(errno.ELOOP, os.stat, mount.path("loop"))
            os.symlink("g", mount.path("s"))
            self.assertEqual(support.read_file(mount.path("s")), b"longer")
            self.fails(errno.EPERM, os.link, mount.dir, mount.path("dirlink"))

        self.each_mode(body)

    def test_renames__with_flags(self):
        def body(mount):
            for name in "ab":
                support.write_file(mount.path(name), name.encode())
            self.fails(errno.EEXIST, renameat2, mount.path("a"), mount.path("b"), 1)
            renameat2(mount.path("a"), mount.path("c"), 1)
            self.fails(errno.EINVAL, renameat2, mount.path("c"), mount.path("b"), 4)
            try:
                renameat2(mount.path("c"), mount.path("b"), 2)
                self.assertEqual(support.read_file(mount.path("b")), b"a")
                self.assertEqual(support.read_file(mount.path("c")), b"b")
            except OSError as error:
                self.assertEqual(error.errno, errno.EINVAL)
                print("the file system cannot exchange two names")

        self.each_mode(body)

    def test_errors__as_the_host_names_them(self):
        def body(mount):
            support.write_file(mount.path("f"), b"x")
            os.makedirs(mount.path("d", "e"))
            self.fails(errno.ENOTEMPTY, os.rmdir, mount.path("d"))
            self.fails(errno.ENOTDIR, os.rmdir, mount.path("f"))
            self.fails(errno.ENOTDIR, os.stat, mount.path("f", "g"))
            self.fails(errno.EISDIR, os.open, mount.path("d"), os.O_WRONLY)
            self.fails(errno.EISDIR, os.unlink, mount.path("d"))
            self.fails(errno.EEXIST, os.mkdir, mount.path("d"))
            self.fails(errno.ENOENT, os.stat, mount.path("missing"))
            self.fails(errno.ENAMETOOLONG, os.stat, mount.path("n" * 256))
            self.fails(errno.ENAMETOOLONG, os.mkdir, mount.path("n" * 256))
            os.mkdir(mount.path("n" * 255))
            self.fails(errno.EINVAL, os.rename, mount.path("d"), mount.path("d", "e", "d"))
            self.fails(errno.ENOTEMPTY, os.rename, mount.path("n" * 255), mount.path("d"))
            self.fails(errno.EXDEV, os.rename, mount.path("f"), os.path.join(mount.folder, "f"))
            self.fails(errno.ENODATA, os.getxattr, mount.path("f"), "user.none")
            with open(mount.path("f"), "rb") as file:
                self.fails(errno.ENOTTY, fcntl.ioctl, file, 0x5401, bytes(64))

        self.each_mode(body)

    def test_missing_name__created_by_another_way__found(self):
        def body(mount):
            self.fails(errno.ENOENT, os.stat, mount.path("f"))
            os.mkdir(mount.path("d"))
            support.write_file(mount.path("d", "f"), b"x")
            os.rename(mount.path("d", "f"), mount.path("f"))
            self.assertEqual(os.stat(mount.path("f")).st_size, 1)
            self.fails(errno.ENOENT, os.stat, mount.path("d", "f"))

        self.each_mode(body)

    def test_statfs__is_the_file_systems(self):
        def body(mount):
            before = os.statvfs(mount.dir)
            self.assertEqual(before.f_namemax, 255)
            self.assertGreater(before.f_blocks, 0)
            support.write_file(mount.path("f"), os.urandom(1 << 20))
            os.sync()
            after = os.statvfs(mount.dir)
            self.assertLess(after.f_bfree * after.f_frsize, before.f_bfree * before.f_frsize)

        self.each_mode(body)

    def test_file_handles__name_files_for_good(self):
        def body(mount):
            support.write_file(mount.path("f"), b"by handle")
            handle = struct.pack("Ii", 128, 0) + bytes(128)
            buffer, mount_id = ctypes.create_string_buffer(handle, len(handle)), ctypes.c_int()
            if libc.name_to_handle_at(-100, os.fsencode(mount.path("f")), buffer, ctypes.byref(mount_id), 0) != 0:
                raise OSError(ctypes.get_errno(), "name_to_handle_at")
            support.drop_caches()
            directory = os.open(mount.dir, os.O_RDONLY)
            descriptor = libc.open_by_handle_at(directory, buffer, os.O_RDONLY)
            self.assertGreaterEqual(descriptor, 0, os.strerror(ctypes.get_errno()))
            self.assertEqual(os.read(descriptor, 100), b"by handle")
            os.close(descriptor)
            os.unlink(mount.path("f"))
            limit = time.monotonic() + 10 * support.SLOW  # the host may remember it for a while yet
            while (descriptor := libc.open_by_handle_at(directory, buffer, os.O_RDONLY)) >= 0:
                os.close(descriptor)
                self.assertLess(time.monotonic(), limit)
                support.drop_caches()
            self.assertEqual(ctypes.get_errno(), errno.ESTALE)
            os.close(directory)

        self.each_mode(body)


if __name__ == "__main__":
    support.need_root()
    support.main()

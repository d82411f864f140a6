#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Disk images and loop devices of the host as the disks of a kext's file system, through real mounts."""
import os
import subprocess
import unittest

import support
from support import BIN, BUILD, Mount

KEXTS = os.path.join(BUILD, "tests", "fuse", "kexts")
BLOCK, BLOCKS = 4096, 64


def block(number):
    return bytes((number * 31 + at * 7 + at // 256) & 0xff for at in range(BLOCK))


def image_in(folder, name="image"):
    path = os.path.join(folder, name)
    support.write_file(path, b"".join(block(number) for number in range(BLOCKS)))
    return path


class Disk(Mount):
    """A mount of @special (a function of the mount's own folder) as a blockfs."""

    def __init__(self, options, special, fstype="blockfs"):
        super().__init__(options, fstype=fstype)
        self.special = special(self.folder)
        self.command[self.command.index("-r") + 1] = KEXTS
        self.command[-2] = self.special


class Disks(unittest.TestCase):
    def refused(self, options, special, *texts):
        mount = Disk(options, special)
        self.addCleanup(mount.kill)
        with self.assertRaises(AssertionError) as raised:
            mount.start()
        for text in texts:
            self.assertIn(text, str(raised.exception))

    def all_blocks(self, mount):
        self.assertEqual(sorted(os.listdir(mount.dir), key=int), [str(number) for number in range(BLOCKS)])
        for number in range(BLOCKS):
            self.assertEqual(support.read_file(mount.path(str(number))), block(number))

    def test_image__every_block_is_a_file(self):
        for options in ("ro", "ro,nocache"):
            with self.subTest(options=options), Disk(options, image_in) as mount:
                self.all_blocks(mount)
                self.assertFalse(os.path.exists(mount.path(str(BLOCKS))))
                mounts = mount.status()["mounts"]
                self.assertEqual([row["special"] for row in mounts], [mount.special])
                self.assertRegex(mount.stats()["disk"], "^/dev/disk[0-9]+$")

    def test_loop_device__as_the_image_behind_it(self):
        folder = support.folder()
        done = subprocess.run(["losetup", "-f", "--show", "-r", image_in(folder)], text=True, capture_output=True, check=False)
        if done.returncode != 0:
            self.skipTest(f"no loop device to be had here: {done.stderr.strip()}")
        device = done.stdout.strip()
        try:
            with Disk("ro", lambda _: device) as mount:
                self.all_blocks(mount)
            self.refused("", lambda _: device, f"{device} is read-only")
        finally:
            subprocess.run(["losetup", "-d", device], check=True)

    def test_image_that_another_process_writes__is_refused_with_its_name(self):
        folder = support.folder()
        path = image_in(folder)
        holder = subprocess.Popen(["flock", "-x", path, "sh", "-c", "echo ready; cat"], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, text=True)
        try:
            self.assertEqual(holder.stdout.readline(), "ready\n")
            self.refused("ro", lambda _: path, f"{path} is in use", f"flock (process {holder.pid})")
        finally:
            holder.communicate("")
        with Disk("ro", lambda _: path) as mount:
            self.all_blocks(mount)

    @staticmethod
    def crumb(folder):
        path = os.path.join(folder, "crumb")
        support.write_file(path, bytes(511))
        return path

    def test_read_only__cannot_become_writable_but_back(self):
        def change(mount, option):
            done = subprocess.run([os.path.join(BIN, "kextbed"), "mount", "--socket", mount.socket, "-o", f"update,{option}",
                                   mount.dir], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                                  env=support.TOOL_ENV)
            return done.returncode, done.stdout

        with Disk("ro", image_in, "blockfsrw") as mount:
            code, said = change(mount, "rw")
            self.assertNotEqual(code, 0)
            self.assertIn(f"{mount.special} was opened for reading", said)
            self.assertIn("mount it again", said)
            self.assertEqual(change(mount, "noatime")[0], 0)
            with self.assertRaises(OSError):
                support.write_file(mount.path("3"), b"x")
        with Disk("rw", image_in, "blockfsrw") as mount:
            for option in ("ro", "rw"):
                code, said = change(mount, option)
                self.assertEqual(code, 0, said)
            with open(mount.path("3"), "r+b") as file:
                file.write(b"y")

    def test_what_is_no_disk__is_refused_with_the_reason(self):
        self.refused("ro", lambda folder: folder, "neither a disk image nor a block device")
        self.refused("ro", lambda folder: os.path.join(folder, "nothing"), "No such file or directory")
        self.refused("ro", lambda _: "none", "wants a block device or an image file")
        self.refused("ro", lambda _: "nothing.img", "nothing.img: no such file")
        self.refused("ro", self.crumb, "no disk image: it has 511 bytes")
        self.refused("", image_in, "EROFS")


if __name__ == "__main__":
    support.need_root()
    support.main()

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""ext2fs on images that mke2fs made: what was put in is read, and what is damaged does no harm."""
import ctypes
import hashlib
import os
import random
import re
import stat
import subprocess
import unittest

import support
from support import Mount

TYPES = (
    ("ext2", "-b 1024 -I 128"),
    ("ext2", "-b 2048 -O ^filetype,^resize_inode"),
    ("ext2", "-b 4096"),
    ("ext4", "-b 1024"),
    ("ext4", "-b 4096"),
    ("ext4", "-b 4096 -O ^metadata_csum,uninit_bg,^64bit"),
)
MIB = 1 << 20
DAMAGED = 4 if support.SANITIZED else 12


def fill(folder):
    """A tree with one of everything: every kind of file, blocks at each level of a map, names in several blocks."""
    generator = random.Random(4)
    names = os.path.join(folder, "names")
    os.makedirs(os.path.join(names, "deep", "er"))
    for number in range(400):
        support.write_file(os.path.join(names, f"{number:03d}" + "n" * (number % 200)), b"%d" % number)
    support.write_file(os.path.join(folder, "empty"), b"")
    support.write_file(os.path.join(folder, "large"), generator.randbytes(5 * MIB + 123))
    with open(os.path.join(folder, "sparse"), "wb") as file:
        for block in (0, 11, 12, 13, 267, 268, 269, 1035, 1036, 65803, 65804, 70000):
            file.seek(block * 1024)
            file.write(b"%d" % block)
    os.symlink("large", os.path.join(folder, "short"))
    os.symlink("x" * 59, os.path.join(folder, "just short"))
    os.symlink("y" * 60, os.path.join(folder, "just long"))
    os.symlink("z" * 700, os.path.join(folder, "long"))
    os.mkfifo(os.path.join(folder, "fifo"), 0o640)
    os.mknod(os.path.join(folder, "device"), 0o600 | stat.S_IFCHR, os.makedev(200, 70000))  # Darwin has eight bits for the first
    os.link(os.path.join(folder, "large"), os.path.join(folder, "linked"))
    os.chmod(os.path.join(folder, "empty"), 0o4711)
    os.chown(os.path.join(folder, "empty"), 70001, 70002)


def contents(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(MIB):
            digest.update(chunk)
    return digest.hexdigest()


def manifest(folder):
    """Everything that a program can know of the tree, by name."""
    def failed(error):
        raise error

    found = {}
    for where, directories, files in os.walk(folder, onerror=failed):
        if where == folder and "lost+found" in directories:
            directories.remove("lost+found")
        for name in directories + files:
            path = os.path.join(where, name)
            at = os.lstat(path)
            kind = stat.S_IFMT(at.st_mode)
            found[os.path.relpath(path, folder)] = (
                oct(at.st_mode), at.st_uid, at.st_gid, int(at.st_mtime), at.st_nlink,
                at.st_size if kind == stat.S_IFREG else None,
                at.st_rdev if kind == stat.S_IFCHR else None,
                os.readlink(path) if kind == stat.S_IFLNK else None,
                contents(path) if kind == stat.S_IFREG else None)
    return found


def image_make(folder, source, fstype, options):
    path = os.path.join(folder, "image")
    with open(path, "wb") as file:
        file.truncate(96 * MIB)
    subprocess.run(["mke2fs", "-q", "-F", "-t", fstype, *options.split(), "-d", source, path], check=True,
                   stderr=subprocess.DEVNULL)
    return path


def summary(image):
    """What dumpe2fs says of it."""
    done = subprocess.run(["dumpe2fs", "-h", image], text=True, capture_output=True, check=True)
    return {key: value.strip() for key, value in re.findall(r"^([^:\n]+):(.*)$", done.stdout, re.M)}


class Ext2(Mount):
    def __init__(self, image, options="ro"):
        super().__init__(options, fstype="ext2fs")
        self.command[-2] = image


def walk_all(folder):
    """Touches everything; what is damaged says EIO or the like, and that is all."""
    errors = 0
    for where, directories, files in os.walk(folder):
        for name in directories + files:
            path = os.path.join(where, name)
            try:
                at = os.lstat(path)
                if stat.S_ISREG(at.st_mode):
                    with open(path, "rb") as file:
                        file.read(MIB)
                        file.seek(max(0, at.st_size - 5000))
                        file.read(5000)
                elif stat.S_ISLNK(at.st_mode):
                    os.readlink(path)
            except OSError:
                errors += 1
    return errors


def damage(image, generator, block_size):
    """A few bytes each in the metadata at the head of the image, and anywhere in its first blocks."""
    with open(image, "r+b") as file:
        for _ in range(4):
            file.seek(generator.choice((1024 + generator.randrange(256), generator.randrange(1024, 64 * block_size))))
            file.write(generator.randbytes(generator.choice((1, 2, 4, 16))))
        for _ in range(40):
            file.seek(generator.randrange(64 * block_size, 4 * MIB))
            file.write(generator.randbytes(4))


def entries_from(folder, offset):
    """How many bytes of entries getdents64() has from there to the end."""
    libc, room, total = ctypes.CDLL(None, use_errno=True), ctypes.create_string_buffer(4096), 0
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.lseek(handle, offset, os.SEEK_SET)
        while (count := libc.syscall(217, handle, room, len(room))) > 0:
            total += count
        return total
    finally:
        os.close(handle)


class Images(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.source = support.folder()
        fill(cls.source)
        cls.wanted = manifest(cls.source)

    def figures(self, mount, image):
        said, now = summary(image), os.statvfs(mount.dir)
        self.assertEqual((now.f_bsize, now.f_blocks, now.f_bfree, now.f_files, now.f_ffree), tuple(int(said[key]) for key in (
            "Block size", "Block count", "Free blocks", "Inode count", "Free inodes")))
        self.assertEqual(now.f_bfree - now.f_bavail, int(said["Reserved block count"]))

    def test_every_format__all_is_read_as_it_was_put_in(self):
        for fstype, options in TYPES:
            with self.subTest(fstype=fstype, options=options):
                image = image_make(support.folder(), self.source, fstype, options)
                before = contents(image)
                with Ext2(image) as mount:
                    self.figures(mount, image)
                    found = manifest(mount.dir)
                    self.assertEqual({name: (found.get(name), self.wanted.get(name)) for name in found | self.wanted
                                      if found.get(name) != self.wanted.get(name)}, {})
                self.assertEqual(contents(image), before)

    def test_listing__from_any_offset__ends(self):
        image = image_make(support.folder(), self.source, *TYPES[0])
        with Ext2(image) as mount:
            names = mount.path("names")
            whole = entries_from(names, 0)
            for offset in (1, 13, 1000, 1023, 1024, 5001, 65535, 1 << 20, 1 << 40):
                with self.subTest(offset=offset):
                    self.assertLess(entries_from(names, offset), whole)

    def test_hash_trees__read_as_lists(self):
        for fstype, options in (("ext2", "-b 1024"), ("ext4", "-b 1024")):
            with self.subTest(fstype=fstype):
                image = image_make(support.folder(), self.source, fstype, options)
                subprocess.run(["e2fsck", "-fyD", image], capture_output=True, check=False)
                done = subprocess.run(["debugfs", "-R", "htree_dump /names", image], text=True, capture_output=True,
                                      check=True)
                self.assertIn("Root node", done.stdout)
                with Ext2(image) as mount:
                    self.assertEqual(manifest(mount.dir), self.wanted)

    def refused(self, image, options, *texts):
        mount = Ext2(image, options)
        self.addCleanup(mount.kill)
        with self.assertRaises(AssertionError) as raised:
            mount.start()
        for text in texts:
            self.assertIn(text, str(raised.exception))
        self.assertNotRegex(str(raised.exception), "panic|Sanitizer")

    def test_for_writing__refused_with_what_to_do(self):
        image = image_make(support.folder(), self.source, *TYPES[0])
        before = contents(image)
        self.refused(image, "", "-o ro")
        self.assertEqual(contents(image), before)

    def test_what_it_does_not_know__refused_by_name(self):
        image = image_make(support.folder(), self.source, *TYPES[0])
        with open(image, "r+b") as file:
            file.seek(1024 + 0x60)  # s_feature_incompat
            file.write((0x10002).to_bytes(4, "little"))
        self.refused(image, "ro", "encrypt")

    def test_not_a_file_system__refused(self):
        folder = support.folder()
        image = os.path.join(folder, "zeros")
        support.write_file(image, bytes(MIB))
        self.refused(image, "ro", "magic")

    def test_damaged__errors_and_nothing_worse(self):
        for seed in range(DAMAGED):
            fstype, options = TYPES[seed % len(TYPES)]
            with self.subTest(seed=seed, fstype=fstype, options=options):
                image = image_make(support.folder(), self.source, fstype, options)
                damage(image, random.Random(seed), int(re.search(r"-b (\d+)", options)[1]))
                before = contents(image)
                mount = Ext2(image, "ro,norecovery")
                self.addCleanup(mount.kill)
                try:
                    mount.start()
                except AssertionError as error:
                    self.assertNotRegex(str(error), "panic|Sanitizer|does not come up")
                else:
                    walk_all(mount.dir)
                    mount.stop()
                self.assertEqual(contents(image), before)


if __name__ == "__main__":
    support.need_fuse()
    support.need_root()
    support.main()

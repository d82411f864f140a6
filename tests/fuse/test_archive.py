#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""An archive of over 20,000 files is unpacked, compares equal with a cold cache, and is removed; in both modes. What differs
from these in one respect alone, and sanitizers, get a quarter and a tenth of it."""
import io
import os
import random
import subprocess
import tarfile
import unittest

import support
from support import EXACT, FAST, Mount

ALL = 20_500
FEWER = ALL // 4
if support.SANITIZED:
    ALL = FEWER = ALL // 10
DIRECTORIES = 400


def archive_make(path, files):
    chance = random.Random(20)
    pool = chance.randbytes(1 << 20)
    with tarfile.open(path, "w") as tar:
        names = ["tree"]
        for i in range(DIRECTORIES):
            info = tarfile.TarInfo(f"{chance.choice(names[-40:])}/dir-{i}")
            info.type, info.mode, info.mtime = tarfile.DIRTYPE, 0o755, 1_700_000_000 + i
            names.append(info.name)
            tar.addfile(info)
        for i in range(files):
            info = tarfile.TarInfo(f"{names[1 + i % DIRECTORIES]}/file-{i}")
            info.mode, info.mtime = 0o600 | chance.choice((0, 0o44, 0o111)), 1_600_000_000 + i
            if i % 50 == 49:
                info.type, info.linkname = tarfile.SYMTYPE, f"file-{i - 1}"
                tar.addfile(info)
                continue
            if i % 50 == 48 and i >= DIRECTORIES:
                info.type, info.linkname = tarfile.LNKTYPE, f"{names[1 + (i - DIRECTORIES) % DIRECTORIES]}/file-{i - DIRECTORIES}"
                if (i - DIRECTORIES) % 50 != 48:
                    tar.addfile(info)
                    continue
                info.type, info.linkname = tarfile.REGTYPE, ""
            info.size = chance.choice((0, 1, 100, 4095, 4096, 4097, 9000, 30_000))
            at = chance.randrange(len(pool) - info.size)
            tar.addfile(info, io.BytesIO(pool[at:at + info.size]))


class Archive(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = support.folder()
        cls.archives = {}
        for files in (ALL, FEWER):
            if files not in cls.archives:
                cls.archives[files] = os.path.join(folder, f"{files}.tar")
                archive_make(cls.archives[files], files)

    def in_mode(self, options, files, vnodes=None):
        archive = self.archives[files]
        with Mount(options, vnodes=vnodes) as mount:
            subprocess.run(["tar", "-xf", archive, "-C", mount.dir], check=True)
            for _ in range(2):
                done = subprocess.run(["tar", "-df", archive, "-C", mount.dir], text=True, capture_output=True, check=False)
                self.assertEqual((done.returncode, done.stdout[:500]), (0, ""), done.stderr[:500])
                support.drop_caches()
            count = sum(len(files) for _, _, files in os.walk(mount.dir))
            self.assertEqual(count, files)
            subprocess.run(["rm", "-r", mount.path("tree")], check=True)
            self.assertEqual(os.listdir(mount.dir), [])
            support.drop_caches()
            self.assertLess(mount.counters()["usecounts"], 20)

    def test_fast(self):
        self.in_mode(FAST, ALL)

    def test_fast__few_vnodes(self):
        self.in_mode(FAST, FEWER, vnodes=500)

    def test_open_sent(self):
        self.in_mode("open", FEWER)

    def test_exact(self):
        self.in_mode(EXACT, ALL)


if __name__ == "__main__":
    support.need_root()
    support.main()

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""An archive of over 20,000 files is unpacked, compares equal with a cold cache, and is removed; in both modes."""
import io
import os
import random
import subprocess
import tarfile
import unittest

import support
from support import EXACT, FAST, Mount

FILES = 20_500 // (4 if support.SANITIZED else 1)
DIRECTORIES = 400


def archive_make(path):
    chance = random.Random(20)
    pool = chance.randbytes(1 << 20)
    with tarfile.open(path, "w") as tar:
        names = ["tree"]
        for i in range(DIRECTORIES):
            info = tarfile.TarInfo(f"{chance.choice(names[-40:])}/dir-{i}")
            info.type, info.mode, info.mtime = tarfile.DIRTYPE, 0o755, 1_700_000_000 + i
            names.append(info.name)
            tar.addfile(info)
        for i in range(FILES):
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
        cls.archive = os.path.join(support.folder(), "archive.tar")
        archive_make(cls.archive)

    def in_mode(self, options, vnodes=None):
        with Mount(options, vnodes=vnodes) as mount:
            subprocess.run(["tar", "-xf", self.archive, "-C", mount.dir], check=True)
            for _ in range(2):
                done = subprocess.run(["tar", "-df", self.archive, "-C", mount.dir], text=True, capture_output=True, check=False)
                self.assertEqual((done.returncode, done.stdout[:500]), (0, ""), done.stderr[:500])
                support.drop_caches()
            count = sum(len(files) for _, _, files in os.walk(mount.dir))
            self.assertEqual(count, FILES)
            subprocess.run(["rm", "-r", mount.path("tree")], check=True)
            self.assertEqual(os.listdir(mount.dir), [])
            support.drop_caches()
            self.assertLess(mount.counters()["usecounts"], 20)

    def test_fast(self):
        self.in_mode(FAST)

    def test_fast__few_vnodes(self):
        self.in_mode(FAST, vnodes=500)

    def test_open_sent(self):
        self.in_mode("open")

    def test_exact(self):
        self.in_mode(EXACT)


if __name__ == "__main__":
    support.need_root()
    support.main()

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A kext that listens to what is done to files, on real mounts in each mode: it hears every operation, with paths and
credentials, and its refusal of attributes reaches whoever calls stat in the exact mode."""
import errno
import os
import re
import shutil
import subprocess
import sys
import unittest

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "fuse"))
import support  # noqa: E402
from kernel import EXTENSIONS, KernelTest, kext

STRANGER = support.STRANGER


class Listener(KernelTest):
    def setUp(self):
        super().setUp()
        self.dir = os.path.join(self.folder, "m")
        os.makedirs(self.dir, exist_ok=True)

    def mounted(self, options):
        self.ok("kextbed", "mount", "-t", "memfs", *(["-o", options] if options else []), self.dir)
        os.chmod(self.dir, 0o777)

    def unmounted(self):
        self.ok("kextbed", "umount", self.dir)

    def tearDown(self):
        if support.is_mounted(self.dir):
            subprocess.run(["umount", "-l", self.dir], check=False)
        super().tearDown()

    def news(self):
        """What the ear wrote since it was asked last, without the mount's own path; opens of directories left out."""
        lines = re.findall(r"ear: (.*)", self.ok("kextbed", "log"))
        fresh, self.heard = lines[self.heard:], len(lines)
        return [re.sub(r"/mnt/\d+/", "", line) for line in fresh if not re.search(r"/mnt/\d+ ", line)]

    def expect(self, *lines):
        found = []

        def complete():
            found.extend(self.news())
            return len(found) >= len(lines)

        support.becomes(complete)  # RELEASE comes when the host likes
        self.assertEqual(found, list(lines))

    def each_mode(self, body):
        self.heard = 0
        self.ok("kextload", kext("ear"))
        for options in ("", "open", "nocache"):
            with self.subTest(options=options or "fast"):
                self.mounted(options)
                self.news()
                body(options)
                self.unmounted()
        self.ok("kextunload", kext("ear"))
        self.ok("kextunload", os.path.join(EXTENSIONS, "memfs.kext"))

    def path(self, name):
        return os.path.join(self.dir, name)

    def test_operations__are_heard_in_every_mode(self):
        def body(_options):
            support.write_file(self.path("f"), b"contents")
            self.expect("open f 0", "close-modified f 0")
            os.chmod(self.path("f"), 0o644)
            self.assertIsNone(support.run_as(STRANGER, lambda: support.read_file(self.path("f"))))
            self.expect(f"open f {STRANGER}", f"close f {STRANGER}")
            os.link(self.path("f"), self.path("g"))
            self.expect("link f g 0")
            os.rename(self.path("g"), self.path("h"))
            self.expect("will-rename g h 0", "rename g h 0")
            os.mkdir(self.path("d"))
            os.rmdir(self.path("d"))
            self.expect("delete d 0")
            os.unlink(self.path("h"))
            self.expect("delete h 0")

        self.each_mode(body)

    def test_program__is_heard_as_executed(self):
        def body(_options):
            shutil.copy("/bin/true", self.path("true"))
            os.chmod(self.path("true"), 0o755)
            self.expect("open true 0", "close-modified true 0")
            subprocess.run([self.path("true")], check=True)
            self.expect("exec true 0")

        self.each_mode(body)

    def test_program_of_another__needs_the_right_to_execute(self):
        def body(_options):
            shutil.copy("/bin/true", self.path("true"))
            for mode, expected in ((0o744, errno.EACCES), (0o711, None)):
                os.chmod(self.path("true"), mode)
                self.assertEqual(support.run_as(STRANGER, lambda: subprocess.run([self.path("true")], check=True)), expected)

        self.each_mode(body)

    def test_write__through_one_of_two_opens__is_heard(self):
        def body(options):
            first = os.open(self.path("f"), os.O_CREAT | os.O_RDWR)
            second = os.open(self.path("f"), os.O_RDWR)
            os.write(first, b"contents")
            self.expect("open f 0", "open f 0")
            os.close(first)
            self.expect("close-modified f 0")
            os.close(second)
            # A cache that writes back does not say for whom.
            self.expect("close f 0" if options == "nocache" else "close-modified f 0")

        self.each_mode(body)

    def test_stat__refused__fails_in_the_exact_mode(self):
        def body(options):
            support.write_file(self.path("nostat"), b"contents")
            if options == "nocache":
                with self.assertRaises(PermissionError):
                    os.stat(self.path("nostat"))
            else:
                self.assertEqual(os.stat(self.path("nostat")).st_size, 8)
            support.write_file(self.path("f"), b"contents")
            self.assertEqual(os.stat(self.path("f")).st_size, 8)

        self.each_mode(body)


if __name__ == "__main__":
    support.need_root()
    unittest.main(verbosity=2)

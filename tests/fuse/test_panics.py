#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What a kext did wrong is told: kext, function and source line, the memory's tag, the lock's group."""
import os
import re
import resource
import subprocess
import unittest

import support
from test_wild import Wild

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "wildfs", "wildfs.c")


def line_of(text):
    """The number of the only line of wildfs.c that contains text."""
    with open(SOURCE, encoding="utf-8") as file:
        found = [number for number, line in enumerate(file, 1) if text in line]
    assert len(found) == 1, (text, found)
    return found[0]


class Panics(unittest.TestCase):
    def end_by(self, command, **keywords):
        mount = Wild(**keywords).start()
        self.addCleanup(mount.kill)
        mount.tell(command)
        self.assertEqual(mount.wait(60), 70, mount.logged())
        support.unmount(mount.dir, lazy=True)
        return mount.logged()

    def test_crash__source_lines_of_the_kext(self):
        said = self.end_by("crash")
        self.assertRegex(said, rf"wild_crash_here\S* at {re.escape(SOURCE)}:{line_of('*where = 1;')}\n")
        self.assertIn(f"wildfs.c:{line_of('wild_crash_here(NULL);')}\n", said)
        self.assertNotIn("inside a panic", said)
        self.assertLess(said.index("kexts in the backtrace"), said.index("source lines of kexts"))

    def test_memory_freed_twice__tag_kext_and_function(self):
        said = self.end_by("double")
        self.assertRegex(said, r"is freed twice \(200 bytes, tag \"wildfs.test\" of org.kextbed.test.wildfs\): "
                               r"now by wild_double_free\+0x[0-9a-f]+ \(org.kextbed.test.wildfs\), before by wild_double_free\+")
        self.assertNotIn("inside a panic", said)

    def test_overrun__tag_and_who_allocated(self):
        said = self.end_by("overrun")
        self.assertRegex(said, r"written beyond its end \(21 bytes, tag \"wildfs.test\", allocated by wild_overrun")

    def test_overrun_by_one_byte__seen_at_the_access_by_a_sanitizer(self):
        kext = os.path.join(support.BUILD, "tests", "kext", "kexts", "overrun.kext")
        done = subprocess.run([os.path.join(support.BIN, "kextbed"), "run", kext, "none", support.folder()], text=True,
                              capture_output=True, check=False, timeout=60 * support.SLOW)
        self.assertNotEqual(done.returncode, 0)
        if os.environ.get("KEXTBED_SANITIZE") == "address":
            self.assertIn("use-after-poison", done.stderr)
            self.assertIn("WRITE of size 1", done.stderr)
        else:
            self.assertIn('written beyond its end (21 bytes, tag "overrun", allocated by overrun_start', done.stderr)

    def test_lock_left_behind__operation_group_and_place(self):
        for ledger in (False, True):
            said = self.end_by("leak", ledger=ledger)
            reason = re.search("panic: .*", said).group()
            self.assertIn("vnop_lookup of wildfs returned with 1 lock(s) more", reason)
            self.assertIn('group "wildfs" of org.kextbed.test.wildfs, taken at wild_leak_lock+', reason)


if __name__ == "__main__":
    support.need_root()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.environ["KEXTBED_VALIDATE"] = "0"  # what is told without it
    support.main()

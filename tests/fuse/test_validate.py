#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The validator over a real mount: what is held and waited for can be asked at any time, an operation that does not end is
told of, a busy unmount says by whom, and with the validator off the question is refused."""
import contextlib
import json
import os
import re
import resource
import subprocess
import threading
import time
import unittest

import support
from support import BIN, EXACT, FAST, Mount
from test_wild import Wild

WRONG = os.path.join(support.BUILD, "tests", "validate", "kexts")
SOURCES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "validate", "kexts")
KEXT = "org.kextbed.test.wildfs"


def ask(mount, *words):
    command = [os.path.join(BIN, "kextbed"), *words, "--socket", mount.socket]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=support.TOOL_ENV)


def rows(mount, verb, member, *options):
    done = ask(mount, verb, "--json", *options)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)[member]


@contextlib.contextmanager
def reader_that_waits(mount):
    """A thread whose read waits inside the file system; woken at the end."""
    thread = threading.Thread(target=lambda: support.read_file(mount.path("locked")))
    thread.start()
    try:
        limit = time.monotonic() + 10 * support.SLOW
        while not any(row["kind"] == "sleeps" for row in rows(mount, "locks", "locks")):
            assert time.monotonic() < limit, "the read does not wait"
            time.sleep(0.05)
        yield
    finally:
        while thread.is_alive():
            mount.tell("wake")
            thread.join(0.2)


class ValidateTest(unittest.TestCase):
    def test_waiting_read__is_listed_with_its_references_and_told_of(self):
        with Wild(EXACT, env={"KEXTBED_VALIDATE": "1", "KEXTBED_HANG": "1"}) as mount:
            with reader_that_waits(mount):
                locks = rows(mount, "locks", "locks")
                sleeps = next(row for row in locks if row["kind"] == "sleeps")
                self.assertEqual((sleeps["operation"], sleeps["kext"]), ("vnop_read", KEXT))
                self.assertIn("wildfs_sleeper", sleeps["object"])
                self.assertTrue(any(KEXT in frame for frame in sleeps["frames"]), sleeps)
                runs = next(row for row in locks if row["kind"] == "runs" and row["thread"] == sleeps["thread"])
                self.assertEqual(runs["operation"], "vnop_read")
                iocount = next(row for row in rows(mount, "refs", "refs") if row["kind"] == "iocount")
                self.assertIn("wildfs", iocount["object"])
                self.assertEqual(iocount["thread"], sleeps["thread"])
                self.assertRegex(ask(mount, "refs").stdout, r"1 usecount: locked .*wildfs.* since \d+\.\d{3} s")
                self.assertRegex(ask(mount, "locks", "-v").stdout, r"sleeps event .*in vnop_read of org(.|\n)*#0 ")
                limit = time.monotonic() + 20 * support.SLOW
                while "[hang]" not in mount.logged():
                    self.assertLess(time.monotonic(), limit)
                    time.sleep(0.1)
                self.assertRegex(mount.logged(), rf"\[hang\] vnop_read of {re.escape(KEXT)} has run for \d+ ms(.|\n)*"
                                                 r"has waited \d+ ms for event \S+ \"wildfs_sleeper\"")

    def test_contention_and_order__after_work(self):
        with Mount(FAST, env={"KEXTBED_VALIDATE": "1"}) as mount:
            support.write_file(mount.path("file"), b"x" * 10000)
            for name in ("a", "b"):
                os.mkdir(mount.path(name))
            os.rename(mount.path("a"), mount.path("b", "a"))  # takes one lock inside another
            classes = rows(mount, "locks", "classes", "--contention")
            self.assertTrue(any(row["taken"] > 0 and "memfs" in row["name"] for row in classes), classes)
            self.assertRegex(ask(mount, "locks", "--contention").stdout, r"taken +waited +wait ms(.|\n)*memfs")
            self.assertRegex(ask(mount, "locks", "--dot").stdout, r"digraph lock_order \{\n(.|\n)*c\d+ -> c\d+ ")

    def test_open_files__each_taker_of_a_usecount_has_a_row(self):
        def takers():
            return [row for row in rows(mount, "refs", "refs")
                    if row["kind"] == "usecount" and row["pid"] == os.getpid() and row["object"].startswith("file ")]
        with Mount(EXACT, env={"KEXTBED_VALIDATE": "1"}) as mount:
            support.write_file(mount.path("file"), b"x")
            support.await_event(lambda: not takers(), "the writer's close is not seen")
            with open(mount.path("file"), "rb") as first:
                with open(mount.path("file"), "rb"):
                    self.assertEqual([(row["count"], row["kept"]) for row in takers()], [(1, True)] * 2)
                    first.close()
                    support.await_event(lambda: len(takers()) == 1, "the first reader's close is not seen")
                    self.assertRegex(ask(mount, "refs").stdout, rf"1 usecount: file .*, for process {os.getpid()}\n")

    def test_mistake__report_has_the_source_lines(self):
        mount = Mount(EXACT, env={"KEXTBED_VALIDATE": "1"}, fstype="smallfs")
        mount.command.insert(-2, os.path.join(WRONG, "wrong_lookup_leak.kext"))
        mount.start()
        self.addCleanup(mount.kill)
        with self.assertRaises(OSError):
            os.stat(mount.path("absent"))
        self.assertEqual(mount.wait(60), 70, mount.logged())
        support.unmount(mount.dir, lazy=True)
        with open(os.path.join(SOURCES, "lookup_leak.c"), encoding="utf-8") as file:
            line = next(number for number, text in enumerate(file, 1) if "BLAME" in text)
        self.assertRegex(mount.logged(), r"\[iocount-left\] kext org.kextbed.test.wrong_lookup_leak, operation vnop_lookup, "
                                         r"function mistake at \S+/lookup_leak\.c:\d+: it left 1 iocount")
        self.assertRegex(mount.logged(), rf"the iocount was taken:(.|\n)*mistake\S+ \(\S+\) at \S+/lookup_leak\.c:{line}\n")

    def test_validator_off__question_is_refused(self):
        with Mount(FAST, env={"KEXTBED_VALIDATE": "0"}) as mount:
            for verb in ("refs", "locks"):
                done = ask(mount, verb)
                self.assertNotEqual(done.returncode, 0)
                self.assertIn("was not started with the validator", done.stderr)

    def test_policy__unknown__is_refused(self):
        done = subprocess.run([os.path.join(BIN, "fusehost"), "--validate=perhaps"], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 64)
        self.assertIn("panic, warn or off", done.stderr)


if __name__ == "__main__":
    support.need_fuse()
    support.need_root()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    support.main()

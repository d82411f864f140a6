#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The kernel process as a process: its descriptors, its children, its lock, its messages."""
import os
import re
import signal
import subprocess
import time
import unittest

import support
from support import BIN, Mount

O_CLOEXEC = 0o2000000


def descriptors(pid):
    """(target, flags) of every open descriptor of a process."""
    found = []
    for number in os.listdir(f"/proc/{pid}/fd"):
        try:
            target = os.readlink(f"/proc/{pid}/fd/{number}")
            with open(f"/proc/{pid}/fdinfo/{number}", encoding="ascii") as file:
                flags = int(re.search(r"flags:\s+0(\d+)", file.read()).group(1), 8)
        except FileNotFoundError:
            continue
        found.append((int(number), target, flags))
    return found


def ended(pid):
    """Has the process ended? Where nobody collects orphans, as in some containers, it stays as a zombie."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rsplit(")", 1)[1].split()[0] in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return True


class Process(unittest.TestCase):
    def test_descriptors__close_on_exec(self):
        with Mount("threads=4") as mount:
            for i in range(20):
                support.write_file(mount.path(f"f{i}"), b"x")
            own = [entry for entry in descriptors(mount.process.pid) if entry[0] > 2]
            self.assertIn("/dev/fuse", [target for _, target, _ in own])
            self.assertTrue(any(target.endswith("/abort") for _, target, _ in own))
            for number, target, flags in own:
                if number < 64 or "fuse" in target:  # what this test's own caller handed down is not ours
                    self.assertTrue(flags & O_CLOEXEC or target.startswith("pipe:"), f"{number}: {target}")

    def test_threads__grow_with_the_load_and_not_beyond_the_limit(self):
        with Mount("threads=3") as mount:
            writers = [subprocess.Popen(["dd", "if=/dev/zero", f"of={mount.path(str(i))}", "bs=64k", "count=100", "oflag=direct"],
                                        stderr=subprocess.DEVNULL) for i in range(8)]
            for writer in writers:
                self.assertEqual(writer.wait(), 0)
            self.assertLessEqual(mount.stats()["threads"], 3)
            self.assertEqual(sum(os.path.getsize(mount.path(str(i))) for i in range(8)), 8 * 100 * 65536)


class Daemon(unittest.TestCase):
    def setUp(self):
        self.folder = support.folder()
        self.socket = os.path.join(self.folder, "s")
        self.pidfile = os.path.join(self.folder, "pid")
        self.log = os.path.join(self.folder, "log")

    def start(self, *more):
        return subprocess.run([os.path.join(BIN, "fusehost"), "--socket", self.socket, "--pidfile", self.pidfile, "--log", self.log,
                               *more], text=True, capture_output=True, timeout=60 * support.SLOW, check=False)

    def pid(self):
        with open(self.pidfile, encoding="ascii") as file:
            return int(file.read())

    def end(self, signo=signal.SIGTERM):
        pid = self.pid()
        os.kill(pid, signo)
        limit = time.monotonic() + 30 * support.SLOW
        while not ended(pid) and time.monotonic() < limit:
            time.sleep(0.02)
        self.assertTrue(ended(pid))

    def test_background__ready_when_the_command_returns__one_only(self):
        done = self.start()
        self.assertEqual(done.returncode, 0, done.stderr)
        try:
            self.assertTrue(os.path.exists(self.socket))
            second = self.start()
            self.assertEqual(second.returncode, 17)
            self.assertIn(f"pid {self.pid()}", second.stderr)
            targets = [target for _, target, _ in descriptors(self.pid())]
            self.assertEqual([target for target in targets if "/dev/pts" in target or "/dev/tty" in target], [])
        finally:
            self.end()
        self.assertFalse(os.path.exists(self.socket))
        self.assertFalse(os.path.exists(self.pidfile))
        with open(self.log, encoding="utf-8") as file:
            said = file.read()
        self.assertIn("is ready", said)
        self.assertIsNone(support.SUSPICIOUS.search(said), said)

    def test_hangup__is_no_reason_to_end(self):
        self.assertEqual(self.start().returncode, 0)
        try:
            pid = self.pid()
            os.kill(pid, signal.SIGHUP)
            support.await_event(lambda: support.signal_taken(pid, signal.SIGHUP), "the signal is taken")
            support.await_event(lambda: ended(pid) or support.rests(pid), "nothing more is done about it")
            self.assertFalse(ended(pid))
        finally:
            self.end()

    def test_bad_arguments__usage(self):
        for arguments, words in ((("--vnodes", "7"), "--vnodes 7"), (("--vnodes", "x"), "--vnodes x"), (("--cache-size", "7m"), "--cache-size 7m"),
                                 (("--cache-size", "x"), "--cache-size x"), (("--colour",), "usage"),
                                 (("word",), "word")):
            done = self.start(*arguments)
            self.assertEqual(done.returncode, 64)
            self.assertIn(words, done.stderr)
        self.assertEqual(self.start("-h").returncode, 0)

    def test_stale_lock_file__no_hindrance(self):
        support.write_file(self.pidfile, b"1\n")
        self.assertEqual(self.start().returncode, 0)
        self.assertNotEqual(self.pid(), 1)
        self.end()

    def test_log_that_cannot_be_opened__said_and_nothing_started(self):
        self.log = os.path.join(self.folder, "missing", "log")
        done = self.start()
        self.assertEqual(done.returncode, 1)
        self.assertIn(self.log, done.stderr)


if __name__ == "__main__":
    support.need_root()
    support.main()

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A real mount that is suspended: programs wait and see no error, the time-out names who is in the way, and what
ends a suspension: resume, the end of a command, of its client, and a forced unmount."""
import os
import signal
import subprocess
import sys
import unittest

import support
from support import BIN, Mount

READER = "import sys; print(open(sys.argv[1]).read())"


def kextbed(mount, *args):
    return subprocess.run([os.path.join(BIN, "kextbed"), *args, "--socket", mount.socket], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=60 * support.SLOW, check=False, env=support.TOOL_ENV)


def suspend(mount, *more):
    return subprocess.run([os.path.join(BIN, "kextbed"), "suspend", "--socket", mount.socket, *more],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=60 * support.SLOW, check=False, env=support.TOOL_ENV)


class Suspend(unittest.TestCase):
    def mount(self, stays=True):
        """@stays: it is still there at the end, and unmounts as usual."""
        mount = Mount("nocache").start()
        self.addCleanup(mount.__exit__, None if stays else RuntimeError, None, None)
        support.write_file(mount.path("file"), b"contents")
        return mount

    def reader(self, mount):
        process = subprocess.Popen([sys.executable, "-c", READER, mount.path("file")], stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True)
        self.addCleanup(process.stdout.close)
        return process

    def assert_waits(self, mount, process):
        """The kernel process has the request and does nothing, so nothing but a resume will get it answered."""
        support.await_event(lambda: process.poll() is not None or support.unanswered(mount.dir) > 0, "the reader asks")
        support.await_event(lambda: process.poll() is not None or self.lies_there(mount), "the request waits")
        self.assertIsNone(process.poll(), "the reader does not wait")

    @staticmethod
    def lies_there(mount):
        """Fetched by a worker, and every thread asleep: what the host has not handed over yet would wake one."""
        return support.rests(mount.process.pid) and support.unanswered(mount.dir) > 0 and support.rests(mount.process.pid)

    def test_suspended__programs_wait_and_go_on(self):
        mount = self.mount()
        done = suspend(mount, mount.dir)
        self.assertEqual(done.returncode, 0, done.stdout)
        process = self.reader(mount)
        self.assert_waits(mount, process)
        done = kextbed(mount, "umount", mount.dir)
        self.assertEqual(done.returncode, 16, done.stdout)
        self.assertIn("is suspended by user", done.stdout)
        self.assertEqual(kextbed(mount, "resume", mount.dir).returncode, 0)
        self.assertEqual(process.communicate(timeout=30 * support.SLOW)[0], "contents\n")
        self.assertEqual(process.returncode, 0)
        done = kextbed(mount, "resume", mount.dir)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("not suspended", done.stdout)

    def test_nested__resumed_as_often(self):
        mount = self.mount()
        for _ in range(2):
            self.assertEqual(suspend(mount, mount.dir).returncode, 0)
        self.assertEqual(kextbed(mount, "resume", mount.dir).returncode, 0)
        process = self.reader(mount)
        self.assert_waits(mount, process)
        self.assertEqual(kextbed(mount, "resume", mount.dir).returncode, 0)
        self.assertEqual(process.wait(timeout=30 * support.SLOW), 0)

    def test_command__suspended_until_it_ends(self):
        mount = self.mount()
        done = suspend(mount, mount.dir, "sh", "-c", "exit 3")
        self.assertEqual(done.returncode, 3, done.stdout)
        self.assertEqual(support.read_file(mount.path("file")), b"contents")

    def test_client_killed__resumed(self):
        mount = self.mount()
        client = subprocess.Popen([os.path.join(BIN, "kextbed"), "suspend", "--socket", mount.socket, mount.dir,
                                   "sh", "-c", "echo on; exec sleep 1000 >&-"], stdout=subprocess.PIPE, text=True,
                                  start_new_session=True)
        self.addCleanup(client.stdout.close)
        self.assertEqual(client.stdout.readline(), "on\n")
        process = self.reader(mount)
        self.assert_waits(mount, process)
        done = suspend(mount, "--timeout", "0.1", mount.dir)
        self.assertEqual(done.returncode, 16, done.stdout)
        self.assertIn("is suspended by user", done.stdout)
        self.assertEqual(kextbed(mount, "resume", mount.dir).returncode, 77)
        client.kill()
        client.wait()
        self.assertEqual(process.wait(timeout=30 * support.SLOW), 0)
        os.killpg(client.pid, signal.SIGKILL)  # the command

    def test_fatal_signal__ends_who_waits(self):
        mount = self.mount()
        self.assertEqual(suspend(mount, mount.dir).returncode, 0)
        process = self.reader(mount)
        self.assert_waits(mount, process)
        process.kill()
        self.assertEqual(process.wait(timeout=30 * support.SLOW), -signal.SIGKILL)
        self.assertEqual(kextbed(mount, "resume", mount.dir).returncode, 0)

    def test_forced_unmount__ends_it(self):
        mount = self.mount(stays=False)
        self.assertEqual(suspend(mount, mount.dir).returncode, 0)
        process = self.reader(mount)
        self.assert_waits(mount, process)
        done = kextbed(mount, "umount", "-f", mount.dir)
        self.assertEqual(done.returncode, 0, done.stdout)
        process.wait(timeout=30 * support.SLOW)
        mount.check(mount.wait())


class Load(unittest.TestCase):
    def test_fsx__suspended_again_and_again(self):
        with Mount("") as mount:
            rounds = seed = 0
            while rounds <= 3:  # where the tool is slow beside fsx, several runs
                seed += 1
                fsx = subprocess.Popen([os.path.join(BIN, "fsx"), "-N", str(8000 // support.SLOW), "-S", str(seed),
                                        "-j", "2", mount.path("f")], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
                while fsx.poll() is None:
                    done = suspend(mount, "--timeout", "30", mount.dir, "true")
                    self.assertEqual(done.returncode, 0, done.stdout)
                    rounds += 1
                out = fsx.communicate()[0]
                self.assertEqual(fsx.returncode, 0, out)
            print(f"{rounds} suspensions under fsx")


if __name__ == "__main__":
    support.need_root()
    unittest.main(verbosity=2)

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Loading, mounting and their ends together, with real FUSE mounts: who refuses what while something is in use."""
import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "fuse"))
import support  # noqa: E402
from kernel import BIN, EXTENSIONS, SLOW, KernelTest, kext

MEMFS = os.path.join(EXTENSIONS, "memfs.kext")


def is_mounted(path):
    with open("/proc/self/mounts", encoding="utf-8") as file:
        return any(line.split()[1] == path for line in file)


class MountTest(KernelTest):
    def setUp(self):
        super().setUp()
        self.dir = os.path.join(self.folder, "m")
        os.makedirs(self.dir, exist_ok=True)

    def tearDown(self):
        if is_mounted(self.dir):
            subprocess.run(["umount", "-l", self.dir], check=False)
        super().tearDown()

    def unload(self):
        self.ok("kextunload", MEMFS)

    def test_type__loaded_on_demand__mounted_and_unmounted(self):
        self.ok("kextbed", "mount", "-t", "memfs", self.dir)
        self.assertEqual(self.loaded()["memfs"]["state"], "started")
        with open(os.path.join(self.dir, "file"), "w", encoding="ascii") as file:
            file.write("hello")
        status = json.loads(self.ok("kextbed", "status", "--json"))
        self.assertEqual(status["mounts"][0]["dir"], self.dir)
        self.assertEqual(status["mounts"][0]["type"], "memfs")
        self.assertIn("none on " + self.dir, self.ok("kextbed", "status", "-v"))
        self.fails(16, "mounted", "kextbed", "mount", "-t", "memfs", self.dir)
        self.ok("kextbed", "umount", self.dir)
        self.assertFalse(is_mounted(self.dir))
        self.fails(1, "nothing of this kernel process", "kextbed", "umount", self.dir)
        self.unload()

    def test_data__from_a_file__reaches_the_file_system(self):
        data = os.path.join(self.folder, "data")
        for text, code in ((b"size=1m,mode=0711\0", 0), (b"nonsense\0", 1)):
            with open(data, "wb") as file:
                file.write(text)
            # A name that means something else to the kernel process, which works in another folder.
            done = self.tool("kextbed", "mount", "-t", "memfs", "-o", "fsdata=@" + os.path.relpath(data), self.dir)
            self.assertEqual(done.returncode != 0, code != 0, done.stderr)
            if code != 0:  # the tool says what the file system said
                self.assertIn("bad mount option \"nonsense\"", done.stderr)
            if code == 0:
                self.assertEqual(os.stat(self.dir).st_mode & 0o7777, 0o711)
                self.ok("kextbed", "umount", self.dir)
        self.unload()

    def test_full__told_by_fsync_when_fast_and_by_write_when_exact(self):
        for options in ("fsdata=size=1m", "nocache,fsdata=size=1m", "sync,fsdata=size=1m"):
            self.ok("kextbed", "mount", "-t", "memfs", "-o", options, self.dir)
            fd = os.open(os.path.join(self.dir, "file"), os.O_CREAT | os.O_RDWR)
            fast = options.startswith("fsdata")
            with self.assertRaises(OSError) as caught:
                written = os.write(fd, b"x" * (4 << 20))
                self.assertTrue(fast or written < 4 << 20)
                os.fsync(fd)
                os.write(fd, b"x" * (4 << 20))
            self.assertEqual(caught.exception.errno, errno.ENOSPC)
            os.close(fd)
            self.ok("kextbed", "umount", self.dir)
        self.unload()

    def test_kext__of_a_mount__not_unloaded(self):
        self.ok("kextload", MEMFS)
        self.ok("kextbed", "mount", "-t", "memfs", self.dir)
        done = self.fails(3, "memfs", "kextunload", MEMFS)
        self.assertIn("1 mount", done.stderr)
        with open(os.path.join(self.dir, "after"), "w", encoding="ascii") as file:
            file.write("still served")
        self.ok("kextbed", "umount", self.dir)
        self.unload()

    def test_busy__not_unmounted_unless_forced(self):
        self.ok("kextbed", "mount", "-t", "memfs", self.dir)
        with open(os.path.join(self.dir, "held"), "w", encoding="ascii") as file:
            file.write("x")
            file.flush()
            done = self.fails(16, self.dir + " is busy", "kextbed", "umount", self.dir)
            self.assertNotIn(self.dir + ": " + self.dir, done.stderr)
            self.fails(16, self.dir, "kextbed", "stop")
            file.write("y")
        self.ok("kextbed", "umount", self.dir)
        with open(os.path.join("/", "proc", "self", "mounts"), encoding="utf-8") as file:
            self.assertNotIn(self.dir, file.read())
        self.ok("kextbed", "mount", "-t", "memfs", self.dir)
        held = os.open(self.dir, os.O_RDONLY | os.O_DIRECTORY)
        self.ok("kextbed", "umount", "-f", self.dir)
        os.close(held)
        self.unload()

    def test_umount_8__ends_the_session(self):
        if os.geteuid() != 0:
            self.skipTest("umount(8) of a FUSE mount asks for root")
        self.ok("kextbed", "mount", "-t", "memfs", self.dir)
        subprocess.run(["umount", self.dir], check=True)
        deadline = time.monotonic() + 10 * SLOW
        while json.loads(self.ok("kextbed", "status", "--json"))["mounts"]:
            self.assertLess(time.monotonic(), deadline)
        self.unload()

    def test_wrong_mounts__told(self):
        self.fails(1, "no loaded kext serves file systems of type nosuchfs", "kextbed", "mount", "-t", "nosuchfs", self.dir)
        self.fails(6, "/nonexistent", "kextbed", "mount", "-t", "memfs", "/nonexistent/dir")
        self.fails(6, "dance", "kextbed", "mount", "-t", "memfs", "-o", "dance=1", self.dir)
        self.fails(64, "-t TYPE", "kextbed", "mount", self.dir)
        self.tool("kextunload", "-q", MEMFS)

    def test_helper_of_mount__mounts(self):
        helper = os.path.join(BIN, "mount.kext")
        self.assertTrue(os.path.exists(helper))
        self.ok("mount.kext", "none", self.dir, "-o", "rw,noauto,x-test=1,fsdata=size=1m\\,mode=0711,nofail", "-t", "kext.memfs")
        self.assertTrue(is_mounted(self.dir))
        self.assertEqual(os.stat(self.dir).st_mode & 0o7777, 0o711)
        self.fails(32, "mounted", "mount.kext", "none", self.dir, "-o", "rw", "-t", "kext.memfs")
        self.ok("kextbed", "umount", self.dir)
        self.fails(32, "dance", "mount.kext", "none", self.dir, "-o", "rw,dance=1", "-t", "kext.memfs")
        self.fails(1, "are needed", "mount.kext", "none", self.dir)
        self.unload()

    def test_stop__with_mounts__starts_again(self):
        self.ok("kextbed", "mount", "-t", "memfs", self.dir)
        self.ok("kextbed", "stop")
        self.assertFalse(is_mounted(self.dir))
        self.start()

    def test_crash__mounts_fail_at_once_and_are_cleared(self):
        self.ok("kextbed", "mount", "-t", "memfs", self.dir)
        held = os.open(os.path.join(self.dir, "held"), os.O_CREAT | os.O_RDWR)
        self.fails(69, "ended before it answered", "kextload", kext("crash"))
        try:
            self.assertEqual(os.listdir(self.dir), [])  # cut off and taken away
        except OSError:
            pass  # cut off, still there
        os.close(held)
        self.start()
        self.assertFalse(is_mounted(self.dir))
        self.log_start = len(self.logged())
        self.before = self.counters()


class RunTest(unittest.TestCase):
    """kextbed run: everything in one process in the foreground."""

    def run_begin(self, *args, **kwargs):
        self.dir = os.path.realpath(subprocess.run(["mktemp", "-d", "/tmp/kxrun.XXXXXX"], capture_output=True, text=True,
                                                   check=True).stdout.strip())
        os.chmod(self.dir, 0o777)
        process = subprocess.Popen([*kwargs.pop("prefix", []), os.path.join(BIN, "kextbed"), "run", *args,
                                    *(["none"] if kwargs.pop("special", True) else []), self.dir],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   env=dict(os.environ, KEXTBED_EXTENSIONS=EXTENSIONS), **kwargs)
        return process

    def run_end(self, process, code):
        try:
            out, err = process.communicate(timeout=30 * SLOW)
        finally:
            if process.poll() is None:
                process.kill()
            if is_mounted(self.dir):
                subprocess.run(["umount", "-l", self.dir], check=False)
            os.rmdir(self.dir)
        self.assertEqual(process.returncode, code, out + err)
        return out + err

    def serve(self, process):
        line = process.stdout.readline()
        self.assertIn("is mounted on " + self.dir, line)
        path = os.path.join(self.dir, "file")
        with open(path, "w", encoding="ascii") as file:
            file.write("written")
        with open(path, encoding="ascii") as file:
            self.assertEqual(file.read(), "written")

    def test_interrupt__unmounts(self):
        process = self.run_begin("-t", "memfs")
        self.serve(process)
        process.send_signal(signal.SIGINT)
        self.run_end(process, 0)

    def test_named_kext__type_from_its_name(self):
        process = self.run_begin(MEMFS, special=False)
        self.serve(process)
        subprocess.run(["umount", self.dir], check=True)
        self.run_end(process, 0)

    def test_ordinary_user__may(self):
        if os.geteuid() != 0:
            self.skipTest("this is the other tests, for an ordinary user")
        if not os.access("/usr/bin/fusermount3", os.X_OK):
            self.skipTest("no fusermount3")
        process = self.run_begin("-t", "memfs", prefix=["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"])
        line = process.stdout.readline()
        if "is mounted" not in line:
            out = self.run_end(process, process.wait(30))
            if "/dev/fuse" in out or "Permission denied" in out:
                self.skipTest("an ordinary user cannot reach the build or /dev/fuse here: " + out.strip()[-200:])
            self.fail(out)
        process.send_signal(signal.SIGINT)
        self.run_end(process, 0)

    def test_wrong_kext__told_and_nothing_mounted(self):
        process = self.run_begin(kext("missing"))
        out = self.run_end(process, 4)
        self.assertIn("no_such_function", out)

    def test_exit_status__says_why(self):
        for code, text, args in (
                (34, "start routine failed with code 17", (kext("badstart"),)),
                (4, "needs org.kextbed.test.library", (kext("user"),)),
                (1, "nosuchfs.kext", ("-t", "nosuchfs")),
                (1, "No such file", ("/nonexistent.kext",)),
                (1, "no file system of type hello", (kext("hello"),)),
                (6, "dance", ("-t", "memfs", "-o", "dance=1")),
                (6, "color=red", ("-t", "memfs", "-o", "fsdata=size=1m\\,color=red")),
                (64, "a number of at least 8", ("-t", "memfs", "--vnodes", "abc"))):
            self.assertIn(text, self.run_end(self.run_begin(*args), code))

    def test_exit_status__busy_and_missing_folders(self):
        for code, text, where in ((1, "No such file", "/nonexistent/dir"), (6, "not a directory", "/etc/passwd")):
            done = subprocess.run([os.path.join(BIN, "kextbed"), "run", "-t", "memfs", "none", where], text=True,
                                  capture_output=True, check=False, env=dict(os.environ, KEXTBED_EXTENSIONS=EXTENSIONS))
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertIn(text, done.stderr)

    def test_socket__answers(self):
        sock = "/tmp/kxrun-%d.sock" % os.getpid()
        process = self.run_begin("-t", "memfs", "--socket", sock)
        self.serve(process)
        out = subprocess.run([os.path.join(BIN, "kextstat"), "-k", "--socket", sock], capture_output=True, text=True,
                             check=True).stdout
        self.assertIn("org.kextbed.memfs", out)
        subprocess.run([os.path.join(BIN, "kextbed"), "stop", "--socket", sock], check=True)
        self.run_end(process, 0)
        self.assertFalse(os.path.exists(sock))

    def test_debugger__knows_the_kext(self):
        """gdb stops in the start routine of a kext that it was never told about, and knows its source lines."""
        gdb = shutil.which("gdb")
        if not gdb or os.environ.get("KEXTBED_SANITIZE"):
            self.skipTest("no gdb" if not gdb else "instrumented processes are slow to debug")
        self.dir = tempfile.mkdtemp(prefix="kxrun", dir="/tmp")
        script = ["set confirm off", "set breakpoint pending on", "set pagination off", "handle SIGUSR1 nostop",
                  "break memfs_kext_start", "run", "info line memfs_kext_start", "backtrace", "kill"]
        done = subprocess.run([gdb, "-batch", "-nx", *[word for line in script for word in ("-ex", line)], "--args",
                               os.path.join(BIN, "kextbed"), "run", "-t", "memfs", "none", self.dir],
                              capture_output=True, text=True, timeout=120, check=False,
                              env=dict(os.environ, KEXTBED_EXTENSIONS=EXTENSIONS, DEBUGINFOD_URLS=""))
        if is_mounted(self.dir):
            subprocess.run(["umount", "-l", self.dir], check=False)
        os.rmdir(self.dir)
        self.assertIn("hit Breakpoint 1", done.stdout, done.stderr)
        self.assertRegex(done.stdout, r"#0 +memfs_kext_start \(\w+=.*memfs_kext\.c:\d+", done.stderr)
        self.assertRegex(done.stdout, r"Line \d+ of .*memfs_kext\.c.*starts at address", done.stderr)


if __name__ == "__main__":
    if not os.path.exists("/dev/fuse"):
        print("skipped: there is no /dev/fuse")
        sys.exit(77)
    if os.geteuid() == 0:
        support.own_namespace()
    unittest.main()

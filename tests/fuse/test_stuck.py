#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A kext that hangs or leaks keeps nobody: the process can be killed, forced ends are limited in time and say the truth."""
import contextlib
import datetime
import json
import os
import resource
import signal
import socket
import subprocess
import time
import unittest

import support
from support import BIN, EXACT, is_mounted
from test_wild import KEXTS, Wild

VERSION = 1  # of the control channel
KILL_S = 5 * support.SLOW
FORCE_S = 25 * support.SLOW
# What is given up here never answers: a fifth of the usual bounds shows it as well. The tests that tell times have those.
HURRY = {"KEXTBED_PATIENCE": "20"}
USUAL = {"KEXTBED_PATIENCE": "100"}


def gone(pid, seconds):
    """Whether a process, zombies and what waits in the host included, is no more."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii") as file:
                if file.read().rsplit(")", 1)[1].split()[0] in "ZX" and not os.listdir(f"/proc/{pid}/task")[1:]:
                    return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.05)
    return False


def looker(path):
    """Somebody who looks at a file, and waits."""
    return subprocess.Popen(["stat", path], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


class Patience(unittest.TestCase):
    def test_what_is_no_number__is_refused_at_the_start(self):
        for name, wish in (("PATIENCE", "0"), ("PATIENCE", "1x"), ("PATIENCE", "10001"), ("HANG", "soon")):
            mount = support.Mount(env={f"KEXTBED_{name}": wish})
            self.addCleanup(mount.kill)
            with self.subTest(name=name, wish=wish), self.assertRaises(AssertionError) as raised:
                mount.start()
            self.assertIn(f"KEXTBED_{name}={wish}: not a number of", str(raised.exception))


class Logged(unittest.TestCase):
    def await_log(self, mount, text, seconds=FORCE_S):
        limit = time.monotonic() + seconds
        while text not in mount.logged():
            self.assertLess(time.monotonic(), limit, mount.logged())
            time.sleep(0.05)

    @staticmethod
    def signal_again(mount, signo):
        """Sends a signal and waits until it is taken: two that are pending at once would be one."""
        mount.kill(signo)
        support.await_event(lambda: mount.process.poll() is not None or support.signal_taken(mount.process.pid, signo),
                            "the signal is taken")


class Hung(Logged):
    def hang(self, options="", how="arm", env=None):
        mount = Wild(options, env=env or HURRY).start()
        self.addCleanup(self.clean, mount)
        mount.tell(how)
        mount.looker = looker(mount.path("steady"))
        support.await_sleepers(mount.socket, 1)
        return mount

    def clean(self, mount):
        mount.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            mount.process.wait(KILL_S)
        if is_mounted(mount.dir):
            support.unmount(mount.dir, lazy=True)
        mount.looker.wait(KILL_S)
        mount.looker.stderr.close()
        self.assertNotIn("data race", mount.logged())

    def test_kill__ends_a_process_that_tries_to_write_back(self):
        for options in ("", EXACT):
            with self.subTest(options=options or "fast"):
                mount = self.hang(options, "hang")
                mount.kill(signal.SIGTERM)
                self.await_log(mount, "is busy")
                mount.kill(signal.SIGTERM)
                # A child of its own writes back; where nothing is to be written back, the requests are cut off at once.
                support.await_event(lambda: support.children(mount.process.pid) or mount.looker.poll() is not None,
                                    "it writes back or cuts off", KILL_S)
                self.assertIsNone(mount.process.poll())
                mount.kill(signal.SIGKILL)
                self.assertTrue(gone(mount.process.pid, KILL_S), "the killed process does not end")
                with self.assertRaises(OSError):
                    os.stat(mount.path("steady"))
                self.assertNotEqual(mount.looker.wait(KILL_S), 0)

    def test_signals__cut_off_within_seconds__report_names_the_request(self):
        mount = self.hang()
        began = time.monotonic()
        mount.kill(signal.SIGINT)
        self.await_log(mount, "once more to cut it off")
        mount.kill(signal.SIGINT)
        self.assertEqual(mount.wait(30), 16)
        self.assertLess(time.monotonic() - began, FORCE_S)
        self.assertNotEqual(mount.looker.wait(KILL_S), 0)
        self.assertFalse(is_mounted(mount.dir))
        said = mount.logged()
        self.assertIn(f"stat (pid {mount.looker.pid})", said)
        self.assertIn("LOOKUP of node 1", said)
        self.assertNotIn("namespace", said)
        if not os.environ.get("KEXTBED_SANITIZE") == "thread":
            self.assertIn("wild_getattr", said)
            self.assertIn("org.kextbed.test.wildfs", said)

    def test_three_signals__end_at_once(self):
        # "At once" is told from the usual bounds where those are longer; under sanitizers neither is short.
        mount = self.hang(env=HURRY if support.SANITIZED else USUAL)
        mount.kill(signal.SIGINT)
        self.await_log(mount, "once more to cut it off")
        began = time.monotonic()
        self.signal_again(mount, signal.SIGINT)
        mount.kill(signal.SIGINT)
        self.assertEqual(mount.wait(30), 16)
        self.assertLess(time.monotonic() - began, 3 * support.SLOW)
        self.assertFalse(is_mounted(mount.dir))

    def test_forced_unmount__usual_bounds__says_what_does_not_come_back(self):
        mount = self.hang(env=USUAL)
        began = time.monotonic()
        done = subprocess.run([os.path.join(BIN, "kextbed"), "umount", "-f", "--socket", mount.socket, mount.dir], text=True,
                              capture_output=True, check=False, timeout=FORCE_S)
        self.assertLess(time.monotonic() - began, FORCE_S)
        self.assertGreaterEqual(time.monotonic() - began, 5)
        self.assertEqual(done.returncode, 16, done.stderr)
        self.assertIn("LOOKUP of node 1", done.stderr)
        self.assertIn(f"pid {mount.looker.pid}", done.stderr)
        self.assertNotIn("namespace", done.stderr)
        self.assertNotEqual(mount.looker.wait(KILL_S), 0)
        self.assertFalse(is_mounted(mount.dir))

    def test_signal__ends_a_start_that_hangs(self):
        mount = Wild(env=HURRY)
        mount.command[-2] = "hang"
        self.addCleanup(mount.kill)
        mount.start(ready=lambda: "wildfs hangs now" in mount.logged())
        began = time.monotonic()
        mount.kill(signal.SIGINT)
        self.assertEqual(mount.wait(), 1)
        self.assertLess(time.monotonic() - began, 6 * support.SLOW)
        self.assertIn("before the mount was there", mount.logged())

    def test_interruptible_sleep__ends_with_a_forced_unmount(self):
        mount = Wild().start()
        mount.looker = looker(mount.path("doze-1"))
        self.addCleanup(self.clean, mount)
        support.await_sleepers(mount.socket, 1)
        done = subprocess.run([os.path.join(BIN, "kextbed"), "umount", "-f", "--socket", mount.socket, mount.dir], text=True,
                              capture_output=True, check=False, timeout=FORCE_S)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(mount.wait(), 0)


class Held(Logged):
    def keep(self, **keywords):
        mount = Wild(env=HURRY, **keywords).start()
        self.addCleanup(lambda: self.assertNotIn("data race", mount.logged()))
        self.addCleanup(mount.kill)
        support.read_file(mount.path("steady"))
        mount.tell("keep")
        support.await_sleepers(mount.socket, 1)
        return mount

    def test_kept_iocount__plain_unmount_names_the_vnode(self):
        mount = self.keep()
        subprocess.run(["umount", mount.dir], check=True)
        self.await_log(mount, "the reclaim of steady (VREG")
        self.signal_again(mount, signal.SIGTERM)
        mount.kill(signal.SIGTERM)
        self.assertEqual(mount.wait(), 16)

    def test_kept_iocount__forced_unmount_names_vnode_and_holder(self):
        mount = self.keep(ledger=True)
        began = time.monotonic()
        done = subprocess.run([os.path.join(BIN, "kextbed"), "umount", "-f", "--socket", mount.socket, mount.dir], text=True,
                              capture_output=True, check=False, timeout=FORCE_S)
        self.assertLess(time.monotonic() - began, FORCE_S)
        self.assertEqual(done.returncode, 16, done.stderr)
        self.assertIn("vnodes still held", done.stderr)
        self.assertIn("steady (VREG", done.stderr)
        self.await_log(mount, "the reclaim of steady")
        self.assertIn("keeper", mount.logged())
        mount.kill(signal.SIGTERM)
        self.assertEqual(mount.wait(60), 16)


class Stop(unittest.TestCase):
    def setUp(self):
        self.folder = support.folder()
        self.socket = os.path.join(self.folder, "s")
        self.outer = os.path.join(self.folder, "m")
        os.mkdir(self.outer)
        self.addCleanup(self.end)

    def kextbed(self, *arguments, timeout=60 * support.SLOW, env=None):
        return subprocess.run([os.path.join(BIN, "kextbed"), arguments[0], "--socket", self.socket, *arguments[1:]], text=True,
                              capture_output=True, check=False, timeout=timeout,
                              env=dict(os.environ, KEXTBED_EXTENSIONS=support.EXTENSIONS, ASAN_OPTIONS="detect_leaks=0",
                                       **(env or {})))

    def ok(self, *arguments, env=None):
        done = self.kextbed(*arguments, env=env)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def ask(self, **request):
        """A request by itself: the tool would look at the path as well, and wait."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as sock:
            sock.settimeout(30 * support.SLOW)
            sock.connect(self.socket)
            sock.send(json.dumps({"v": VERSION, **request}).encode())
            return json.loads(sock.recv(1 << 20))

    def end(self):
        """A test that failed leaves no kernel process."""
        with contextlib.suppress(OSError, ValueError):
            os.kill(self.pid(), signal.SIGKILL)
        while is_mounted(self.outer) and support.unmount(self.outer, lazy=True).returncode == 0:
            pass

    def pid(self):
        with open(self.socket + ".pid", encoding="ascii") as file:
            return int(file.read())

    def test_nested__newest_first(self):
        self.ok("start")
        self.ok("mount", "-t", "memfs", self.outer)
        inner = os.path.join(self.outer, "inner")
        os.mkdir(inner)
        self.ok("mount", "-t", "memfs", inner)
        support.write_file(os.path.join(inner, "file"), b"x")
        self.ok("stop")
        self.assertFalse(is_mounted(self.outer))

    def test_refused_mount__says_what_the_kext_said(self):
        self.ok("start")
        self.ok("mount", "-t", "wildfs", "-r", KEXTS, self.outer)
        other = os.path.join(self.folder, "other")
        os.mkdir(other)
        done = self.kextbed("mount", "-t", "wildfs", "-r", KEXTS, other)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("EBUSY; it said: wildfs: one mount at a time", done.stderr)
        shown = self.ok("status", "-v", "2").stdout
        self.assertIn(f"none on {self.outer} type wildfs\n", shown)
        self.assertRegex(shown, r"\n +INIT +1\n")
        self.assertNotRegex(shown, r"\n +count ")
        self.ok("stop")

    def test_mount_inside_one_that_hangs__refused_and_the_process_can_be_killed(self):
        self.ok("start", env=HURRY)
        self.ok("mount", "-t", "wildfs", "-r", KEXTS, self.outer)
        pid = self.pid()
        with contextlib.suppress(OSError):
            os.stat(os.path.join(self.outer, "arm-1"))
        answer = self.ask(verb="mount", type="memfs", dir=os.path.join(self.outer, "steady", "deeper"))
        self.assertIn("the file system that it lies on does not answer", answer["problems"][0]["text"])
        os.kill(pid, signal.SIGKILL)
        self.assertTrue(gone(pid, KILL_S))
        support.unmount(self.outer, lazy=True)

    def test_panic__tools_name_reason_and_report(self):
        self.ok("start")
        self.ok("mount", "-t", "wildfs", "-r", KEXTS, self.outer)
        with contextlib.suppress(OSError):
            os.stat(os.path.join(self.outer, "panic-1"))
        limit = time.monotonic() + KILL_S
        while not os.path.exists(self.socket + ".panic") and time.monotonic() < limit:
            time.sleep(0.05)
        done = self.kextbed("status")
        while done.returncode == 0 and time.monotonic() < limit:
            done = self.kextbed("status")
        self.assertEqual(done.returncode, 69, done.stderr)
        self.assertIn("panic: wildfs was told to panic", done.stderr)
        self.assertIn(f"Its report is in {self.socket}.log", done.stderr)
        with open(self.socket + ".log", encoding="utf-8") as file:
            lines = file.readlines()
        for line in lines:
            self.assertRegex(line, r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d\d\dZ \[\d+\] ")
        stamp = datetime.datetime.strptime(lines[-1].split(" ")[0], "%Y-%m-%dT%H:%M:%S.%f%z")
        self.assertLess(abs(stamp.timestamp() - time.time()), 600)
        self.ok("start")
        self.assertFalse(os.path.exists(self.socket + ".panic"))
        self.ok("stop")

    def test_own_process_of_an_ordinary_user__starts_and_logs_beside_its_socket(self):
        os.chown(self.folder, support.STRANGER, support.STRANGER)
        as_user = ["setpriv", f"--reuid={support.STRANGER}", f"--regid={support.STRANGER}", "--clear-groups"]
        for verb in ("start", "status", "stop"):
            done = subprocess.run([*as_user, os.path.join(BIN, "kextbed"), verb, "--socket", self.socket], text=True,
                                  capture_output=True, check=False, timeout=60 * support.SLOW)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        with open(self.socket + ".log", encoding="utf-8") as file:
            self.assertIn("is ready", file.read())

    def test_poor_hosts__the_reason_is_said(self):
        for prepare, command, words in (
                ("mount -t tmpfs -o ro none /run", ("start",), ("/run/kextbed", "Read-only file system", "--socket")),
                ("mount -t tmpfs none /dev && mknod -m 666 /dev/null c 1 3 && mknod /dev/urandom c 1 9",
                 ("run", "-r", support.EXTENSIONS, "-t", "memfs", "none", self.outer), ("there is no /dev/fuse", "modprobe fuse"))):
            line = f"{prepare} && exec {os.path.join(BIN, 'kextbed')} {' '.join(command)}"
            done = subprocess.run(["unshare", "-m", "sh", "-c", line], text=True, capture_output=True, check=False,
                                  timeout=60 * support.SLOW, env={key: value for key, value in os.environ.items() if key != "KEXTBED_SOCKET"})
            self.assertNotEqual(done.returncode, 0)
            for word in words:
                self.assertIn(word, done.stderr)

    def refused_stop(self):
        done = self.kextbed("stop")
        self.assertEqual(done.returncode, 16, done.stderr)
        return done.stderr

    def test_forced_stop__ends_a_process_whose_kext_hangs(self):
        self.ok("start", env=HURRY)
        self.ok("mount", "-t", "wildfs", "-r", KEXTS, self.outer)
        pid = self.pid()
        with contextlib.suppress(OSError):
            os.stat(os.path.join(self.outer, "arm-1"))
        lookers = [looker(os.path.join(self.outer, name)) for name in ("steady", "fickle")]
        support.await_sleepers(self.socket, 2)
        # A request is told of once it is not answered for a moment.
        support.await_event(lambda: f"stat (pid {lookers[0].pid})" in self.refused_stop(), "a refused stop names the request")
        began = time.monotonic()
        done = self.kextbed("stop", "-f")
        self.assertLess(time.monotonic() - began, FORCE_S)
        self.assertEqual(done.returncode, 16, done.stderr)
        self.assertIn("does not give 2 requests back", done.stderr)
        self.assertTrue(gone(pid, KILL_S))
        self.assertFalse(is_mounted(self.outer))
        for process in lookers:
            self.assertNotEqual(process.wait(KILL_S), 0)
            process.stderr.close()
        self.assertFalse(os.path.exists(self.socket))
        self.ok("start")
        self.ok("stop")


if __name__ == "__main__":
    support.need_root()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    support.main()

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A file system that misbehaves on demand (wildfs): crash and panic end the mounts at once, changes behind the host's back are
seen, sleepers neither block others nor survive a signal, VNOP_OPEN and VNOP_CLOSE come in pairs, odd errnos pass."""
import contextlib
import errno
import os
import resource
import signal
import subprocess
import threading
import time
import unittest

import support
from support import BIN, BUILD, FAST, EXACT, Mount, is_mounted

KEXTS = os.path.join(BUILD, "tests", "fuse", "kexts")


class Wild(Mount):
    def __init__(self, options="", **keywords):
        super().__init__(options, fstype="wildfs", **keywords)
        self.command[self.command.index("-r") + 1] = KEXTS

    def tell(self, command):
        """Looks a name up; returns the errno that it met."""
        self.told = getattr(self, "told", 0) + 1
        try:
            os.stat(self.path(f"{command}-{self.told}"))
        except OSError as error:
            return error.errno
        raise AssertionError("such a file exists")


class Panic(unittest.TestCase):
    def end_by(self, command, options=FAST):
        """Makes the kernel half die while a reader waits and a file is open; the seconds until everybody knew."""
        mount = Wild(options).start()
        descriptor = os.open(mount.path("steady"), os.O_RDONLY)
        outcome = []

        def wait_in_read():
            try:
                support.read_file(mount.path("locked"))
                outcome.append("answered")
            except OSError as error:
                outcome.append(error.errno)

        reader = threading.Thread(target=wait_in_read)
        reader.start()
        support.await_sleepers(mount.socket, 1)
        began = time.monotonic()
        met = mount.tell(command)
        reader.join(30)
        with self.assertRaises(OSError) as raised:
            os.listdir(mount.dir)
        seconds = time.monotonic() - began
        self.assertEqual(raised.exception.errno, errno.ENOTCONN)
        self.assertIn(met, (errno.ENOTCONN, errno.ECONNABORTED))
        self.assertEqual(len(outcome), 1)
        self.assertIn(outcome[0], (errno.ENOTCONN, errno.ECONNABORTED))
        with contextlib.suppress(OSError):
            os.close(descriptor)
        return mount, seconds

    def check_report(self, mount, *words):
        self.assertEqual(mount.wait(60), 70)
        said = mount.logged()
        for word in words:
            self.assertIn(word, said)

    def clear(self, mount):
        """The next one to mount there does not stumble over the dead mount."""
        self.assertTrue(is_mounted(mount.dir))
        again = Mount()
        again.folder, again.dir = mount.folder, mount.dir
        again.command[-1] = mount.dir
        again.start()
        support.write_file(again.path("works"), b"again")
        again.stop()
        self.assertFalse(is_mounted(mount.dir))

    def test_crash__mounts_fail_at_once__report_names_the_kext(self):
        for options in (FAST, EXACT):
            with self.subTest(options=options or "fast"):
                mount, seconds = self.end_by("crash", options)
                self.assertLess(seconds, 5 * support.SLOW)
                self.check_report(mount, "wild_crash_here", "org.kextbed.test.wildfs")
                self.clear(mount)

    def test_panic__mounts_fail_at_once__report_says_why(self):
        mount, seconds = self.end_by("panic")
        self.assertLess(seconds, 5 * support.SLOW)
        self.check_report(mount, "wildfs was told to panic", "org.kextbed.test.wildfs")
        self.clear(mount)

    def test_segmentation_signal_from_outside__the_same(self):
        mount = Wild().start()
        mount.kill(signal.SIGSEGV)
        self.assertNotEqual(mount.wait(60), 0)
        with self.assertRaises(OSError) as raised:
            os.listdir(mount.dir)
        self.assertEqual(raised.exception.errno, errno.ENOTCONN)
        self.clear(mount)

    def test_killed__mount_is_dead__next_start_clears_it(self):
        mount = Wild().start()
        mount.kill(signal.SIGKILL)
        mount.wait()
        with self.assertRaises(OSError) as raised:
            os.stat(mount.path("steady"))
        self.assertEqual(raised.exception.errno, errno.ENOTCONN)
        self.clear(mount)

    def test_daemon__clears_dead_mounts_when_it_starts(self):
        mount = Wild().start()
        mount.kill(signal.SIGKILL)
        mount.wait()
        alive = Mount().start()
        place = support.folder()
        sock = os.path.join(place, "s")
        daemon = subprocess.Popen([os.path.join(BIN, "fusehost"), "-f", "--socket", sock, "--pidfile", os.path.join(place, "pid")],
                                  stderr=subprocess.PIPE, text=True)
        try:
            limit = time.monotonic() + 20 * support.SLOW
            while not os.path.exists(sock) and time.monotonic() < limit:
                time.sleep(0.05)
            self.assertFalse(is_mounted(mount.dir))
            self.assertTrue(is_mounted(alive.dir))
            support.write_file(alive.path("still"), b"served")
        finally:
            daemon.terminate()
            said = daemon.communicate()[1]
            alive.stop()
        self.assertEqual(daemon.returncode, 0, said)
        self.assertIn("dead mount", said)


class Suspend(unittest.TestCase):
    def test_time_out__names_the_kexts_own_thread_and_where_it_is(self):
        for command, function in (("keep", "keeper"), ("spin", "spinner")):
            with self.subTest(command), Wild(EXACT) as mount:
                suspend = [os.path.join(BIN, "kextbed"), "suspend", "--timeout", "1", "--socket", mount.socket, mount.dir]
                mount.tell(command)
                done = subprocess.run(suspend, capture_output=True, text=True, timeout=60 * support.SLOW, check=False)
                self.assertEqual(done.returncode, 16, done.stderr)
                thread = "by a thread of a kext's own, outside any call: thread [0-9]+"
                place = r" in .*" + function + r"\+0x[0-9a-f]+ \(org\.kextbed\.test\.wildfs\)"
                if os.environ.get("KEXTBED_SANITIZE") == "thread":  # delays the signal that makes a thread tell its place
                    place = ""
                self.assertRegex(done.stderr, thread + place)
                mount.tell("wake")
                self.assertTrue(support.becomes(lambda: subprocess.run(
                    suspend, capture_output=True, timeout=60 * support.SLOW, check=False).returncode == 0, 20))
                subprocess.run([os.path.join(BIN, "kextbed"), "resume", "--socket", mount.socket, mount.dir], check=True)


class Behaviour(unittest.TestCase):
    def test_change_behind_the_host__seen_soon(self):
        with Wild() as mount:
            path = mount.path("fickle")
            for version in range(20):
                want = b"version %d\n" % version
                limit = time.monotonic() + 10 * support.SLOW
                while support.read_file(path) != want or os.stat(path).st_size != len(want):
                    self.assertLess(time.monotonic(), limit, f"the host still shows {support.read_file(path)}")
                    time.sleep(0.005)
                mount.tell("change")

    def test_changes_in_a_hurry__do_not_block(self):
        with Wild() as mount:
            stop = threading.Event()

            def keep_reading():
                while not stop.is_set():
                    os.listdir(mount.dir)
                    support.read_file(mount.path("fickle"))

            readers = [threading.Thread(target=keep_reading) for _ in range(4)]
            for reader in readers:
                reader.start()
            for _ in range(500):
                mount.tell("change")
            stop.set()
            for reader in readers:
                reader.join(30)
            limit = time.monotonic() + 10 * support.SLOW
            while support.read_file(mount.path("fickle")) != b"version 500\n":
                self.assertLess(time.monotonic(), limit)
                time.sleep(0.01)

    def test_sleepers__leave_room_for_others(self):
        with Wild("threads=8") as mount:
            readers = [threading.Thread(target=support.read_file, args=(mount.path("locked"),)) for _ in range(5)]
            for reader in readers:
                reader.start()
            support.await_event(lambda: mount.stats()["ops"].get("OPEN", {"count": 0})["count"] >= len(readers), "all have opened")
            support.await_sleepers(mount.socket, 1)
            self.assertEqual(support.read_file(mount.path("steady")), b"steady\n")
            limit = time.monotonic() + 30 * support.SLOW
            while any(reader.is_alive() for reader in readers) and time.monotonic() < limit:
                mount.tell("wake")
                time.sleep(0.05)
            self.assertFalse(any(reader.is_alive() for reader in readers))

    def sleeper(self, mount):
        """A process that sleeps in a lookup."""
        def lookups():
            return mount.stats()["ops"].get("LOOKUP", {"count": 0})["count"]

        before = lookups()
        self.slept = getattr(self, "slept", 0) + 1
        process = subprocess.Popen(["stat", mount.path(f"doze-{self.slept}")], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        limit = time.monotonic() + 10 * support.SLOW
        while lookups() == before:
            self.assertLess(time.monotonic(), limit)
            time.sleep(0.01)
        return process

    def test_signal__ends_an_interruptible_sleep(self):
        for options in (FAST, EXACT):
            with self.subTest(options=options or "fast"), Wild(options) as mount:
                for signo in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT) * 5:
                    sleeper = self.sleeper(mount)
                    sleeper.send_signal(signo)
                    sleeper.communicate(timeout=10 * support.SLOW)
                    self.assertEqual(sleeper.returncode, -signo)
                self.assertEqual(support.read_file(mount.path("steady")), b"steady\n")
                self.assertGreater(mount.stats()["ops"]["INTERRUPT"]["count"], 0)

    def test_signal_to_one__others_sleep_on(self):
        with Wild() as mount:
            one, other = self.sleeper(mount), self.sleeper(mount)
            support.await_sleepers(mount.socket, 2)
            one.send_signal(signal.SIGTERM)
            one.communicate(timeout=10 * support.SLOW)
            support.await_event(lambda: len(support.sleepers(mount.socket)) < 2 and support.rests(mount.process.pid),
                                "the one that was interrupted is gone")
            self.assertEqual(len(support.sleepers(mount.socket)), 1)
            self.assertIsNone(other.poll())
            mount.tell("wake")
            self.assertIn(b"No such file", other.communicate(timeout=10 * support.SLOW)[1])

    def test_open_and_close__come_in_pairs(self):
        with Wild() as mount:
            self.assertTrue(mount.stats()["sends_open"])
            for _ in range(25):
                self.assertEqual(support.read_file(mount.path("steady")), b"steady\n")
            descriptor = os.open(mount.path("steady"), os.O_RDONLY)
            again = os.dup(descriptor)
            os.close(descriptor)
            self.assertEqual(self.opens(mount, 26, 25), (26, 25))
            os.close(again)
            self.assertEqual(self.opens(mount, 26, 26), (26, 26))

    @staticmethod
    def opens(mount, opens, closes):
        """RELEASE comes a moment after close(2) returned."""
        limit = time.monotonic() + 5 * support.SLOW
        while True:
            support.drop_caches()
            got = tuple(int(word) for word in support.read_file(mount.path("opens")).split())
            if got == (opens, closes) or time.monotonic() > limit:
                return got
            time.sleep(0.02)

    def test_noopen__refused_for_a_type_that_has_its_own(self):
        mount = Wild("noopen")
        with self.assertRaises(AssertionError) as raised:
            mount.start()
        self.assertIn("VNOP_OPEN", str(raised.exception))

    def test_errnos__become_the_hosts(self):
        with Wild() as mount:
            for darwin, host in ((35, errno.EAGAIN), (45, errno.EOPNOTSUPP), (62, errno.ELOOP), (66, errno.ENOTEMPTY),
                                 (69, errno.EDQUOT), (70, errno.ESTALE), (78, errno.EOPNOTSUPP), (93, errno.ENODATA),
                                 (5, errno.EIO), (200, errno.EIO)):
                self.assertEqual(mount.tell(f"fail-{darwin}"), host, darwin)
            self.assertEqual(support.read_file(mount.path("steady")), b"steady\n")

    def test_recycled_without_vget__found_by_name(self):
        with Wild(vnodes=8) as mount:
            descriptor = os.open(mount.path("steady"), os.O_RDONLY)
            for _ in range(50):
                for name in ("steady", "fickle", "opens"):
                    support.read_file(mount.path(name))
                    os.stat(mount.path(name))
            self.assertEqual(os.pread(descriptor, 100, 0), b"steady\n")
            os.close(descriptor)


if __name__ == "__main__":
    support.need_root()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    support.main()

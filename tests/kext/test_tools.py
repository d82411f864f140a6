#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""kextload, kextunload, kextstat, kextutil and kextbed against a kernel process, without mounts: what they do, say and return."""
import fcntl
import json
import os
import pty
import re
import shutil
import subprocess
import threading
import unittest

from kernel import BIN, KEXTS, KernelTest, kext

STRANGER = 65534
ID = "org.kextbed.test."


class LoadTest(KernelTest):
    def test_load__stat__unload(self):
        self.ok("kextload", kext("hello"))
        row = self.loaded()["hello"]
        self.assertEqual((row["state"], row["refs"], row["interface"]), ("started", 0, False))
        self.assertRegex(row["uuid"], r"^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$")
        self.assertIn("loaded already", self.ok("kextload", kext("hello")))
        self.assertIn("hello: org.kextbed.test.hello", self.ok("kextbed", "log"))
        self.ok("kextunload", kext("hello"))
        self.fails(1, "not loaded", "kextunload", "-b", ID + "hello")

    def test_locks__embedded_by_a_private_source__work(self):
        self.ok("kextload", kext("embedded"))
        self.ok("kextunload", kext("embedded"))

    def test_library__found_in_repository__kept_while_used(self):
        self.ok("kextload", "-r", KEXTS, "-b", ID + "user")
        self.assertEqual(self.loaded()["library"]["refs"], 1)
        self.fails(3, "in use by " + ID + "user", "kextunload", "-b", ID + "library")
        self.ok("kextunload", "-b", ID + "user", "-b", ID + "library")

    def test_library__named__used(self):
        self.fails(11, "needs org.kextbed.test.library (1.5)", "kextload", kext("user"))
        self.ok("kextload", "-d", kext("library"), kext("user"))
        self.ok("kextunload", kext("user"), kext("library"))

    def test_library__file_gone__loaded_one_serves(self):
        copy = os.path.join(self.folder, "library.kext")
        shutil.copytree(kext("library"), copy)
        self.ok("kextload", copy)
        shutil.rmtree(copy)
        self.ok("kextload", kext("user"))
        self.ok("kextunload", "-b", ID + "user", "-b", ID + "library")

    def test_other_version__loaded__refused(self):
        copy = os.path.join(self.folder, "hello.kext")
        shutil.copytree(kext("hello"), copy)
        path = os.path.join(copy, "Contents", "Info.plist")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace("1.0.0", "1.0.1"))
        self.ok("kextload", kext("hello"))
        self.fails(11, "version 1.0.0 is loaded; this is version 1.0.1", "kextload", copy)
        self.ok("kextunload", kext("hello"))
        shutil.rmtree(copy)

    def test_wrong_kexts__each_told_and_nothing_loaded(self):
        for name, text in (("missing", "\tno_such_function"), ("undeclared", "add to OSBundleLibraries"),
                           ("local", "thread-local"), ("nokmod", "does not define kmod_info"),
                           ("badstart", "start routine failed with code 17")):
            self.fails(11, text, "kextload", kext(name))
        self.fails(11, "start routine failed", "kextload", "-r", KEXTS, kext("spoiler"))
        self.assertEqual(self.loaded(), {})

    def test_damaged_bundles__told(self):
        copy = os.path.join(self.folder, "bad.kext")
        shutil.copytree(kext("hello"), copy)
        executable = os.path.join(copy, "Contents", "MacOS", "hello")
        plist = os.path.join(copy, "Contents", "Info.plist")
        with open(executable, "rb") as file:
            whole = file.read()
        for size in (0, 10, 64, 1000, len(whole) // 2, len(whole) - 1):
            with open(executable, "wb") as file:
                file.write(whole[:size])
            self.fails(11, "bad.kext", "kextload", copy) if size < 64 else self.fails(11, "kxld[", "kextload", copy)
        os.unlink(executable)
        self.fails(11, "its executable 'hello' is not in", "kextload", copy)
        with open(plist, "a", encoding="utf-8") as file:
            file.write("<more>")
        self.fails(11, "Info.plist:", "kextload", copy)
        shutil.rmtree(copy)
        self.fails(11, "No such file", "kextload", copy)

    def test_circle__told(self):
        for name, other in (("a", "b"), ("b", "a")):
            copy = os.path.join(self.folder, "circle", name + ".kext")
            shutil.copytree(kext("hello"), copy)
            path = os.path.join(copy, "Contents", "Info.plist")
            with open(path, encoding="utf-8") as file:
                text = file.read()
            text = text.replace(ID + "hello", "o." + name).replace("com.apple.kpi.mach", "o." + other)
            text = text.replace("<key>OSBundleLibraries", "<key>OSBundleCompatibleVersion</key><string>1.0</string>"
                                "<key>OSBundleLibraries").replace("8.0.0</string>\n    </dict>", "1.0</string></dict>")
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        folder = os.path.join(self.folder, "circle")
        self.fails(11, "o.a -> o.b -> o.a", "kextload", "-r", folder, "-b", "o.a")
        shutil.rmtree(folder)

    def test_stop_routine__refuses__told(self):
        self.ok("kextload", kext("badstop"))
        self.fails(3, "refuses with code 5", "kextunload", kext("badstop"))
        self.assertEqual(self.loaded()["badstop"]["state"], "started")
        self.ok("kextunload", kext("badstop"))

    def test_stranger__may_ask_and_no_more(self):
        if os.geteuid() != 0:
            self.skipTest("only root can act as somebody else")
        self.ok("kextload", kext("hello"))
        rows = json.loads(self.ok("kextstat", "--json", user=STRANGER))["kexts"]
        self.assertEqual({row["address"] for row in rows}, {0})
        for args in (("kextload", kext("library")), ("kextbed", "stop"), ("kextbed", "log"),
                     ("kextbed", "mount", "-t", "x", "/tmp"), ("kextbed", "umount", "/tmp")):
            self.fails(77, "user 65534 may not", *args, user=STRANGER)
        self.fails(2, "may not unload", "kextunload", kext("hello"), user=STRANGER)
        self.ok("kextunload", kext("hello"))

    def test_unstarted__not_taken_for_started(self):
        """kextload starts what was only loaded; so does loading what needs it."""
        self.ok("kextutil", "-l", kext("hello"))
        self.assertIn("starting it", self.ok("kextload", kext("hello")))
        self.assertEqual(self.loaded()["hello"]["state"], "started")
        self.ok("kextunload", kext("hello"))
        self.ok("kextutil", "-l", kext("library"))
        self.ok("kextload", kext("user"))
        self.assertEqual(self.loaded()["library"]["state"], "started")
        self.ok("kextunload", kext("user"), kext("library"))
        self.ok("kextutil", "-l", kext("badstart"))
        self.fails(11, "start routine failed", "kextload", kext("badstart"))
        self.ok("kextunload", kext("badstart"))

    def test_many_clients__at_once(self):
        results = []

        def client():
            for _ in range(5):
                results.append(self.tool("kextstat", "-l").returncode)

        threads = [threading.Thread(target=client) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(set(results), {0})

    def test_verbs_of_kextbed__reach_the_tools(self):
        self.ok("kextbed", "load", kext("hello"))
        self.assertIn(ID + "hello (1.0.0)", self.ok("kextbed", "showloaded"))
        self.ok("kextbed", "unload", kext("hello"))

    def test_start__again__harmless(self):
        self.assertIn("running already", self.ok("kextbed", "start"))


class StatTest(KernelTest):
    def test_table__has_the_usual_columns(self):
        self.ok("kextload", "-r", KEXTS, kext("user"))
        lines = self.ok("kextstat").splitlines()
        self.assertEqual(lines[0].split(), "Index Refs Address Size Wired Name (Version) UUID <Linked Against>".split())
        self.assertEqual(len(lines), 9)
        row = re.compile(r"^ *(\d+) +(\d+) (0|0x[0-9a-f]+) +(0|0x[0-9a-f]+) +(0|0x[0-9a-f]+) +([\w.]+) \(([\w.]+)\)"
                         r"( [0-9A-F-]{36})? <[\d ]*>$")
        for line in lines[1:]:
            self.assertRegex(line, row)
        user = row.match(self.ok("kextstat", "-l", "-b", ID + "user").rstrip())
        self.assertEqual(user.group(6), ID + "user")
        self.assertEqual(len(self.ok("kextstat", "-kl").splitlines()), 2)
        self.assertIn("x86_64", self.ok("kextstat", "-a"))
        dot = self.ok("kextstat", "--dot")
        self.assertTrue(dot.startswith("digraph"))
        self.assertIn("->", dot)
        self.fails(1, "not loaded", "kextstat", "-b", "org.example.none")
        self.ok("kextunload", kext("user"), kext("library"))


class UtilTest(KernelTest):
    def test_no_load__loads_nothing_and_finds_everything(self):
        self.assertIn("can be loaded", self.ok("kextutil", "-nt", kext("hello")))
        done = self.fails(4, "\tno_such_function", "kextutil", "-n", "-t", kext("missing"))
        self.assertNotIn("kextutil -n -t", done.stderr)
        for symbol in ("no_such_variable", "strlcpyy", "bpf_attach belongs to com.apple.kpi.bsd"):
            self.assertIn(symbol, done.stderr)
        self.assertIn("can be loaded", self.ok("kextutil", "-n", "-e", "-r", KEXTS, kext("user")))
        self.fails(4, "needs " + ID + "library", "kextutil", "-n", "-e", kext("user"))
        self.ok("kextutil", "-n", "-Z", "-e", kext("user"))
        self.fails(1, "no kext with this identifier", "kextutil", "-n", "-b", "org.example.none")

    def test_same_words__dry_and_real(self):
        """A dry link finds what a real one finds."""
        dry = self.tool("kextutil", "-n", kext("undeclared")).stderr
        real = self.tool("kextutil", kext("undeclared")).stderr
        tail = [line for line in dry.splitlines() if line.startswith("\t") or line.startswith("kxld[")]
        self.assertTrue(tail)
        for line in tail:
            self.assertIn(line, real)

    def test_instrumented__unlike_the_kernel__told_before_loading(self):
        """A dry link refuses what a real one refuses."""
        for args in (("kextutil", "-n", "-t"), ("kextutil",)):
            done = self.fails(4 if "-n" in args else 6, "this kernel process was not", *args, kext("foreign"))
            self.assertRegex(done.stderr, r"\t__[at]san_\w+")

    def test_load_only__not_started(self):
        self.ok("kextutil", "-l", kext("badstart"))
        self.assertEqual(self.loaded()["badstart"]["state"], "loaded")
        self.assertIn("(not started)", self.ok("kextstat"))
        self.ok("kextunload", kext("badstart"))

    def test_exit_codes(self):
        self.fails(34, "start routine failed", "kextutil", kext("badstart"))
        self.fails(6, "does not define kmod_info", "kextutil", kext("nokmod"))
        self.fails(7, "needs a terminal", "kextutil", "-i", kext("hello"))
        self.fails(64, "ID@ADDRESS", "kextutil", "-n", "-a", "x", kext("hello"))
        self.fails(64, "no kext is named", "kextutil", "-n")
        self.fails(64, "multiple of 4096", "kextutil", "-n", "-a", "x@0x1234", kext("hello"))

    def asked(self, answer, *args):
        """kextutil -i with a terminal that gives @answer."""
        master, slave = pty.openpty()
        try:
            os.write(master, answer)
            return self.tool("kextutil", "-i", *args, stdin=slave)
        finally:
            os.close(master)
            os.close(slave)

    def test_interactive__asks_before_starting(self):
        done = self.asked(b"n\n", kext("hello"))
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("Start " + ID + "hello?", done.stdout)
        self.assertEqual(self.loaded()["hello"]["state"], "loaded")
        done = self.asked(b"y\n", kext("hello"))  # loaded already: the question is the same
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.loaded()["hello"]["state"], "started")
        done = self.asked(b"n\n", kext("hello"))  # nothing to ask any more
        self.assertEqual((done.returncode, "Start" in done.stdout), (0, False))
        self.ok("kextunload", kext("hello"))
        done = self.asked(b"y\n", kext("badstart"))
        self.assertEqual(done.returncode, 34, done.stderr)
        self.assertIn("start routine failed", done.stderr)
        self.ok("kextunload", kext("badstart"))
        self.assertEqual(self.asked(b"\x04", kext("hello")).returncode, 3)  # the end of input is no
        self.ok("kextunload", kext("hello"))

    def test_option_twice__warned_and_last_counts(self):
        done = self.tool("kextutil", "-n", "-s", "/nonexistent", "-s", self.folder, kext("hello"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("more than once", done.stderr)
        os.unlink(os.path.join(self.folder, ID + "hello.sym"))

    def sections(self, path):
        out = subprocess.run(["readelf", "-SW", path], capture_output=True, text=True, check=True).stdout
        return {m.group(1): int(m.group(2), 16) for m in re.finditer(r"\] (\S+) +\w+ +([0-9a-f]{16})", out)}

    def test_symbols__at_the_address_asked_for(self):
        self.ok("kextutil", "-n", "-r", KEXTS, "-s", self.folder, "-a", ID + "user@0x600000000000", kext("user"))
        path = os.path.join(self.folder, ID + "user.sym")
        self.assertEqual(self.sections(path)[".text"] & ~0xfff, 0x600000000000)
        self.assertFalse(os.path.exists(os.path.join(self.folder, ID + "library.sym")))
        os.unlink(path)

    def test_symbols__of_what_is_loaded(self):
        self.ok("kextutil", "-s", self.folder, kext("hello"))
        path = os.path.join(self.folder, ID + "hello.sym")
        base = self.loaded()["hello"]["address"]
        size = self.loaded()["hello"]["size"]
        self.assertTrue(base <= self.sections(path)[".text"] < base + size)
        os.unlink(path)
        self.ok("kextutil", "-n", "-A", "-s", self.folder, kext("hello"))
        self.assertTrue(base <= self.sections(path)[".text"] < base + size)
        os.unlink(path)
        self.ok("kextunload", kext("hello"))


class OptionsTest(KernelTest):
    TOOLS = ("kextload", "kextunload", "kextstat", "kextutil", "kextbed")

    def test_help__goes_before_all_else(self):
        for tool in self.TOOLS:
            for option in ("-h", "-help", "--help"):
                self.assertIn("usage: ", self.ok(tool, option, "--nonsense"))
        for verb in ("start", "stop", "status", "log", "mount", "umount", "run", "cc"):
            self.assertIn("usage: kextbed " + verb, self.ok("kextbed", verb, "--help"))

    def test_wrong_options__64(self):
        for tool in self.TOOLS:
            self.fails(64, "--help", tool, "--nonsense")
        self.fails(64, "there is no verb", "kextbed", "dance")
        done = self.fails(64, "Try 'kextbed run --help'", "kextbed", "run", "--nonsense")
        self.assertIn("kextbed run: unrecognized option", done.stderr)
        self.fails(64, "is an option of kextutil", "kextload", "-n", kext("hello"))
        self.fails(64, "is an option of kextutil", "kextload", "-no-load", kext("hello"))

    def test_verbosity__takes_a_digit_or_not(self):
        self.assertIn("loaded", self.ok("kextload", "-v", "3", kext("hello")))
        self.assertEqual(self.ok("kextload", "-v", "0", kext("hello")), "")
        self.assertIn("unloaded", self.ok("kextunload", "-v", kext("hello")))
        self.fails(11, "No such file", "kextload", "-v", "7")

    def test_long_options__with_one_dash_or_two(self):
        self.ok("kextload", "-bundle-id", ID + "hello", "--repository", KEXTS)
        self.ok("kextunload", "--bundle-id", ID + "hello")

    def test_quiet__says_nothing(self):
        done = self.fails(11, "", "kextload", "-q", kext("missing"))
        self.assertEqual(done.stdout + done.stderr, "")

    def test_json__one_object(self):
        done = self.fails(11, "", "kextload", "--json", kext("missing"))
        result = json.loads(done.stdout)
        self.assertEqual(result["exit"], 11)
        self.assertEqual(result["kexts"][0]["result"], "link")
        self.assertEqual(result["problems"][0]["kind"], "link")
        self.assertEqual(done.stderr, "")

    def test_no_kernel_process__69(self):
        for args in (("kextload", kext("hello")), ("kextstat",), ("kextunload", kext("hello")), ("kextbed", "status"),
                     ("kextbed", "stop")):
            self.fails(69, "kextbed start", *args, env={"KEXTBED_SOCKET": self.folder + "/nobody"})


class HostileTest(KernelTest):
    def test_packets__that_are_no_requests(self):
        for packet in (b"x", b"{", b"[]", b"\xff\xfe", b"null", b"{\"a\":1,\"a\":2}", b"[" * 60000, b"{\"v\":1}",
                       b"{\"v\":2,\"verb\":\"stat\"}", b"{\"v\":1,\"verb\":7}", b"{\"v\":1,\"verb\":\"dance\"}",
                       b"{\"v\":1,\"verb\":\"load\"}", b"{\"v\":1,\"verb\":\"unload\"}", b"{\"v\":1,\"verb\":\"mount\"}",
                       b"{\"v\":1,\"verb\":\"umount\",\"dir\":\"relative\"}", b"{\"attached\":100}",
                       b"{\"v\":1,\"verb\":\"unload\",\"id\":\"" + b"a" * 60000 + b"\"}", b"{}" + b" " * 100000):
            answer = self.raw(packet)
            self.assertNotEqual(answer["result"], "ok", packet[:40])
            self.assertTrue(answer["problems"][0]["text"], packet[:40])

    def sealed(self, data, size=None):
        fd = os.memfd_create("archive", os.MFD_ALLOW_SEALING)
        os.write(fd, data)
        if size:
            os.truncate(fd, size)
        fcntl.fcntl(fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW)
        self.addCleanup(os.close, fd)
        return fd

    def refused(self, fds, text):
        answer = self.raw(b"{\"v\":1,\"verb\":\"load\"}", fds)
        self.assertEqual(answer["result"], "failed")
        self.assertIn(text, answer["problems"][0]["text"])

    def test_archives__that_are_none(self):
        for data in (b"", b"x" * 100, b"KEXTARC\n" + b"\0" * 100, b"KEXTARC\n" + b"\xff" * 100):
            self.refused([self.sealed(data)], "load archive")
        self.refused([self.sealed(b"", 1 << 40)], "too large")

    def test_descriptors__that_may_hang_or_change__not_read(self):
        reader, writer = os.pipe()
        self.refused([reader], "not a sealed memory file")
        os.close(reader)
        os.close(writer)
        with open("/dev/zero", "rb") as file:
            self.refused([file.fileno()] * 8, "not a sealed memory file")
        with open(__file__, "rb") as file:
            self.refused([file.fileno()], "not a sealed memory file")
        fd = os.memfd_create("archive", os.MFD_ALLOW_SEALING)
        self.refused([fd], "not a sealed memory file")
        os.close(fd)


class CrashTest(KernelTest):
    """A kext that crashes ends the kernel process with a report, and the next one starts."""

    def test_crash__in_a_start_routine__reported(self):
        done = self.fails(69, "ended before it answered", "kextload", kext("crash"))
        self.assertNotIn("Traceback", done.stderr)
        log = self.logged()
        self.assertIn("panic", log)
        self.assertIn("crash_here", log)
        self.assertRegex(log, re.escape(ID) + r"crash\(1\.0\.0\)\[[0-9A-F-]{36}\]@0x[0-9a-f]+->0x[0-9a-f]+")
        self.start()
        self.ok("kextload", kext("hello"))
        self.ok("kextunload", kext("hello"))
        self.log_start = len(self.logged())
        self.before = self.counters()


class StartTest(KernelTest):
    def test_many_at_once__one_wins_the_others_say_so(self):
        sock = os.path.join(self.folder, "many")
        command = [os.path.join(BIN, "kextbed"), "start", "--socket", sock, "--log", self.log]
        starts = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(6)]
        said = [start.communicate(timeout=120) for start in starts]
        self.assertEqual([start.returncode for start in starts], [0] * 6, said)
        self.assertEqual(sum("is running already" in out for out, _err in said), 5, said)
        self.assertEqual({err for _out, err in said}, {""})
        self.ok("kextbed", "stop", "--socket", sock)
        self.assertFalse(os.path.exists(sock))

    def test_wrong_bound__told(self):
        for value in ("abc", "7", "-1", "12x", ""):
            self.fails(64, "a number of at least 8", "kextbed", "start", "--vnodes", value)

    def test_cache_size__bounds_told_and_kept(self):
        for value in ("abc", "0", "-1", "7m", "8388607", "8x", "8mm", "999999999g", "99999999999999999999g", ""):
            for verb in ("start", "run"):
                self.fails(64, "a size from 8m", "kextbed", verb, "--cache-size", value)
        sock = os.path.join(self.folder, "small")
        for value, size in (("8m", 8 << 20), ("16384K", 16 << 20), ("33554432", 32 << 20)):
            self.ok("kextbed", "start", "--socket", sock, "--log", self.log, "--cache-size", value)
            try:
                cache = json.loads(self.ok("kextbed", "status", "--json", "--socket", sock))["cache"]
                self.assertEqual(cache["limit"], size)
                self.assertLessEqual(cache["bytes"], size)
                self.assertEqual((cache["dirty_bytes"], cache["dirty_buffers"], cache["dirty_pages"]), (0, 0, 0))
                self.assertIn(f"of {size >> 20}.0 MiB used", self.ok("kextbed", "status", "--socket", sock))
            finally:
                self.ok("kextbed", "stop", "--socket", sock)

    def test_log__as_json(self):
        self.ok("kextload", kext("hello"))
        lines = json.loads(self.ok("kextbed", "log", "--json"))["lines"]
        self.assertTrue([line for line in lines if "hello: org.kextbed.test.hello" in line])
        self.ok("kextunload", kext("hello"))


class LastingTest(KernelTest):
    """What a kext has done for good: it ends with the kernel process."""

    def test_stopped__not_taken_for_loaded(self):
        self.ok("kextload", kext("stuck"))
        self.fails(3, "stays in memory", "kextunload", kext("stuck"))
        self.assertEqual(self.loaded()["stuck"]["state"], "stopped")
        self.fails(11, "was stopped, but", "kextload", kext("stuck"))
        self.fails(6, "was stopped, but", "kextutil", kext("stuck"))
        self.anew()

    def test_leak__told_at_unload(self):
        self.ok("kextload", kext("leak"))
        done = self.tool("kextunload", kext("leak"))
        self.assertEqual(done.returncode, 0)
        self.assertIn("has left behind 1000 bytes of memory and 0 locks", done.stderr)
        if os.environ.get("KEXTBED_SANITIZE"):  # a build for debugging, then
            self.assertRegex(self.logged(), r'1000 bytes, tag "leak", allocated by .*leak_start')
        self.anew()

    def anew(self):
        self.tool("kextbed", "stop", "-f")
        self.start()
        self.log_start = len(self.logged())
        self.before = self.counters()


if __name__ == "__main__":
    if not os.path.exists(os.path.join(BIN, "kextbed")):
        raise SystemExit("no build: set KEXTBED_BUILD")
    unittest.main()

# SPDX-License-Identifier: BSD-2-Clause
"""A kernel process of the tests' own: start, ask, stop, and see that nothing suspicious was logged. Runs beside a shared one."""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest

BUILD = os.environ.get("KEXTBED_BUILD") or os.path.abspath("build/release")
BIN = os.path.join(BUILD, "bin")
KEXTS = os.path.join(BUILD, "tests", "kext", "kexts")
EXTENSIONS = os.path.join(BUILD, "Extensions")
SLOW = 10 if os.environ.get("KEXTBED_SANITIZE") else 1
SUSPICIOUS = re.compile(r"panic|AddressSanitizer|ThreadSanitizer|runtime error|LeakSanitizer|assert", re.I)


def kext(name):
    return os.path.join(KEXTS, name + ".kext")


class KernelTest(unittest.TestCase):
    """One kernel process a class; each test finds and leaves it without kexts and mounts."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="kx")
        os.chmod(cls.folder, 0o755)
        cls.socket = os.path.join(cls.folder, "s")
        cls.log = os.path.join(cls.folder, "log")
        cls.start()

    @classmethod
    def start(cls):
        done = cls.tool("kextbed", "start", "--log", cls.log)
        if done.returncode != 0:
            raise RuntimeError(f"the kernel process does not start: {done.stderr}{cls.logged()}")

    @classmethod
    def tearDownClass(cls):
        cls.tool("kextbed", "stop", "-f")
        try:
            with open(cls.socket + ".pid", encoding="ascii") as file:
                os.kill(int(file.read()), signal.SIGKILL)
        except (OSError, ValueError):
            pass
        shutil.rmtree(cls.folder, ignore_errors=True)

    @classmethod
    def logged(cls):
        try:
            with open(cls.log, encoding="utf-8", errors="replace") as file:
                return file.read()
        except OSError:
            return ""

    @classmethod
    def tool(cls, *args, env=None, user=None, stdin=None):
        args = list(args)
        args[0] = os.path.join(BIN, args[0])
        environ = {**os.environ, "KEXTBED_SOCKET": cls.socket, "KEXTBED_EXTENSIONS": EXTENSIONS, **(env or {})}
        if args[0].endswith("kextbed") and args[1] not in ("start", "run"):
            # It carries a kernel process that these verbs do not use, and a leak check at the end that reads all of it.
            environ["ASAN_OPTIONS"] = "detect_leaks=0:" + environ.get("ASAN_OPTIONS", "")
        if user is not None:
            # As somebody else the variables that name other paths still count: the tools are not set-uid.
            args = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"] + args
        return subprocess.run(args, capture_output=True, text=True, errors="replace", timeout=60 * SLOW, env=environ,
                              stdin=stdin or subprocess.DEVNULL, check=False)

    def ok(self, *args, **kwargs):
        done = self.tool(*args, **kwargs)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def fails(self, code, text, *args, **kwargs):
        """The tool ends with that exit status and says that text."""
        done = self.tool(*args, **kwargs)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertIn(text, done.stdout + done.stderr)
        return done

    def loaded(self):
        rows = json.loads(self.ok("kextstat", "--json", "-k"))["kexts"]
        return {row["name"].rsplit(".", 1)[-1]: row for row in rows}

    def counters(self):
        status = json.loads(self.ok("kextbed", "status", "--json"))
        self.assertEqual(status["mounts"], [])
        keys = ("kexts", "image_bytes", "link_bytes", "mounts", "file_systems", "open_files", "iocounts", "usecounts",
                "kext_bytes", "locks")
        return {key: status["counters"][key] for key in keys}

    def raw(self, data, fds=()):
        """Sends a packet as it is and returns the answer."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as sock:
            sock.settimeout(30 * SLOW)
            sock.connect(self.socket)
            socket.send_fds(sock, [data], list(fds))
            return json.loads(sock.recv(1 << 20) or b"{}")

    def setUp(self):
        self.log_start = len(self.logged())
        self.before = self.counters()

    def tearDown(self):
        self.assertEqual(self.counters(), self.before)
        self.assertEqual(self.loaded(), {})
        found = SUSPICIOUS.search(self.logged()[self.log_start:])
        self.assertIsNone(found, self.logged()[self.log_start:])

# SPDX-License-Identifier: BSD-2-Clause
"""Real mounts for tests: start `kextbed run` from a build, wait for the mount, look into it, end it, clean up.

Every test is a script that CTest runs with KEXTBED_BUILD set; without the means for a test it prints why and exits
with 77. A mount that ended is checked: its exit status, and that nothing suspicious was logged.
"""
import atexit
import ctypes
import errno
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

BUILD = os.environ.get("KEXTBED_BUILD") or os.path.abspath("build/release")
BIN = os.path.join(BUILD, "bin")
EXTENSIONS = os.path.join(BUILD, "Extensions")
SANITIZED = bool(os.environ.get("KEXTBED_SANITIZE"))
SLOW = 10 if SANITIZED else 1
SUSPICIOUS = re.compile(r"panic|Sanitizer|runtime error|assert|would not|held inside|does not shut down", re.I)
FAST, EXACT = "", "nocache"
# For `kextbed` where it only asks or tells a kernel process: it carries one of its own that it does not use, and a leak check
# at the end that reads all of it.
TOOL_ENV = dict(os.environ, ASAN_OPTIONS="detect_leaks=0:" + os.environ.get("ASAN_OPTIONS", ""))
STRANGER, OTHER = 40001, 40002  # users without an account

_folders = []


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(77)


def need_fuse():
    if not os.path.exists("/dev/fuse"):
        skip("there is no /dev/fuse")
    if not os.path.exists(os.path.join(BIN, "kextbed")):
        skip(f"there is no kextbed in {BIN}")


def need_root():
    need_fuse()
    if os.geteuid() != 0:
        skip("not run as root")
    own_namespace()


def own_namespace():
    """From here on the test's mounts are its own: nobody else clears them away, and none is left when it ends."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(0x00020000) != 0 or libc.mount(b"none", b"/", None, 0x4000 | 0x80000, None) != 0:
        skip(f"no mount namespace of its own: {os.strerror(ctypes.get_errno())}")
    # Copies of other people's mounts would keep those busy.
    with open("/proc/self/mounts", encoding="utf-8") as file:
        others = [line.split()[1] for line in file if line.split()[2].split(".")[0] == "fuse"]
    for path in reversed(others):
        libc.umount2(os.fsencode(path), 2)


def directory_order():
    """Environment of a mount whose directories are moved into each other: see the file for what is not reported then."""
    tests = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    given = os.environ.get("TSAN_OPTIONS", "") + ":"
    return {"TSAN_OPTIONS": f"{given.lstrip(':')}print_suppressions=0:suppressions={tests}/support/directory_order.supp"}


def folder():
    """A directory of the test's own that anybody may pass through; removed at the end."""
    path = tempfile.mkdtemp(prefix="kextbed-fuse-")
    os.chmod(path, 0o755)
    _folders.append(path)
    return path


def is_mounted(path):
    with open("/proc/self/mounts", encoding="utf-8") as file:
        return any(line.split()[1] == path for line in file)


def unmount(path, lazy=False):
    return subprocess.run(["fusermount3", "-uz" if lazy else "-u", path], capture_output=True, text=True, check=False)


@atexit.register
def _remove_folders():
    for path in _folders:
        for name in os.listdir(path) if os.path.isdir(path) else []:
            inner = os.path.join(path, name)
            while is_mounted(inner):
                if unmount(inner, lazy=True).returncode != 0:
                    break
        with open("/proc/self/mounts", encoding="utf-8") as file:
            if not any(line.split()[1].startswith(path + "/") for line in file):
                shutil.rmtree(path, ignore_errors=True)


class Mount:
    """One `kextbed run`. As a context manager it must end well, else the test fails."""

    def __init__(self, options="", vnodes=None, fstype="memfs", ledger=False, env=None, user=None):
        self.folder = folder()
        self.dir = os.path.join(self.folder, "m")
        self.log = os.path.join(self.folder, "log")
        self.socket = os.path.join(self.folder, "s")
        os.mkdir(self.dir, 0o755)
        self.command = [os.path.join(BIN, "kextbed"), "run", "-q", "-t", fstype, "-r", EXTENSIONS, "--socket", self.socket]
        self.command += ["-o", options] if options else []
        self.command += ["--vnodes", str(vnodes)] if vnodes else []
        self.command += ["--ledger"] if ledger else []
        self.command += ["none", self.dir]
        self.process = None
        self.env = dict(os.environ, **(env or {}))
        self.user = user

    def start(self, ready=None):
        """@ready: how to tell that it is up, unless by the mount at self.dir."""
        if self.user is not None:
            os.chown(self.folder, self.user, self.user)
            if not is_mounted(self.dir):  # else a dead mount lies there
                os.chown(self.dir, self.user, self.user)
        identity = {} if self.user is None else {"user": self.user, "group": self.user, "extra_groups": []}
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.env,
                                            **identity)
        limit = time.monotonic() + 30 * SLOW
        while not (ready or self._ready)():
            if self.process.poll() is not None:
                raise AssertionError(f"the mount ended with {self.process.returncode}:\n{self.logged()}")
            if time.monotonic() > limit:
                self.kill()
                raise AssertionError(f"the mount does not come up:\n{self.logged()}")
            time.sleep(0.02)
        return self

    def _ready(self):
        if not is_mounted(self.dir):
            return False
        if self.user is not None:
            return run_as(self.user, self.need_served) is None
        try:
            self.need_served()
            return True
        except OSError as error:
            return error.errno not in (errno.ENOTCONN, errno.EAGAIN)

    def need_served(self):
        """Fails unless the mount answers: ENOTCONN from a dead one that is about to be cleared away, EAGAIN from the bare
        directory before there is another. One call tells, since all of that may happen between two."""
        served, bare = os.statvfs(self.dir), os.statvfs(os.path.dirname(self.dir))
        if (served.f_blocks, served.f_files, served.f_bsize) == (bare.f_blocks, bare.f_files, bare.f_bsize):
            raise OSError(errno.EAGAIN, "nothing is mounted there", self.dir)

    def logged(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()

    def path(self, *names):
        return os.path.join(self.dir, *names)

    def status(self):
        done = subprocess.run([os.path.join(BIN, "kextbed"), "status", "--json", "--socket", self.socket], text=True,
                              capture_output=True, check=True, env=TOOL_ENV)
        return json.loads(done.stdout)

    def stats(self):
        return self.status()["mounts"][0]["stats"]

    def counters(self):
        return self.status()["counters"]

    def rss_kib(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1))

    def wait(self, seconds=30):
        return self.process.wait(seconds * SLOW)

    def kill(self, signo=signal.SIGKILL):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signo)

    def stop(self):
        """Unmount as umount(8) does, wait for the end, look at what was said."""
        done = unmount(self.dir)
        limit = time.monotonic() + 10 * SLOW
        while done.returncode != 0 and time.monotonic() < limit:  # a watcher of new mounts may be looking in
            time.sleep(0.1)
            done = unmount(self.dir)
        if done.returncode != 0:
            raise AssertionError(f"cannot unmount: {done.stderr}")
        self.check(self.wait())

    def check(self, code, expected=0):
        said = self.logged()
        if code != expected:
            raise AssertionError(f"exit status {code} instead of {expected}:\n{said}")
        if expected == 0 and SUSPICIOUS.search(said):
            raise AssertionError(f"suspicious words in the log:\n{said}")

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, value, trace):
        try:
            if kind is None:
                self.stop()
        finally:
            self.kill()
            if self.process:
                self.process.wait()
            if is_mounted(self.dir):
                unmount(self.dir, lazy=True)
        if kind is not None:
            print(f"-- log of the mount --\n{self.logged()}", file=sys.stderr)


def run_as(uid, action, gid=None, groups=()):
    """Run action() in a child with that identity; returns None, or the errno of its OSError, or raises what else it raised."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        result = "crashed"
        try:
            os.setgroups(list(groups))
            os.setgid(uid if gid is None else gid)
            os.setuid(uid)
            action()
            result = "ok"
        except OSError as error:
            result = f"errno {error.errno}"
        except BaseException as error:  # pylint: disable=broad-except
            result = f"failed {error!r}"
        finally:
            os.write(writer, result.encode())
            os._exit(0)
    os.close(writer)
    said = b""
    while chunk := os.read(reader, 4096):
        said += chunk
    os.close(reader)
    os.waitpid(pid, 0)
    said = said.decode()
    if said == "ok":
        return None
    if said.startswith("errno "):
        return int(said[6:])
    raise AssertionError(said)


def write_file(path, data, mode="wb"):
    with open(path, mode) as file:
        file.write(data)


def read_file(path):
    with open(path, "rb") as file:
        return file.read()


def becomes(condition, seconds=5):
    """Whether condition() holds before the time is over: what a RELEASE or FORGET brings about comes a little later."""
    limit = time.monotonic() + seconds * SLOW
    while not condition():
        if time.monotonic() > limit:
            return False
        time.sleep(0.02)
    return True


def await_event(condition, what, seconds=10):
    """Returns when condition() is true; fails with what did not happen when the time is over."""
    if not becomes(condition, seconds):
        raise AssertionError(f"{what}: not within {seconds * SLOW} s")


def sleepers(socket, words="wildfs_sleeper"):
    """The threads that sleep inside a kext for an event with @words in its name, as the validator lists them."""
    done = subprocess.run([os.path.join(BIN, "kextbed"), "locks", "--json", "--socket", socket], text=True,
                          capture_output=True, check=False, timeout=60 * SLOW, env=TOOL_ENV)
    if done.returncode != 0:
        raise AssertionError(f"kextbed locks: {done.stderr}")
    return [row for row in json.loads(done.stdout)["locks"] if row["kind"] == "sleeps" and words in row["object"]]


def await_sleepers(socket, count, words="wildfs_sleeper"):
    await_event(lambda: len(sleepers(socket, words)) >= count, f"{count} threads sleep for {words}")


def unanswered(directory):
    """How many requests of a mount the host has sent and got no answer to. Does not touch the mount."""
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        numbers = [line.split()[2] for line in file if line.split()[4] == directory]
    with open(f"/sys/fs/fuse/connections/{numbers[-1].split(':')[1]}/waiting", encoding="ascii") as file:
        return int(file.read())


def _threads(pid):
    """What the host knows of each thread: its state, and how often it was switched to and from."""
    found = {}
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/status", encoding="utf-8", errors="replace") as file:
            found[thread] = re.findall(r"^(?:State|\w+_ctxt_switches):\s+(\S+)", file.read(), re.M)
    return found


def rests(pid):
    """Whether no thread of a process does anything: all were asleep through two looks at them."""
    try:
        before = _threads(pid)
        return all(row[0] in "SD" for row in before.values()) and _threads(pid) == before
    except FileNotFoundError:
        return False


def children(pid):
    """The processes that any thread of a process has started and that are there still."""
    found = []
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/children", encoding="ascii") as file:
            found += file.read().split()
    return found


def signal_taken(pid, signo):
    """Whether a signal that was sent to a process that waits for signals is no longer pending."""
    with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as file:
        pending = int(re.search(r"^ShdPnd:\s+(\w+)", file.read(), re.M).group(1), 16)
    return not pending & 1 << signo - 1


def drop_caches():
    """Makes the host forget what it remembers of files nobody uses. Root only, and not where /proc/sys is read-only."""
    try:
        with open("/proc/sys/vm/drop_caches", "w", encoding="ascii") as file:
            file.write("2")
    except OSError as error:
        raise unittest.SkipTest(f"the host's caches cannot be dropped: {error}") from error


def main():
    unittest.main(verbosity=2, argv=sys.argv)

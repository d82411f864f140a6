# SPDX-License-Identifier: BSD-2-Clause
"""Mounting a target and getting rid of it again, whatever happens in between."""

import os
import signal
import subprocess
import time

from .targets import Target

START_S = 30.0  # for a target to be mounted
STOP_S = 15.0  # for a server to end after it was unmounted
COMMAND_S = 30.0  # for a command that mounts or unmounts


class MountError(Exception):
    """A target could not be mounted or unmounted; the text says why."""


def _unescape(field: str) -> str:
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        field = field.replace(code, character)
    return field


def mount_points() -> list[str]:
    """All mount points that this process sees, oldest first."""
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
        return [_unescape(line.split(" ")[4]) for line in file]


def pin(cpus: frozenset[int] | None):
    """What a child does before it becomes the program: goes to its CPUs."""
    if cpus is None:
        return None
    return lambda: os.sched_setaffinity(0, cpus)


class Mounted:
    """A mounted target, as a context manager. Leaves nothing behind but the empty directory."""

    def __init__(self, target: Target, log_path: str, cpus: frozenset[int] | None):
        self.target = target
        self.dir = target.dir
        self.log_path = log_path
        self.cpus = cpus
        self.server: subprocess.Popen | None = None

    def __enter__(self) -> "Mounted":
        try:
            self._start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, kind, value, traceback) -> None:
        problem = self._stop()
        if problem and kind is None:
            raise MountError(f"{self.target.name}: {problem}")

    def _log_tail(self) -> str:
        try:
            with open(self.log_path, encoding="utf-8", errors="replace") as file:
                lines = file.read().strip().splitlines()
        except OSError:
            lines = []
        return ": " + " / ".join(lines[-3:]) if lines else ""

    def _start(self) -> None:
        os.makedirs(self.dir, exist_ok=True)
        with open(self.log_path, "wb") as log:
            # A session of its own: an interrupt from the terminal must reach the server only after the unmount.
            self.server = subprocess.Popen(
                self.target.start,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=pin(self.cpus),
            )
        deadline = time.monotonic() + START_S
        while self.dir not in mount_points():
            code = self.server.poll()
            if code is not None and (self.target.server or code != 0):
                raise MountError(f"'{' '.join(self.target.start)}' ended with {code}{self._log_tail()}")
            if time.monotonic() > deadline:
                raise MountError(f"not mounted within {START_S:.0f} seconds{self._log_tail()}")
            time.sleep(0.01)

    def _unmount(self) -> str:
        """Unmounts, in the end by force. Returns what went wrong, or ''."""
        problem = ""
        if self.dir in mount_points():
            problem = _command(self.target.stop)
        if self.dir in mount_points():
            problem = f"still mounted after '{' '.join(self.target.stop)}'{': ' if problem else ''}{problem}"
            force_unmount(self.dir)
        return problem

    def _stop(self) -> str:
        problem = self._unmount()
        if self.server is None:
            return problem
        for number in (None, signal.SIGTERM, signal.SIGKILL):
            if number is not None and self.target.server:
                problem = problem or f"the server did not end after the unmount{self._log_tail()}"
            if number is not None:
                self.server.send_signal(number)
            try:
                self.server.wait(STOP_S)
                break
            except subprocess.TimeoutExpired:
                continue
        # A server that was killed leaves a dead mount.
        force_unmount(self.dir)
        self.server = None
        return problem


def _command(words: tuple[str, ...]) -> str:
    """Runs a command to its end. Returns what went wrong, or ''."""
    try:
        done = subprocess.run(
            words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=COMMAND_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return "" if done.returncode == 0 else (done.stderr or done.stdout).strip() or f"exit code {done.returncode}"


def force_unmount(mount_dir: str) -> None:
    """Takes every mount off mount_dir, lazily, so that not even a dead server can stop it."""
    tries = mount_points().count(mount_dir)
    for _ in range(tries):
        if _command(("umount", "-l", mount_dir)):
            _command(("fusermount3", "-u", "-z", mount_dir))

# SPDX-License-Identifier: BSD-2-Clause
"""File systems on top of each other in one kernel process: "nullfs:nullfs:memfs", whose last is mounted first."""
import os
import subprocess

from support import BIN, EXTENSIONS, SLOW, Mount, is_mounted, unmount


class Stack:
    """As a context manager, like Mount: the lowest is a `kextbed run`, the others are mounted into its process.

    @lowest: a Mount of the caller's; all of @fstypes are mounted on it then.
    """

    def __init__(self, fstypes, options="", lowest=None, **how):
        self.uppers = fstypes.split(":")
        self.options = options
        self.lowest = lowest or Mount(options, fstype=self.uppers.pop(), **how)
        self.dirs = [self.lowest.dir]

    @property
    def dir(self):
        return self.dirs[-1]

    def path(self, *names):
        return os.path.join(self.dir, *names)

    def tool(self, *args):
        environ = dict(os.environ, KEXTBED_SOCKET=self.lowest.socket, KEXTBED_EXTENSIONS=EXTENSIONS)
        environ["ASAN_OPTIONS"] = "detect_leaks=0:" + environ.get("ASAN_OPTIONS", "")
        return subprocess.run([os.path.join(BIN, "kextbed"), *args], capture_output=True, text=True, env=environ,
                              timeout=60 * SLOW, check=False)

    def push(self, fstype):
        place = os.path.join(self.lowest.folder, f"m{len(self.dirs)}")
        os.mkdir(place, 0o755)
        done = self.tool("mount", "-t", fstype, *(["-o", self.options] if self.options else []), self.dir, place)
        if done.returncode:
            raise AssertionError(f"cannot mount {fstype} on {self.dir}: {done.stdout}{done.stderr}")
        self.dirs.append(place)

    def pop(self):
        done = self.tool("umount", self.dir)
        if done.returncode:
            raise AssertionError(f"cannot unmount {self.dir}: {done.stdout}{done.stderr}")
        self.dirs.pop()

    def __enter__(self):
        self.lowest.__enter__()
        for fstype in reversed(self.uppers):
            self.push(fstype)
        return self

    def __exit__(self, kind, value, trace):
        try:
            while kind is None and len(self.dirs) > 1:
                self.pop()
        finally:
            for place in reversed(self.dirs[1:]):
                if is_mounted(place):
                    unmount(place, lazy=True)
            self.lowest.__exit__(kind, value, trace)

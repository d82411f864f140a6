# SPDX-License-Identifier: BSD-2-Clause
"""An installed tree for tests: put somewhere, with the sources and the build out of sight, and used from there."""
import ctypes
import os
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
BUILD = os.path.abspath(os.environ.get("KEXTBED_BUILD") or os.path.join(ROOT, "build", "release"))
SLOW = 10 if os.environ.get("KEXTBED_SANITIZE") else 1
PROGRAMS = ("bin/kextbed", "bin/kextload", "bin/kextstat", "bin/kextunload", "bin/kextutil", "bin/fsx", "sbin/fusehost",
            "sbin/mount.kext")
DATA = ("lib/kextbed/Extensions/memfs.kext/Contents/Info.plist", "lib/kextbed/Extensions/memfs.kext/Contents/MacOS/memfs",
        "share/kextbed/include/sys/vnode.h", "share/kextbed/kext/glue/kmod_info.c",
        "share/kextbed/cmake/KextbedKext.cmake", "share/cmake/Kextbed/KextbedConfig.cmake",
        "share/man/man8/kextbed.8", "share/man/man8/mount.kext.8", "share/man/man1/fsx.1",
        "share/doc/kextbed/README.md", "share/doc/kextbed/first-kext.md", "share/doc/kextbed/copyright",
        "share/doc/kextbed/examples/emptyfs/emptyfs.c", "share/doc/kextbed/examples/memfs/CMakeLists.txt")


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(77)


def need_root():
    if os.geteuid() != 0:
        skip("needs root: a mount namespace without the build tree")
    if not os.path.exists("/dev/fuse"):
        skip("there is no /dev/fuse")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(0x00020000) != 0 or libc.mount(b"none", b"/", None, 0x4000 | 0x40000, None) != 0:
        skip("no mount namespace of its own")


def hide():
    """Whoever looks for sources or the build from now on finds nothing."""
    for path in (BUILD, ROOT):
        if os.path.isdir(path):
            subprocess.run(["mount", "-t", "tmpfs", "-o", "ro,size=4k", "none", path], check=True)


class Tree:
    """A folder of the test's own, and tools run from the tree at .prefix."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="kextbed-install-", dir="/tmp")
        self.prefix = os.path.join(self.folder, "opt")
        self.env = {key: value for key, value in os.environ.items() if not key.startswith("KEXTBED_")}
        self.env["KEXTBED_SOCKET"] = os.path.join(self.folder, "s")

    def path(self, *names):
        return os.path.join(self.prefix, *names)

    def run(self, *args, cwd=None, env=None):
        args = [self.path(args[0]) if args[0].startswith(("bin/", "sbin/")) else args[0], *args[1:]]
        return subprocess.run(args, capture_output=True, text=True, cwd=cwd or self.folder, env={**self.env, **(env or {})},
                              timeout=300 * SLOW, check=False)

    def ok(self, *args, **kwargs):
        done = self.run(*args, **kwargs)
        assert done.returncode == 0, f"{args}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout

    def serve(self, *args):
        """kextbed run from the tree; the mount answers, and ends when it is unmounted."""
        mnt = os.path.join(self.folder, "m")
        os.makedirs(mnt, exist_ok=True)
        with subprocess.Popen([self.path("bin/kextbed"), "run", *args, "none", mnt], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, env=self.env, cwd=self.folder) as process:
            try:
                said = ""
                while "is mounted on" not in said:
                    line = process.stdout.readline()
                    assert line, said
                    assert line.startswith("kext:") or "is mounted on" in line, f"{line} after: {said}"
                    said += line
                os.listdir(mnt)
                self.unmount(mnt)
                said = process.stdout.read()
                assert process.wait(60 * SLOW) == 0, said
            finally:
                process.terminate()  # a failed assertion is not to wait for it

    @staticmethod
    def unmount(path):
        limit = time.monotonic() + 20 * SLOW
        while subprocess.run(["umount", path], check=False, capture_output=True).returncode != 0:
            assert time.monotonic() < limit, f"{path} cannot be unmounted"
            time.sleep(0.1)

    def remove(self):
        subprocess.run([self.path("bin/kextbed"), "stop", "-f", "-q"], env=self.env, check=False, capture_output=True)
        shutil.rmtree(self.folder, ignore_errors=True)

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The suite through FUSE: mount a sample in one mode, run the cases on it, unmount, look at the log.

usage: run_fuse.py PROGRAM fast|exact FSTYPE [arguments for the program]
FSTYPE may be a stack, "nullfs:memfs": the last is mounted first.
"""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "fuse"))
import stack  # noqa: E402  pylint: disable=wrong-import-position
import support  # noqa: E402  pylint: disable=wrong-import-position


def run(program, mode, fstype, arguments):
    options = support.EXACT if mode == "exact" else support.FAST
    with stack.Stack(fstype, options, ledger=True, env=support.directory_order()) as mount:
        os.chmod(mount.dir, 0o755)
        command = [os.path.join(support.BIN, program), "--world", f"fuse-{mode}", "--fs", fstype, "--dir", mount.dir]
        code = subprocess.run(command + arguments, check=False).returncode
        if code == 77:
            sys.exit(77)
        if code:
            raise AssertionError(f"{program} ended with {code}")


if __name__ == "__main__":
    support.need_root()
    run(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:])

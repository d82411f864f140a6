#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Runs the commands of a document, in its order, as they stand there.

usage: run_document.py DOCUMENT.md

A block that begins with ```sh is run, in one shell that stops at the first command that fails; one that begins with
```LANGUAGE NAME is written to the file NAME; any other is for reading. The shell starts in an empty folder, where
build/release is the build under test and its programs are in the PATH, with a kernel process's socket of its own.
"""
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

BUILD = os.path.abspath(os.environ.get("KEXTBED_BUILD") or "build/release")
SLOW = 10 if os.environ.get("KEXTBED_SANITIZE") else 1
BLOCK = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.M | re.S)


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(77)


def script_of(text):
    lines = ["set -eu"]
    for language, block in BLOCK.findall(text):
        words = language.split()
        if words[:1] == ["sh"]:
            lines += [f"echo '--- line {text[:text.index(block)].count(chr(10)) + 1}' >&2", "set -x", block, "{ set +x; } 2>/dev/null"]
        elif len(words) == 2:
            lines += [f"cat >'{words[1]}' <<'END OF FILE'", block + "END OF FILE"]
    return "\n".join(lines) + "\n"


def unmount_below(folder):
    with open("/proc/self/mounts", encoding="utf-8") as file:
        places = [line.split()[1] for line in file]
    for place in reversed([place for place in places if place.startswith(folder + "/")]):
        subprocess.run(["umount", "-l", place], check=False)


def main(path):
    if os.geteuid() != 0 or not os.path.exists("/dev/fuse"):
        skip("needs root and /dev/fuse")
    with open(path, encoding="utf-8") as file:
        script = script_of(file.read())
    if "set -x" not in script:
        raise SystemExit(f"{path} has no commands to run")
    folder = tempfile.mkdtemp(prefix="kextbed-doc-", dir="/tmp")
    os.makedirs(os.path.join(folder, "build"))
    os.symlink(BUILD, os.path.join(folder, "build", "release"))
    # Whatever place a document mounts on, here it is a folder of the test's own.
    script = script.replace("/tmp/m\n", folder + "/m\n").replace("/tmp/m ", folder + "/m ")
    env = {key: value for key, value in os.environ.items() if not key.startswith("KEXTBED_")}
    env.update(PATH=os.path.join(BUILD, "bin") + ":" + env["PATH"], KEXTBED_SOCKET=os.path.join(folder, "socket"),
               CMAKE_GENERATOR="Ninja", HOME=folder)
    process = subprocess.Popen(["sh"], stdin=subprocess.PIPE, text=True, cwd=folder, env=env, start_new_session=True)
    try:
        process.communicate(script, timeout=110 * SLOW)
    except subprocess.TimeoutExpired:
        print("the commands do not end")
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        subprocess.run([os.path.join(BUILD, "bin", "kextbed"), "stop", "-f", "-q"], env=env, check=False)
        unmount_below(folder)
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if process.returncode else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Manual pages: each is well formed, each installed program has one, and each long option that --help names is in it.

usage: check_man.py FOLDER_OF_PROGRAMS
"""
import os
import re
import shutil
import subprocess
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
PAGES = {name.rsplit(".", 1)[0]: os.path.join(ROOT, "docs", "man", name)
         for name in os.listdir(os.path.join(ROOT, "docs", "man"))}
PAGES["fsx"] = os.path.join(ROOT, "tools", "fsx", "fsx.1")
PROGRAMS = ("fsx", "fusehost", "kextbed", "kextbed-disk", "kextload", "kextstat", "kextunload", "kextutil", "mount.kext")
EVERYWHERE = ("--help", "--json", "--socket")


def help_of(folder, program):
    verbs = [[]]
    if program == "kextbed":
        listed = subprocess.run([os.path.join(folder, program), "--help"], capture_output=True, text=True, check=True).stdout
        verbs += [[verb] for verb in re.findall(r"^  (\w+) ", listed, re.M) if verb not in ("load", "unload", "showloaded")]
    return "".join(subprocess.run([os.path.join(folder, program), *verb, "--help"], capture_output=True, text=True,
                                  check=False).stdout for verb in verbs)


def text_of(page):
    text = subprocess.run(["mandoc", "-Tascii", page], capture_output=True, text=True, check=True).stdout
    return re.sub(r".\x08", "", text)


def problems_of(folder):
    for name, path in sorted(PAGES.items()):
        done = subprocess.run(["mandoc", "-Tlint", "-Wwarning", path], capture_output=True, text=True, check=False)
        yield from (f"{name}: {line}" for line in done.stdout.splitlines())
    for program in PROGRAMS:
        if program not in PAGES:
            yield f"{program}: no manual page"
            continue
        page = text_of(PAGES[program])
        for option in sorted(set(re.findall(r"(--[a-z][a-z-]+)", help_of(folder, program)))):
            if option not in page and option not in EVERYWHERE:
                yield f"{program}: --help names {option}, the manual page does not"


def main(folder):
    if not shutil.which("mandoc"):
        print("skipped: no mandoc")
        return 77
    problems = list(problems_of(folder))
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Every mistake that the validator knows, each in a kext of its own, is caught at the operation that makes it: the report
names rule, kext, operation, function and source line, and one of its frames is the line that says BLAME.

usage: test_mistakes.py VALIDATE_RUN KEXT_FOLDER SOURCE_FOLDER [NAME]
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

RUN, KEXTS, SOURCES = sys.argv[1:4]
PANIC = 70

# name: (steps, rule, operation)
MISTAKES = {
    "lookup_leak": (["stat:absent"], "iocount-left", "vnop_lookup"),
    "lookup_vpp": (["stat:absent"], "vpp-on-error", "vnop_lookup"),
    "lookup_stolen": (["stat:file"], "vpp-without-iocount", "vnop_lookup"),
    "lookup_null": (["stat:file"], "vpp-missing", "vnop_lookup"),
    "double_put": (["stat:file"], "iocount-put", "vnop_getattr"),
    "rename_consumes": (["rename:file:other"], "iocount-put", "vnop_rename"),
    "lock_left": (["read:file"], "lock-at-return", "vnop_read"),
    "rw_left": (["write:file"], "lock-at-return", "vnop_write"),
    "lock_stolen": (["read:file"], "lock-not-held", "vnop_read"),
    "order": (["read:file", "write:file"], "lock-order", "vnop_write"),
    "order_three": (["stat:file", "read:file", "write:file"], "lock-order", "vnop_write"),
    "order_within": (["read:file", "write:file"], "lock-order-within", "vnop_write"),
    "order_gate": (["read:file", "write:file"], "lock-order-within", "vnop_write"),
    "fsref_left": (["stat:file"], "fsref-left", "vnop_reclaim"),
    "fsref_twice": (["stat:file"], "fsref-twice", "vnop_getattr"),
    "spin_alloc": (["read:file"], "sleep-with-spin-lock", "vnop_read"),
    "spin_sleep": (["read:file"], "sleep-with-spin-lock", "vnop_read"),
    "spin_mutex": (["read:file"], "sleep-with-spin-lock", "vnop_read"),
    "create_locked": (["stat:file"], "lock-over-call", "vnop_lookup"),
    "put_locked": (["stat:file"], "lock-over-call", "vnop_getattr"),
    "lock_unmade": (["read:file"], "lock-never-made", "vnop_read"),
    "lock_freed": (["read:file"], "lock-after-end", "vnop_read"),
    "lock_freed_held": (["read:file"], "lock-end-held", "vnop_read"),
    "lock_twice": (["read:file"], "lock-twice", "vnop_read"),
    "rw_wrong": (["write:file"], "lock-wrong-release", "vnop_write"),
    "use_after_put": (["stat:file"], "vnode-after-put", "vnop_getattr"),
    "use_after_reclaim": (["stat:file", "read:file"], "vnode-after-end", "vnop_read"),
    "reclaim_nested": (["stat:file"], "reclaim-recursion", "vnop_reclaim"),
    "usecount_left": (["stat:file"], "usecount-balance", "vnop_getattr"),
    "usecount_stolen": (["read:file"], "usecount-put", "vnop_read"),
    "root_leak": (["stat:file"], "iocount-left", "vfs_root"),
    "msleep_unlocked": (["read:file"], "lock-not-held", "vnop_read"),
}
# An address in a kext and where that is; only the file where code of several lines is one.
FRAME = re.compile(r"(?:#\d+|at) 0x[0-9a-f]+ \w[\w.]*\+0x[0-9a-f]+ \(([\w.]+)\) at \S*?([\w.]+\.c(?::\d+)?)$", re.MULTILINE)

HEAD = re.compile(r"^validate: \[[\w-]+\] kext ([\w.]+), operation \w+, function \w+ at \S*?([\w.]+\.c:\d+): ", re.MULTILINE)


def run(name, *steps, policy="panic", exceptions="-", folder=KEXTS):
    command = [RUN, policy, exceptions, os.path.join(folder, f"wrong_{name}.kext"), *steps]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def lines_of(name, report):
    """The source lines, "file.c:12", that a report tells: of whom it blames, and of its frames in the kext."""
    return {line for kext, line in HEAD.findall(report) + FRAME.findall(report) if kext == f"org.kextbed.test.wrong_{name}"}


def blame_of(name):
    """The lines that may be named: the one that says BLAME, and to its end a function that is blamed as a whole."""
    with open(os.path.join(SOURCES, f"{name}.c"), encoding="utf-8") as file:
        lines = file.read().splitlines()
    first = last = next(number for number, line in enumerate(lines) if "BLAME" in line)
    while "the function" in lines[first] and lines[last] != "}":
        last += 1
    return {f"{name}.c:{number + 1}" for number in range(first, last + 1)}


def build_kext(name, compiler, options, folder):
    """The bundle of a mistake once more, as a stranger would build it with @compiler."""
    bundle = f"wrong_{name}.kext"
    tool = os.path.join(os.environ["KEXTBED_BUILD"], "bin", "kextbed")
    subprocess.run([tool, "cc", "--start=smallfs_start", "--stop=smallfs_stop", "--info", os.path.join(KEXTS, bundle, "Contents", "Info.plist"), "-fno-optimize-sibling-calls", *options,
                    "-o", os.path.join(folder, bundle), os.path.join(SOURCES, f"{name}.c"), os.path.join(SOURCES, "smallfs.c")],
                   env={**os.environ, "CC": compiler}, check=True)


class MistakesTest(unittest.TestCase):
    def check_report(self, name, rule, operation, report):
        self.assertIn(f"validate: [{rule}] kext org.kextbed.test.wrong_{name}, operation {operation}, function ", report)
        self.assertRegex(report, HEAD)
        self.assertTrue(blame_of(name) & lines_of(name, report), report)

    def test_good_one__passes(self):
        done = run("none", "stat:file", "read:file", "write:file", "rename:file:other", "stat:absent")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("findings: 0\n", done.stdout)
        self.assertNotIn("validate:", done.stderr)

    def test_order__report_has_the_picture(self):
        done = run("order", "read:file", "write:file")
        self.assertRegex(done.stderr, r"digraph cycle \{(.|\n)*c\d+ -> c\d+ \[label=\"vnop_read\"\](.|\n)*"
                                      r"c\d+ -> c\d+ \[label=\"vnop_write\", color=red\]")
        for heading in ("the lock that is held was taken", "the other way round: the first", "and then the second"):
            self.assertIn(heading, done.stderr)

    def test_lines__of_kexts_by_any_compiler__are_told(self):
        """Compilers differ in how they say which line an address is."""
        name = "lookup_leak"
        compilers = [compiler for compiler in ("gcc", "clang") if shutil.which(compiler)]
        self.assertTrue(compilers)
        for compiler in compilers:
            for options in (["-O2"], ["-O0"], ["-O2", "-gdwarf-4"], ["-O2", "-ffunction-sections"]):
                with self.subTest(compiler=compiler, options=options), tempfile.TemporaryDirectory() as folder:
                    build_kext(name, compiler, options, folder)
                    done = run(name, *MISTAKES[name][0], folder=folder)
                    self.assertEqual(done.returncode, PANIC, done.stdout + done.stderr)
                    self.check_report(name, *MISTAKES[name][1:], done.stderr)

    def test_nesting__in_every_right_way__passes(self):
        twice = ("read:file", "write:file")
        done = run("nesting", *twice, "rename:dir:absent", *twice, "rename:dir:absent", *twice, "order")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("findings: 0\n", done.stdout)
        self.assertRegex(done.stdout, r"c(\d+) -> c\1 \[label=\"vnop_read\"\];\n")

    def test_order_within__report_has_the_picture(self):
        done = run("order_within", "read:file", "write:file", "write:file", "read:other", "order", policy="warn")
        self.assertIn("findings: 1\n", done.stdout, done.stderr)
        self.assertRegex(done.stdout, r"c(\d+) -> c\1 \[label=\"vnop_read\", color=red\];\n")
        self.assertRegex(done.stderr, r"digraph cycle \{(.|\n)*b -> a \[label=\"vnop_read\"\];\n.*"
                                      r"a -> b \[label=\"vnop_write\", color=red\];\n")
        for heading in ("the lock that is held was taken", "the other way round: the first", "and then the second"):
            self.assertIn(heading, done.stderr)

    def test_warn__goes_on(self):
        done = run("lookup_leak", "stat:absent", "stat:absent", "stat:file", policy="warn")
        self.assertIn("findings: 2\n", done.stdout, done.stderr)
        done = run("lock_left", "read:file", "read:file", policy="warn")
        self.assertIn("findings: 2\n", done.stdout, done.stderr)
        done = run("double_put", "stat:file", "read:file", policy="warn")
        self.assertRegex(done.stdout, r"findings: [1-9]\d*\n")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_exception__silences_and_unused_one_is_told(self):
        with tempfile.NamedTemporaryFile("w", suffix=".exceptions") as file:
            file.write("# looked at\nsleep-with-spin-lock org.kextbed.test.wrong_spin_alloc mistake it is a test\n"
                       "lock-order * nobody gone since\n")
            file.flush()
            done = run("spin_alloc", "read:file", exceptions=file.name)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("findings: 0\n", done.stdout)
        self.assertIn("this exception was never needed: lock-order * nobody", done.stderr)
        self.assertNotIn("never needed: sleep-with-spin-lock", done.stderr)

    def test_exception__without_a_reason__is_refused(self):
        with tempfile.NamedTemporaryFile("w", suffix=".exceptions") as file:
            file.write("lock-order * *\n")
            file.flush()
            done = run("none", exceptions=file.name)
        self.assertEqual(done.returncode, 3)
        self.assertIn("exceptions, line 1: expected", done.stderr)

    def test_every_source__is_in_the_table(self):
        sources = {name[:-2] for name in os.listdir(SOURCES) if name.endswith(".c")} - {"smallfs", "none", "nesting"}
        self.assertEqual(sources, set(MISTAKES))

    def test_busy_unmount__says_who_holds_what_since_when_from_where(self):
        done = run("none", "unmount-busy:file")
        self.assertRegex(done.stdout, r"busy: 16 .*smallfs.*1 usecount\(s\) taken by the kernel.* "
                                      r"\d+\.\d{3} s ago at sys_open")
        self.assertRegex(done.stdout, r"ref: kind 5 count 1 .*smallfs")

    def test_holders__each_is_named_and_of_many_the_number(self):
        done = run("none", "holders:file")
        self.assertEqual(done.returncode, 0, done.stderr)
        told = {word: re.search(rf"^{word}: 16 .*$", done.stdout, re.MULTILINE).group(0) for word in ("both", "one")}
        self.assertEqual(len(re.findall(r"1 usecount\(s\) taken by the kernel", told["both"])), 2, told)
        self.assertEqual(len(re.findall(r"1 usecount\(s\) taken by the kernel", told["one"])), 1, told)
        for text in told.values():
            self.assertRegex(text, r"taken by the kernel for process 77 \d+\.\d{3} s ago at sys_open")
        opened = re.findall(r"^ref: kind 5 count (\d+) age \d+ in '' of '' for \d+: file .*; (.*)$", done.stdout, re.MULTILINE)
        self.assertEqual([count for count, where in opened if where == "not kept"], ["16"])
        self.assertEqual(len([count for count, where in opened if where != "not kept" and count == "1"]), 24)
        self.assertEqual(len(opened), 25, done.stdout)

    def test_contention_and_order__are_listed(self):
        done = run("none", "stat:file", "read:file", "locks", "order")
        self.assertRegex(done.stdout, r"class: mutex smallfs, made by small_vfs_mount\+0x\w+ \(\S+\) taken [1-9]")
        self.assertIn("digraph lock_order {", done.stdout)
        self.assertNotIn("color=red", done.stdout)

    def test_order__edges_of_a_circle_are_red(self):
        for name, edges in (("order", 2), ("order_three", 3)):
            done = run(name, *MISTAKES[name][0], "order", policy="warn")
            graph = done.stdout[done.stdout.index("digraph lock_order {"):]
            self.assertEqual(len(re.findall(r"c\d+ -> c\d+ .*color=red", graph)), edges, graph)


def add_case(name, steps, rule, operation):
    def case(self):
        done = run(name, *steps)
        self.assertEqual(done.returncode, PANIC, done.stdout + done.stderr)
        self.check_report(name, rule, operation, done.stderr)
    setattr(MistakesTest, f"test_mistake__{name}__is_caught", case)


for _name, (_steps, _rule, _operation) in MISTAKES.items():
    add_case(_name, _steps, _rule, _operation)

if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *(f"MistakesTest.test_mistake__{n}__is_caught" for n in sys.argv[4:])])

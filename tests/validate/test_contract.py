#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What is made of a contract says what each row says, and a row that makes no sense is refused by its line.

usage: test_contract.py GEN_VNOP CONTRACT
"""
import os
import re
import subprocess
import sys
import tempfile
import unittest

GENERATOR, CONTRACT = sys.argv[1:3]
HEAD = "op touch\narg vnode_t vp\narg vnode_t * vpp\nctx\n"
RIGHT = "%% touch vp I I I -\n%% touch vpp - R - -\n"


def make(text):
    """(error text, what was made)"""
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: os.path.join(folder, name) for name in ("contract", "desc", "doc", "man")}
        with open(paths["contract"], "w", encoding="utf-8") as file:
            file.write(text)
        done = subprocess.run([sys.executable, GENERATOR, paths["contract"], "--desc", paths["desc"], "--doc", paths["doc"],
                               "--man", paths["man"]], capture_output=True, text=True, check=False)
        if done.returncode:
            return done.stderr, None
        made = {}
        for name in ("desc", "doc", "man"):
            with open(paths[name], encoding="utf-8") as file:
                made[name] = file.read()
        return "", made


class ContractTest(unittest.TestCase):
    def test_nothing_consumed__is_said_for_each_argument(self):
        made = make(HEAD + RIGHT)[1]
        self.assertIn("| `touch` | vp | I / I / I | - | kept | none |", made["doc"])
        self.assertIn(".Fa a_vp ,\nbefore and after; nothing of it is consumed.", made["man"])
        self.assertNotIn("vdesc_flags", made["desc"])

    def test_file_consumed__is_said_and_checked(self):
        made = make(HEAD + RIGHT.replace("I I I -", "I I I file"))[1]
        self.assertIn("| `touch` | vp | I / I / I | file | kept | none |", made["doc"])
        self.assertIn(".Fa a_vp ,\nbefore and after; its file is consumed.", made["man"])
        self.assertIn(".vdesc_flags = VNOP_RECLAIMS,", made["desc"])

    def test_moving__is_said_and_checked(self):
        made = make(HEAD + RIGHT + "= moves vp\n")[1]
        self.assertIn("`touch` vp. The order", made["doc"])
        self.assertIn("Where\n.Fa a_vp\nis a directory, directories may lie elsewhere", made["man"])
        self.assertIn("VNOP_ARG_HELD, true}", made["desc"])

    def test_senseless_rows__are_refused(self):
        wrong = {
            "no column": RIGHT.replace("I I I -", "I I I"),
            "a column too many": RIGHT.replace("I I I -", "I I I - -"),
            "unknown": RIGHT.replace("I I I -", "I I I iocount"),
            "unknown state": RIGHT.replace("I I I -", "I I 0 -"),
            "of what is returned": RIGHT.replace("- R - -", "- R - file"),
        }
        for name, text in wrong.items():
            with self.subTest(name):
                self.assertRegex(make(HEAD + text)[0], r"gen_vnop: \S+:[56]: '%% touch ")
        self.assertIn("what moves is no vnode argument", make(HEAD + RIGHT + "= moves context\n")[0])

    def test_our_own__every_row_has_the_column(self):
        with open(CONTRACT, encoding="utf-8") as file:
            rows = [line.split() for line in file if line.startswith("%% ")]
        self.assertGreater(len(rows), 60)
        self.assertEqual({row[1] for row in rows if row[6] != "-"}, {"reclaim"})
        self.assertFalse([row for row in rows if len(row) != 7 or not re.fullmatch("-|file", row[6])])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Tests of tools/mkexports: what becomes of rows, aliases, symbols that are not there, and lines that make no sense."""
import os
import sys
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path.insert(0, os.path.join(ROOT, "tools", "mkexports"))
sys.dont_write_bytecode = True
import mkexports  # noqa: E402  pylint: disable=wrong-import-position

NM = "0000 T here\n0000 D data\n0000 W weak\n0000 T other\n                 U elsewhere\n"


class MkexportsTest(unittest.TestCase):
    def merge(self, *texts):
        files = [(f"f{i}", text) for i, text in enumerate(texts)]
        return mkexports.merge(files, mkexports.parse_symbols(NM))

    def test_row__defined__exported(self):
        exported, absent = self.merge("set bsd stable 8.0.0\nhere\ndata\nweak\nmemcpy\n")
        self.assertEqual(exported["here"], ("here", 1, "stable", "T", None))
        self.assertEqual(sorted(exported), ["data", "here", "memcpy", "weak"])
        self.assertEqual(absent, {})

    def test_row__undefined__absent(self):
        exported, absent = self.merge("set mach stable 8.0.0\nnowhere\nelsewhere\n")
        self.assertEqual(exported, {})
        self.assertEqual(absent, {"nowhere": 8, "elsewhere": 8})

    def test_alias__taken_where_it_exists__else_own_name(self):
        exported, absent = self.merge("set iokit stable 8.0.0\nalias = here\nother = nowhere\nnone = nowhere\n")
        self.assertEqual(exported["alias"][0], "here")
        self.assertEqual(exported["other"][0], "other")
        self.assertEqual(absent, {"none": 2})

    def test_symbol__in_two_sets__has_both_and_the_better_state(self):
        exported, _ = self.merge("set private compatibility 8.0.0\nhere\n", "set bsd stable 8.0.0\nhere\n")
        self.assertEqual(exported["here"], ("here", 17, "stable", "T", None))

    def test_checking_variant__found_by_its_name(self):
        files = [("f0", "set bsd stable 8.0.0\nhere\nother\nalias = here\n")]
        exported, _ = mkexports.merge(files, mkexports.parse_symbols(NM + "0000 T checked_here\n"))
        self.assertEqual(exported["here"][4], "checked_here")
        self.assertEqual(exported["alias"][4], "checked_here")
        self.assertIsNone(exported["other"][4])

    def test_state__in_a_row__counts(self):
        exported, _ = self.merge("set bsd stable 8.0.0\nhere deprecated 9.0\n")
        self.assertEqual(exported["here"][2], "deprecated")

    def test_better__kept_for_what_is_exported(self):
        texts = ["set bsd stable 8.0.0\nhere deprecated -> other\nnowhere compatibility 9.0 -> other\nother\n"]
        files = [("f0", text) for text in texts]
        better = mkexports.replacements(files)
        self.assertEqual(better, {"here": "other", "nowhere": "other"})
        exported, absent = self.merge(*texts)
        mkexports.check_replacements(better, exported)
        for text in (mkexports.write_table(exported, absent, better), mkexports.write_names(exported, absent, better)):
            self.assertIn('{"here", "other"}', text)
            self.assertNotIn('{"nowhere", "other"}', text)
        with self.assertRaises(mkexports.DataError):
            mkexports.check_replacements({"here": "gone"}, exported)

    def test_wrong_line__refused_with_its_place(self):
        for text in ("here\n", "set what stable 8\n", "set bsd stable 8\n\nhere here2 x y\n", "set bsd stable 8\nhere =\n",
                     "set bsd stable 8\nhere\nhere\n", "set bsd stable 8\nhere odd\n", "set bsd stable x\nhere\n",
                     "set bsd stable 8\nhv_*\n", "set bsd stable 8\nhere -> other\n",
                     "set bsd stable 8\nhere deprecated ->\n", "set bsd stable 8\n-> other\n", ""):
            with self.assertRaises(mkexports.DataError, msg=text) as caught:
                self.merge(text)
            self.assertTrue(str(caught.exception).startswith("f0:"))

    def test_files_of_the_project__make_sense(self):
        folder = os.path.join(ROOT, "kext", "exports")
        files = []
        for name in sorted(os.listdir(folder)):
            with open(os.path.join(folder, name), encoding="ascii") as file:
                files.append((name, file.read()))
        self.assertEqual(len(files), 6)
        _, absent = mkexports.merge(files, {})
        mkexports.replacements(files)
        self.assertGreater(len(absent), 2800)

    def test_table__ordered_by_bytes(self):
        exported, absent = self.merge("set bsd stable 8.0.0\nother\nhere\nZ\n_a\n")
        text = mkexports.write_table(exported, absent)
        self.assertLess(text.index('{"here"'), text.index('{"other"'))
        self.assertLess(text.index('{"Z"'), text.index('{"_a"'))


if __name__ == "__main__":
    unittest.main()

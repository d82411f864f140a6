#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The Debian package: what is in it, what it needs, and that it works unpacked. (long.package installs it.)"""
import os
import shutil
import subprocess
import unittest

import tree


def output(*args):
    return subprocess.run(args, check=True, capture_output=True, text=True).stdout


class PackageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.tree = tree.Tree()
        made = os.path.join(cls.tree.folder, "made")
        done = subprocess.run(["cpack", "--config", os.path.join(tree.BUILD, "CPackConfig.cmake"), "-B", made],
                              capture_output=True, text=True, check=False, cwd=cls.tree.folder)
        assert done.returncode == 0, done.stdout + done.stderr
        cls.package = next(os.path.join(made, name) for name in os.listdir(made) if name.endswith(".deb"))
        unpacked = os.path.join(cls.tree.folder, "unpacked")
        subprocess.run(["dpkg-deb", "-x", cls.package, unpacked], check=True)
        cls.tree.prefix = os.path.join(unpacked, "usr")
        tree.hide()

    @classmethod
    def tearDownClass(cls):
        cls.tree.remove()

    def test_contents__in_their_places(self):
        lines = output("dpkg-deb", "-c", self.package).splitlines()
        names = {line.split()[5].removeprefix("./usr/") for line in lines}
        for name in tree.PROGRAMS + tree.DATA:
            self.assertIn(name, names)
        for line in lines:
            self.assertIn(line.split()[1], ("root/root",), line)
            self.assertFalse(line.split()[5].startswith("./usr/local"), line)

    def test_fields__say_what_it_needs(self):
        fields = output("dpkg-deb", "-f", self.package)
        for word in ("Package: kextbed", "fuse3", "libfuse3-3", "libplist3", "libjansson4", "Architecture: amd64"):
            self.assertIn(word, fields)

    def test_unpacked__works(self):
        self.assertIn("can be loaded", self.tree.ok("bin/kextutil", "-nt", "-b", "org.kextbed.memfs"))
        self.tree.serve("-t", "memfs")

    def test_programs__remember_no_build_tree(self):
        """Debugging information does; what programs read and print does not."""
        for name in tree.PROGRAMS:
            stripped = os.path.join(self.tree.folder, "stripped")
            subprocess.run(["strip", "-o", stripped, self.tree.path(name)], check=True)
            with open(stripped, "rb") as file:
                self.assertNotIn(tree.BUILD.encode(), file.read(), name)


if __name__ == "__main__":
    tree.need_root()
    if not shutil.which("cpack") or not shutil.which("dpkg-shlibdeps"):
        tree.skip("no cpack, or no dpkg-shlibdeps (package dpkg-dev)")
    unittest.main(verbosity=2)

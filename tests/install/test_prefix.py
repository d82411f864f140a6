#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""cmake --install, with --prefix and with DESTDIR; kexts are built, linked, loaded and mounted from the result alone."""
import os
import shutil
import subprocess
import unittest

import tree


class PrefixTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.tree = tree.Tree()
        stage = os.path.join(cls.tree.folder, "stage")
        for prefix, env in ((cls.tree.prefix, {}), ("/usr", {"DESTDIR": stage})):
            subprocess.run(["cmake", "--install", tree.BUILD, "--prefix", prefix], check=True, capture_output=True,
                           env={**os.environ, **env})
        cls.staged = os.path.join(stage, "usr")
        cls.examples = os.path.join(cls.tree.folder, "examples")
        shutil.copytree(cls.tree.path("share/doc/kextbed/examples"), cls.examples)
        # Moved after it was installed: nothing may remember where it was put.
        moved = os.path.join(cls.tree.folder, "else where")
        os.rename(cls.tree.prefix, moved)
        cls.tree.prefix = moved
        tree.hide()

    @classmethod
    def tearDownClass(cls):
        cls.tree.remove()

    def test_files__in_their_places(self):
        for prefix in (self.tree.prefix, self.staged):
            for name in tree.PROGRAMS:
                self.assertTrue(os.access(os.path.join(prefix, name), os.X_OK), name)
            for name in tree.DATA:
                self.assertTrue(os.path.isfile(os.path.join(prefix, name)), name)

    def test_kextutil__finds_headers_kexts_and_libraries(self):
        self.assertIn("can be loaded", self.tree.ok("bin/kextutil", "-nt", "-b", "org.kextbed.memfs"))

    def test_cc__builds_the_sample__run_mounts_it(self):
        source = os.path.join(self.examples, "emptyfs", "emptyfs.c")
        self.tree.ok("bin/kextbed", "cc", "-o", "mine.kext", "--start", "emptyfs_kext_start", "--stop",
                     "emptyfs_kext_stop", source)
        self.assertIn("can be loaded", self.tree.ok("bin/kextutil", "-nt", "mine.kext"))
        self.tree.serve("-t", "emptyfs", "mine.kext")

    def test_run__finds_memfs(self):
        self.tree.serve("-t", "memfs")

    def test_start__load__mount__helper(self):
        mnt = os.path.join(self.tree.folder, "shared")
        os.mkdir(mnt)
        self.tree.ok("bin/kextbed", "start", "--log", os.path.join(self.tree.folder, "log"))
        self.tree.ok("bin/kextbed", "mount", "-t", "memfs", "none", mnt)
        self.tree.ok("bin/kextbed", "umount", mnt)
        self.tree.ok("sbin/mount.kext", "none", mnt, "-t", "kext.memfs")
        self.assertIn("org.kextbed.memfs", self.tree.ok("bin/kextstat", "-k"))
        self.tree.ok("bin/kextbed", "stop")

    def test_helper__starts_the_kernel_process(self):
        mnt = os.path.join(self.tree.folder, "helped")
        os.mkdir(mnt)
        self.tree.ok("sbin/mount.kext", "none", mnt, "-t", "kext.memfs")
        self.assertTrue(os.path.ismount(mnt))
        self.tree.ok("bin/kextbed", "stop")
        self.assertFalse(os.path.ismount(mnt))

    def test_find_package__builds_the_samples(self):
        for name in ("emptyfs", "memfs"):
            source = os.path.join(self.examples, name)
            self.tree.ok("cmake", "-G", "Ninja", "-S", source, "-B", source + "/build",
                         "-DCMAKE_PREFIX_PATH=" + self.tree.prefix)
            self.tree.ok("cmake", "--build", source + "/build")
            built = f"{source}/build/Extensions/{name}.kext"
            self.assertIn("can be loaded", self.tree.ok("bin/kextutil", "-nt", built))
            self.tree.serve(built)


if __name__ == "__main__":
    tree.need_root()
    unittest.main(verbosity=2)

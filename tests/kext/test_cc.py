#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""kextbed cc: bundles from sources in one command, and flags for builds that compile by themselves."""
import json
import os
import shutil
import subprocess
import unittest

from kernel import KernelTest

SOURCE = """#include <mach/kmod.h>
#include <sys/systm.h>
#include <libkern/OSKextLib.h>
kern_return_t %(name)s_start(kmod_info_t *ki, void *d);
kern_return_t %(name)s_stop(kmod_info_t *ki, void *d);
kern_return_t %(name)s_start(kmod_info_t *ki, void *d)
{
    (void)d;
    printf("cc: %%s %%s tag %%d\\n", ki->name, ki->version, (int)OSKextGetCurrentLoadTag());
    return 0;
}
kern_return_t %(name)s_stop(kmod_info_t *ki, void *d) { (void)ki; (void)d; return 0; }
"""
OWN = """#include <mach/kmod.h>
#include <sys/systm.h>
static kern_return_t go(kmod_info_t *ki, void *d) { (void)d; printf("%s\\n", ki->name); return 0; }
KMOD_EXPLICIT_DECL(org.example.mine, "1.0", go, 0)
"""
INFO = """<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict>
<key>CFBundleExecutable</key><string>${EXECUTABLE_NAME}</string>
<key>CFBundleIdentifier</key><string>org.example.$(PRODUCT_NAME:rfc1034identifier)</string>
<key>CFBundleName</key><string>$(PRODUCT_NAME)</string>
<key>CFBundleVersion</key><string>%s</string>
<key>OSBundleLibraries</key><dict><key>com.apple.kpi.libkern</key><string>8.0</string></dict>
</dict></plist>
"""


class CcTest(KernelTest):
    def setUp(self):
        super().setUp()
        self.work = os.path.join(self.folder, "work")
        os.mkdir(self.work)
        self.addCleanup(shutil.rmtree, self.work)

    def write(self, name, text):
        path = os.path.join(self.work, name)
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        return path

    def bundle(self, name):
        return os.path.join(self.work, name + ".kext")

    def load(self, name, ident):
        self.ok("kextload", self.bundle(name))
        self.ok("kextunload", "-b", ident)

    def test_source_alone__bundle_made_and_loaded(self):
        source = self.write("mine.c", SOURCE % {"name": "mine"})
        self.ok("kextbed", "cc", "-o", self.bundle("mine"), source)
        self.load("mine", "local.mine")
        self.assertIn("cc: local.mine 1.0.0 tag ", self.ok("kextbed", "log"))

    def test_own_list__variables_filled_in(self):
        source = self.write("mine.c", SOURCE % {"name": "other"})
        info = self.write("Info.plist", INFO % "$(MODULE_VERSION)")
        self.ok("kextbed", "cc", "--info", info, "--version=2.5", "--start=other_start", "--stop", "other_stop", "-Wall",
                "-Werror", "-DUNUSED=1", "-I", self.work, "-o", self.bundle("mine") + "/", source)
        self.load("mine", "org.example.mine")
        self.assertIn("cc: org.example.mine 2.5 tag", self.ok("kextbed", "log"))

    def test_own_kmod_info__kept(self):
        self.ok("kextbed", "cc", "--id", "org.example.mine", "-o", self.bundle("mine"), self.write("mine.c", OWN))
        self.load("mine", "org.example.mine")

    def test_own_names_of_start_up_code__no_clash(self):
        """One symbol of the start-up code may be the kext's own, whichever it is."""
        for name, kind in (("OSKextGetCurrentIdentifier", "const char *"), ("OSKextGetCurrentVersionString", "const char *"),
                           ("_start", "int "), ("_stop", "int "), ("_realmain", ""), ("_antimain", "")):
            text = SOURCE % {"name": "mine"}
            if name in ("_start", "_stop"):
                text += f"kern_return_t {name}(kmod_info_t *ki, void *d);\nkern_return_t {name}(kmod_info_t *ki, void *d)\n" \
                        "{ (void)ki; (void)d; return 0; }\n"
            elif kind:
                text += f"{kind}{name}(void);\n{kind}{name}(void) {{ return \"x\"; }}\n"
            else:
                word = "start" if name == "_realmain" else "stop"
                text += f"extern kmod_{word}_func_t *{name};\nkmod_{word}_func_t *{name} = mine_{word};\n"
            self.ok("kextbed", "cc", "-o", self.bundle("mine"), self.write("mine.c", text))
            self.load("mine", "local.mine")

    def test_mistakes__told_and_nothing_written(self):
        good = self.write("mine.c", SOURCE % {"name": "mine"})
        bad = self.write("bad.c", "int x = ;\n")
        info = self.write("Info.plist", INFO % "$(NO_SUCH)")
        out = self.bundle("none")
        for code, text, args in (
                (4, "bad.c:1", (bad,)),
                (4, "no source defines the start routine nobody", ("--start", "nobody", good)),
                (4, "NO_SUCH", ("--info", info, good)),
                (4, "cannot be read", ("--info", "/nonexistent", good)),
                (4, "IDENTIFIER=VERSION", ("--library", "com.apple.kpi.bsd", good)),
                (4, "no bundle identifier", ("--id", "a b", good))):
            self.fails(code, text, "kextbed", "cc", "-o", out, *args)
            self.assertFalse(os.path.exists(out))
        self.fails(4, "NAME.kext", "kextbed", "cc", "-o", self.work + "/thing", good)
        self.fails(64, "needs an argument", "kextbed", "cc", good, "--info")
        self.fails(64, "sources to build", "kextbed", "cc", "--info", info)
        self.fails(4, "no working C compiler", "kextbed", "cc", "-o", out, good, env={"CC": "/nonexistent/cc"})

    def test_many_missing_symbols__all_told(self):
        """Nothing of a long report is cut, by whichever way a kext is loaded."""
        text = SOURCE % {"name": "mine"}
        for number in range(300):
            text += f"void a_function_that_is_missing_{number}(void);\n"
        text += "void all(void);\nvoid all(void)\n{\n"
        text += "".join(f"    a_function_that_is_missing_{number}();\n" for number in range(300)) + "}\n"
        self.ok("kextbed", "cc", "-o", self.bundle("mine"), self.write("mine.c", text))
        for code, args in ((4, ("kextutil", "-n")), (11, ("kextload",)), (4, ("kextbed", "run"))):
            words = [*args, self.bundle("mine")] + (["none", self.work] if args[-1] == "run" else [])
            done = self.fails(code, "not linked (300 errors)", *words)
            for number in range(300):
                self.assertIn(f"\ta_function_that_is_missing_{number} ", done.stderr)

    def test_states__of_symbols__told_at_the_link(self):
        word = "void more(void);\nint symbol(void) __asm__(\"%s\");\nvoid more(void) { (void)symbol(); }\n"
        library = "--library=com.apple.kpi.libkern=8.0", "--library=com.apple.kpi.unsupported=8.0", "--library=com.apple.kpi.bsd=8.0"
        for symbol, said, at_load in (("strlcpy", "", False), ("strcpy", "strlcpy", True), ("kfree", "IOFree", False)):
            self.ok("kextbed", "cc", *library, "-o", self.bundle("mine"),
                    self.write("mine.c", SOURCE % {"name": "mine"} + word % symbol))
            dry = self.tool("kextutil", "-n", "-t", self.bundle("mine"))
            self.assertEqual(dry.returncode, 0, dry.stderr)
            real = self.tool("kextload", self.bundle("mine"))
            self.assertEqual(real.returncode, 0, real.stderr)
            self.ok("kextunload", "-b", "local.mine")
            for stderr, wanted in ((dry.stderr, bool(said)), (real.stderr, at_load)):
                self.assertEqual(f"use {said} instead" in stderr and f"\t{symbol} " in stderr, wanted, stderr)
            self.assertEqual(dry.stderr == "", not said, dry.stderr)
            self.assertIn({"strlcpy": "", "strcpy": "warning: ", "kfree": "note: "}[symbol], dry.stderr)

    def test_evolving__only_for_who_asks(self):
        exports = os.path.join(os.path.dirname(__file__), "..", "..", "kext", "exports", "bsd.exports")
        with open(exports, encoding="ascii") as file:
            symbol = next((line.split()[0] for line in file if " evolving" in line.split("#")[0]), None)
        if symbol is None:
            self.skipTest("nothing is evolving")
        text = SOURCE % {"name": "mine"} + "void more(void);\nint symbol(void) __asm__(\"%s\");\nvoid more(void) { (void)symbol(); }\n" % symbol
        source = self.write("mine.c", text)
        self.ok("kextbed", "cc", "-o", self.bundle("mine"), source)
        self.fails(4, "KextbedEvolvingInterfaces", "kextutil", "-n", self.bundle("mine"))
        self.fails(11, "KextbedEvolvingInterfaces", "kextload", self.bundle("mine"))
        self.ok("kextbed", "cc", "--evolving", "-o", self.bundle("mine"), source)
        self.ok("kextutil", "-n", self.bundle("mine"))
        self.load("mine", "local.mine")

    def test_sanitized_kernel__instruments_the_kext(self):
        """Nothing has to be said: the report names the kext's own file and line, and ends the process."""
        if os.environ.get("KEXTBED_SANITIZE") != "address":
            self.skipTest("not this build")
        text = "static int numbers[4];\nint far = 4;\n" + (SOURCE % {"name": "mine"}).replace(
            "(void)d;\n", "(void)d;\n    numbers[far] = 1;\n", 1)
        self.ok("kextbed", "cc", "-o", self.bundle("mine"), self.write("mine.c", text))
        done = self.tool("kextbed", "run", self.bundle("mine"), "none", self.work)
        self.assertNotEqual(done.returncode, 0)
        self.assertRegex(done.stderr, "runtime error: index 4 out of bounds|AddressSanitizer: global-buffer-overflow")
        self.assertIn("mine.c:11", done.stderr)

    def test_verbose__shows_the_commands(self):
        done = self.tool("kextbed", "cc", "-v", "-o", self.bundle("mine"), self.write("mine.c", SOURCE % {"name": "mine"}))
        self.assertIn("-ffreestanding", done.stderr)
        self.assertIn("ld -r", done.stderr)

    def test_flags__for_a_build_of_ones_own(self):
        self.write("mine.c", OWN)
        flags = self.ok("kextbed", "cc", "--cflags").split()
        self.assertEqual(flags, json.loads(self.ok("kextbed", "cc", "--cflags", "--json"))["cflags"].split())
        bundle = self.bundle("mine")
        os.mkdir(bundle)
        subprocess.run(["cc", *flags, "-O2", "-c", "mine.c"], cwd=self.work, check=True)
        subprocess.run(["ld", *self.ok("kextbed", "cc", "--ldflags").split(), "-o", "mine.kext/mine", "mine.o"],
                       cwd=self.work, check=True)
        self.write("mine.kext/Info.plist", INFO.replace("${EXECUTABLE_NAME}", "mine").replace(
            "$(PRODUCT_NAME:rfc1034identifier)", "mine").replace("$(PRODUCT_NAME)", "mine") % "1.0")
        self.load("mine", "org.example.mine")
        for words in (self.ok("kextbed", "cc", "--sources"), self.ok("kextbed", "cc", "--cmake")):
            for path in words.split():
                self.assertTrue(os.path.exists(path), path)


if __name__ == "__main__":
    unittest.main()

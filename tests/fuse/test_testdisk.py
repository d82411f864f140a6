#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The test device below a mount: the plan of a mount option, what it counts, a new plan and a power cut."""
import errno
import json
import os
import subprocess
import unittest

import support
from stack import Stack
from support import BIN
from test_disk import BLOCK, BLOCKS, Disk, block, image_in


def testdisk(mount, *words):
    done = subprocess.run([os.path.join(BIN, "kextbed"), "testdisk", "--json", "--socket", mount.socket, *words, mount.dir],
                          text=True, capture_output=True, check=False)
    return done.returncode, json.loads(done.stdout)


class TestDisks(unittest.TestCase):
    def refused(self, options, *texts):
        mount = Disk(options, image_in)
        self.addCleanup(mount.kill)
        with self.assertRaises(AssertionError) as raised:
            mount.start()
        for text in texts:
            self.assertIn(text, str(raised.exception))

    def error_of(self, path):
        try:
            support.read_file(path)
        except OSError as error:
            return error.errno
        return 0

    def test_plan__without_faults__changes_nothing(self):
        record = os.path.join(support.folder(), "record")
        with Disk(f"ro,testdisk=seed=3;record={record};reorder=2;delay=1us-100us", image_in) as mount:
            for number in range(BLOCKS):
                self.assertEqual(support.read_file(mount.path(str(number))), block(number))
            code, told = testdisk(mount)
            self.assertEqual(code, 0, told)
            self.assertEqual(told["power"], "on")
            self.assertGreaterEqual(told["read"]["requests"], 1)
            self.assertEqual(told["read"]["late"], told["read"]["requests"])
        with open(record, encoding="ascii") as file:
            lines = file.read().splitlines()
        self.assertEqual((lines[0], lines[-1]), ("testdisk-record 1", "close"))

    def test_reads_that_fail__reach_who_reads(self):
        with Disk("ro,nocache,testdisk=seed=1", image_in) as mount:
            self.assertEqual(support.read_file(mount.path("1")), block(1))
            code, told = testdisk(mount, "--plan", "fail=read")
            self.assertEqual(code, 0, told)
            self.assertEqual(self.error_of(mount.path("40")), errno.EIO)
            code, told = testdisk(mount, "--plan", "seed=1")
            self.assertGreaterEqual(told["read"]["failed"], 1)
            self.assertEqual(support.read_file(mount.path("40")), block(40))
            code, told = testdisk(mount, "--plan", "fail=raed")
            self.assertNotEqual(code, 0)
            self.assertIn("fail=raed", json.dumps(told))

    def test_power_cut__every_request_since_fails(self):
        with Disk("ro,nocache,testdisk=seed=1", image_in) as mount:
            code, told = testdisk(mount, "--cut")
            self.assertEqual((code, told["power"]), (0, "off"))
            self.assertEqual(self.error_of(mount.path("50")), errno.EIO)
            self.assertGreaterEqual(testdisk(mount)[1]["cut"]["requests_since"], 1)

    def written(self, record, number):
        """The events of a record, as (index of the write of a block, indices of flushes that succeeded, last line)."""
        with open(record, encoding="ascii") as file:
            lines = file.read().splitlines()
        writes = [at for at, line in enumerate(lines) if line.split()[2:4] == ["write", str(number * BLOCK)]]
        flushes = {line.split()[1]: at for at, line in enumerate(lines) if line.split()[2:] == ["flush"]}
        done = [at for seq, at in flushes.items() for line in lines if line.split()[:3] == ["done", seq, "ok"]]
        return writes, done, lines[-1]

    def test_fsync__has_reached_the_disk_when_it_returns(self):
        for options in ("rw", "rw,nocache"):
            record = os.path.join(support.folder(), "record")
            with self.subTest(options=options), Disk(f"{options},testdisk=record={record}", image_in, "blockfsrw") as mount:
                self.fsynced_is_on_the_medium(mount, mount.path("3"), record)

    def test_fsync__through_a_stacked_file_system__the_same(self):
        record = os.path.join(support.folder(), "record")
        disk = Disk(f"rw,testdisk=record={record}", image_in, "blockfsrw")
        with Stack("nullfs:nullfs", lowest=disk) as stack:
            self.fsynced_is_on_the_medium(disk, stack.path("3"), record)

    def fsynced_is_on_the_medium(self, mount, path, record):
        data = bytes(reversed(block(3)))
        with open(path, "r+b", buffering=0) as file:
            file.write(data)
            os.fsync(file.fileno())
        writes, flushes, _ = self.written(record, 3)
        self.assertTrue(writes and flushes and max(flushes) > writes[0], (writes, flushes))
        # What is on the medium now survives a power cut that loses all that no flush covered.
        code, told = testdisk(mount, "--plan", "keep=0")
        self.assertEqual(code, 0, told)
        code, told = testdisk(mount, "--cut")
        self.assertEqual((code, told["power"]), (0, "off"))
        with open(mount.special, "rb") as image:
            image.seek(3 * BLOCK)
            self.assertEqual(image.read(BLOCK), data)

    def test_write_or_flush_that_fails__is_told_to_every_opener_once(self):
        for plan in ("fail=write", "fail=flush"):
            with self.subTest(plan=plan), Disk("rw,nocache,testdisk=seed=1", image_in, "blockfsrw") as mount:
                files = [os.open(mount.path(name), os.O_RDWR) for name in ("3", "3", "4")]
                self.assertEqual(testdisk(mount, "--plan", plan)[0], 0)
                os.write(files[0], b"lost?")
                self.assertEqual(self.fsync_error(files[0]), errno.EIO)
                self.assertEqual(testdisk(mount, "--plan", "seed=1")[0], 0)
                self.assertEqual([self.fsync_error(file) for file in files], [0, errno.EIO, errno.EIO])
                self.assertEqual([self.fsync_error(file) for file in files], [0, 0, 0])
                for file in files:
                    os.close(file)
                with open(mount.path("3"), "r+b") as file:  # who comes later hears nothing of it
                    self.assertEqual(self.fsync_error(file.fileno()), 0)

    def fsync_error(self, file):
        try:
            os.fsync(file)
        except OSError as error:
            return error.errno
        return 0

    def test_short_writes__lose_nothing(self):
        with Disk("rw,nocache,testdisk=seed=7", image_in, "blockfsrw") as mount:
            self.assertEqual(testdisk(mount, "--plan", "seed=7,short=write:2,short=read:2")[0], 0)
            for number in range(8, 24):
                with open(mount.path(str(number)), "r+b", buffering=0) as file:
                    file.write(bytes(reversed(block(number))))
                    os.fsync(file.fileno())
            self.assertGreater(testdisk(mount)[1]["write"]["short"], 0)
        with open(mount.special, "rb") as image:
            for number in range(BLOCKS):
                image.seek(number * BLOCK)
                want = bytes(reversed(block(number))) if 8 <= number < 24 else block(number)
                self.assertEqual(image.read(BLOCK), want, number)

    def test_unmount__flushes_what_nobody_asked_for(self):
        record = os.path.join(support.folder(), "record")
        with Disk(f"rw,testdisk=record={record}", image_in, "blockfsrw") as mount:
            support.write_file(mount.path("9"), b"late")
        writes, flushes, last = self.written(record, 9)
        self.assertTrue(writes and flushes and max(flushes) > max(writes), (writes, flushes))
        self.assertEqual(last, "close")

    def test_plan_that_is_wrong__is_refused(self):
        self.refused("ro,testdisk=fial=read", "fial=read", "there are seed, fail")
        self.refused("ro,testdisk=record=here", "not an absolute path")

    def test_mount_without_one__says_so(self):
        with Disk("ro", image_in) as mount:
            code, told = testdisk(mount, "--cut")
            self.assertNotEqual(code, 0)
            self.assertIn("test device", json.dumps(told))
            self.assertEqual(support.read_file(mount.path("7")), block(7))
        mount = support.Mount("testdisk=seed=1")
        self.addCleanup(mount.kill)
        with self.assertRaises(AssertionError) as raised:
            mount.start()
        self.assertIn("is no image or block device", str(raised.exception))


if __name__ == "__main__":
    support.need_root()
    support.main()

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Many threads rename files and directories at once, with a table of few vnodes: each file is at one place afterwards, whole.

usage: test_rename_storm.py [--long]
"""
import os
import random
import sys
import threading
import unittest

import support
from support import EXACT, FAST, Mount

LONG = "--long" in sys.argv
TSAN = support.directory_order()
THREADS = 8
ROUNDS = (4000 if LONG else 300) // (2 if support.SANITIZED else 1)
FILES = 40


class Storm(unittest.TestCase):
    def each_mode(self, body):
        for options in (FAST, EXACT):
            for vnodes in (64, None):
                with self.subTest(options=options or "fast", vnodes=vnodes), Mount(options, vnodes=vnodes, env=TSAN) as mount:
                    body(mount)

    def run_threads(self, action):
        failures = []

        def guarded(number):
            try:
                action(number, random.Random(number))
            except Exception as error:  # pylint: disable=broad-except
                failures.append(f"thread {number}: {error!r}")

        threads = [threading.Thread(target=guarded, args=(i,)) for i in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])

    def test_own_files_between_shared_directories__each_at_one_place(self):
        def body(mount):
            places = [mount.path(f"d{i}") for i in range(4)]
            for place in places:
                os.mkdir(place)
            for thread in range(THREADS):
                for i in range(FILES // THREADS):
                    support.write_file(os.path.join(places[0], f"{thread}-{i}"), b"%d-%d" % (thread, i))

            def action(number, chance):
                at = {i: places[0] for i in range(FILES // THREADS)}
                for _ in range(ROUNDS):
                    i, to = chance.randrange(len(at)), chance.choice(places)
                    name = f"{number}-{i}"
                    os.rename(os.path.join(at[i], name), os.path.join(to, name))
                    at[i] = to
                    if support.read_file(os.path.join(to, name)) != b"%d-%d" % (number, i):
                        raise AssertionError(f"{name} has other contents")

            self.run_threads(action)
            found = sorted(name for place in places for name in os.listdir(place))
            self.assertEqual(found, sorted(f"{t}-{i}" for t in range(THREADS) for i in range(FILES // THREADS)))

        self.each_mode(body)

    def test_same_names__one_winner_and_no_loss(self):
        def body(mount):
            for i in range(FILES):
                support.write_file(mount.path(f"f{i}"), b"%d" % i)

            def action(_number, chance):
                for _ in range(ROUNDS):
                    one, other = chance.sample(range(FILES), 2)
                    try:
                        os.rename(mount.path(f"f{one}"), mount.path(f"f{other}"))
                    except FileNotFoundError:
                        pass

            self.run_threads(action)
            left = os.listdir(mount.dir)
            self.assertGreaterEqual(len(left), 1)
            contents = [support.read_file(mount.path(name)) for name in left]
            self.assertEqual(len(set(contents)), len(contents))

        self.each_mode(body)

    def test_directories_into_each_other__tree_stays_a_tree(self):
        def body(mount):
            names = [f"n{i}" for i in range(6)]
            for name in names:
                os.mkdir(mount.path(name))
                support.write_file(mount.path(name, "mark"), name.encode())

            def find(name):
                for path, directories, _files in os.walk(mount.dir):
                    if name in directories:
                        return os.path.join(path, name)
                return None

            def action(_number, chance):
                for _ in range(ROUNDS // 10):
                    one, other = chance.sample(names, 2)
                    source, target = find(one), find(other)
                    try:
                        os.rename(source, os.path.join(target, one))
                    except (OSError, TypeError):
                        pass  # moved meanwhile, or into itself

            self.run_threads(action)
            for name in names:
                self.assertEqual(support.read_file(os.path.join(find(name), "mark")), name.encode())

        self.each_mode(body)


if __name__ == "__main__":
    support.need_root()
    if LONG:
        sys.argv.remove("--long")
    support.main()

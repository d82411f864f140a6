#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Every name in the middle column of the tables of docs/porting.md is declared or defined in include/, and every row has three
columns. usage: check_porting.py [PAGE INCLUDE_DIR]"""
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def words_of(folder):
    words = set()
    for place, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(place, name), encoding="utf-8") as file:
                text = re.sub(r"/\*.*?\*/|//[^\n]*", " ", file.read(), flags=re.S)
            words |= set(re.findall(r"[A-Za-z_]\w*", text))
    return words


def main(argv):
    page, include = argv if argv else (os.path.join(ROOT, "docs", "porting.md"), os.path.join(ROOT, "include"))
    words, rows, names, wrong = words_of(include), 0, 0, 0
    with open(page, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.startswith("|"):
                continue
            cells = re.split(r"(?<!\\)\|", line.strip().strip("|"))
            if len(cells) != 3:
                wrong += 1
                print(f"{page}:{number}: {len(cells)} columns, not 3")
                continue
            rows += 1
            for name in re.findall(r"`(?:struct )?([A-Za-z_]\w*)`", cells[1]):
                names += 1
                if name not in words:
                    wrong += 1
                    print(f"{page}:{number}: {name} is not in {include}")
    print(f"{rows} rows, {names} names, {wrong} wrong")
    return 1 if wrong or not names else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

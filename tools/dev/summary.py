#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Prints why tests were skipped and the closing line of ./test from CTest's JUnit reports."""
import sys
import xml.etree.ElementTree as ElementTree


def count(path):
    """(tests, failed, skipped) of one report; no report means that CTest itself failed."""
    try:
        suite = ElementTree.parse(path).getroot()
    except (OSError, ElementTree.ParseError) as error:
        print(f"{path}: no report: {error}")
        return 1, 1, 0
    for case in suite.iter("testcase"):
        if case.find("skipped") is None:
            continue
        output = (case.findtext("system-out") or "").strip().splitlines()
        print(f"skipped {case.get('name')}: {output[-1] if output else 'no reason given'}")
    skipped = int(suite.get("skipped", "0")) + int(suite.get("disabled", "0"))
    return int(suite.get("tests", "0")), int(suite.get("failures", "0")), skipped


def main(paths):
    total, failed, skipped = (sum(column) for column in zip(*map(count, paths)))
    print(f"{total - failed - skipped} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not total else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

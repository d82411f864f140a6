#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Line coverage per folder, from the counters that tests of the `cov` preset left.

usage: coverage.py [BUILD] [-f]     build/cov unless given; -f: per file too

  cmake --preset cov && cmake --build --preset cov && ctest --test-dir build/cov -LE long -j2
"""
import json
import os
import subprocess
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), os.pardir, os.pardir))


def lines_hit(build):
    """{file: {line: hit}}, a line of a header counted once however many sources have it."""
    files = {}
    data = [os.path.join(path, name) for path, _, names in os.walk(build) for name in names if name.endswith(".gcda")]
    for at in range(0, len(data), 50):
        said = subprocess.run(["gcov", "--json-format", "--stdout", *data[at:at + 50]], cwd=build, capture_output=True, text=True,
                              check=True).stdout
        for row in said.splitlines():
            for file in json.loads(row)["files"] if row.startswith("{") else []:
                name = os.path.relpath(os.path.join(build, file["file"]), ROOT)
                lines = files.setdefault(name, {})
                for line in file["lines"]:
                    lines[line["line_number"]] = lines.get(line["line_number"], False) or line["count"] > 0
    return files


def main(arguments):
    per_file = "-f" in arguments
    builds = [word for word in arguments if word != "-f"]
    build = os.path.abspath(builds[0] if builds else os.path.join(ROOT, "build", "cov"))
    rows = {}
    for name, lines in lines_hit(build).items():
        if name.startswith((os.pardir, "build", "tests", "bench")):
            continue
        folder = os.path.dirname(name)
        for key in (folder, name) if per_file else (folder,):
            row = rows.setdefault(key, [0, 0])
            row[0] += sum(lines.values())
            row[1] += len(lines)
    if not rows:
        raise SystemExit(f"no counters in {build}: run tests of the cov preset first")
    for key, (hit, total) in sorted(rows.items()):
        print(f"{100 * hit / max(total, 1):5.1f} %  {hit:6} of {total:6}  {key}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Shows that kpi_coverage.py fires: a small project with one thing wrong at a time, which has to be named."""
import os
import subprocess
import sys
import tempfile

FILES = {
    "tests/kpi/tables/signatures.tsv": "vnode_one\tsys/vnode.h\tint (int)\nvnode_two\tsys/vnode.h\tint (int)\n"
                                       "other_call\tsys/other.h\tvoid (void)\n",
    "tests/kpi/tables/needed.tsv": "afs\tneeded\tbsd\tsys/needed.h\tpublic\nafs\tbuf_later\tbsd\tsys/buf.h\tpublic\n"
                                   "afs\tglued\tlibkmod\tnone\tnone\n",
    "kext/exports/bsd.exports": "set bsd stable 8.0.0\nvnode_one\nvnode_two = vnode_alias\nneeded\nbuf_later\n",
    "kext/exports/private.exports": "set private compatibility 9.0.0\nvnode_one\n",
    "kext/glue/glue.c": "int glued(void)\n{\n    return 0;\n}\n",
    "tests/kpi/refused.txt": "vnode_two EIO: nothing behind it\n",
    "tests/kpi/later.txt": "needed buf ends in a buffer\n",
    "tests/kpi/driven_by.txt": "glued kext/test.c every kext calls it\n",
    "tests/unit/test_vnode.c": "/* needed */ void f(void) { vnode_one(1); }\n",
    "tests/kext/kexts/two.c": "void f(void) { vnode_two(\"needed\"); } // needed\n",
    "symbols": "0 T vnode_one\n0 T vnode_alias\n",
    "docs/kpi-coverage.md": "",
}

# What is changed, and what the tool has to say about it.
WRONG = (
    ({"symbols": "0 T vnode_one\n"}, "vnode_two is not implemented"),
    ({"tests/unit/test_vnode.c": "/* vnode_one */\n"}, "vnode_one is implemented and no test drives it"),
    ({"symbols": "0 T vnode_one\n0 T vnode_alias\n0 T needed\n"}, "later.txt is not needed"),
    ({"tests/kpi/driven_by.txt": ""}, "glued is implemented and no test drives it"),
    ({"tests/kpi/driven_by.txt": FILES["tests/kpi/driven_by.txt"] + "vnode_one a.c why\n"}, "driven_by.txt is not needed"),
    ({"tests/kpi/refused.txt": "vnode_three why\n"}, "vnode_three is not one of the symbols that count"),
    ({"tests/kpi/refused.txt": FILES["tests/kpi/refused.txt"] + "needed why\n"}, "needed is not implemented at all"),
    ({"tests/kpi/later.txt": "needed buf\n"}, "want 3 words"),
    ({"kext/exports/bsd.exports": "set bsd stable 8.0.0\nvnode_two = vnode_alias\nneeded\n",
      "kext/exports/private.exports": "set private stable 8.0.0\n"}, "no file of kext/exports exports it"),
    ({"docs/kpi-coverage.md": "old\n"}, "docs/kpi-coverage.md is not what the sources say"),
)
ROWS = (
    "| `vnode_one` | sys/vnode.h | bsd, private | stable | 8.0.0 | implemented | `unit/test_vnode.c` |",
    "| `vnode_two` | sys/vnode.h | bsd | stable | 8.0.0 | refused: EIO: nothing behind it | `kext/kexts/two.c` |",
    "| `needed` | sys/needed.h | bsd | stable | 8.0.0 | later: buf (ends in a buffer) |  |",
    "| `glued` |  |  |  |  | implemented, linked into each kext | `kext/test.c`: every kext calls it |",
    "4 symbols: 2 implemented, 1 refused, 1 later; 3 driven by a test.",
    "- `buf_`: `buf_later`",
)


def tool(folder, *options):
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "kpi_coverage.py")
    return subprocess.run([sys.executable, script, "--source", folder, "--symbols", os.path.join(folder, "symbols"), *options],
                          capture_output=True, text=True, check=False)


def make(folder, changes):
    for path, text in {**FILES, **changes}.items():
        path = os.path.join(folder, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)


def main():
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        make(folder, {})
        result = tool(folder, "--write")
        with open(os.path.join(folder, "docs/kpi-coverage.md"), encoding="utf-8") as file:
            page = file.read()
        for row in ROWS:
            if row not in page:
                failed += 1
                print(f"not in the page: {row}\n{page}")
        if result.returncode or tool(folder).returncode:
            failed += 1
            print(f"the page it has written is not right: {result.stdout}{result.stderr}")
        for changes, expected in WRONG:
            make(folder, {"docs/kpi-coverage.md": page, **changes})
            result = tool(folder)
            if result.returncode != 1 or expected not in result.stdout + result.stderr:
                failed += 1
                print(f"changed: {changes}\nexpected: {expected}\ngot: {result.stdout}{result.stderr}")
    print(f"{len(ROWS)} rows, {len(WRONG)} mistakes, {failed} judged wrongly")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Says of every symbol of the file-system KPI where it stands: set, state, since when, implemented or refused and why, or
which later part brings it, and the test that drives it. The answer is docs/kpi-coverage.md.

usage: kpi_coverage.py --symbols NM_OUTPUT [--source DIR] [--write]

Without --write the page is compared with the one in docs/ and nothing is changed. Exit status 1: the page is old, a symbol is
neither implemented nor expected later, an implemented one is driven by no test, or an exception is not needed.

What counts: the functions and variables of tests/kpi/tables/signatures.tsv whose names begin as PREFIXES says, and all that
real kexts need (needed.tsv) except what begins as LATER_PREFIXES says. A test drives a symbol when a kernel-side test or a
test kext names it, outside of comments, or when tests/kpi/driven_by.txt says through what it is driven.
"""
import argparse
import collections
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tools", "mkexports"))
import mkexports  # noqa: E402  (found by the line above)

PREFIXES = ("vnode_", "vfs_", "vn_", "vfsio", "VNOP_", "cache_", "kauth_", "uio_", "lck_", "proc_", "OSMalloc", "nop_",
            "err_", "msleep", "wakeup")
LATER_PREFIXES = ("buf_", "ubc_", "cluster_", "upl", "mbuf", "sock_")
# Where kernel-side tests and the sources of test kexts are.
TEST_FOLDERS = ("tests/unit", "tests/kext/kexts", "tests/kext/hello", "tests/fuse/wildfs", "tests/kexts")
PAGE = "docs/kpi-coverage.md"

Row = collections.namedtuple("Row", "symbol header sets state since status test")


class CoverageError(Exception):
    """Input that makes no sense."""


def table_rows(path):
    with open(path, encoding="utf-8") as table:
        for line in table:
            if line.strip() and not line.startswith("#"):
                yield line.rstrip("\n").split("\t")


def read_tables(folder):
    """-> ({symbol: header} that count, {symbol: header} of later parts)"""
    wanted, later = {}, {}
    for row in table_rows(os.path.join(folder, "signatures.tsv")):
        if row[0].startswith(PREFIXES):
            wanted[row[0]] = row[1].removesuffix(" (private)")
    for row in table_rows(os.path.join(folder, "needed.tsv")):
        _kext, symbol, _set, header = row[:4]
        target = later if symbol.startswith(LATER_PREFIXES) else wanted
        target.setdefault(symbol, header if header not in ("none", "-", "") else "")
    return wanted, later


def read_exports(folder):
    """-> {symbol: (sets, definitions, state, since)}; a symbol of two sets keeps the better promise."""
    found = {}
    for name in sorted(os.listdir(folder)):
        if not name.endswith(".exports"):
            continue
        with open(os.path.join(folder, name), encoding="ascii") as file:
            which, rows = mkexports.parse_exports(name, file.read())
        for symbol, definition, state, since in rows:
            sets, definitions, old_state, old_since = found.get(symbol, ([], [], state, since))
            best = min(state, old_state, key=mkexports.STATES.index)
            found[symbol] = (sets + [which], definitions + [definition], best, min(since, old_since))
    return found


def read_better(folder):
    """-> {symbol: what to use instead}"""
    files = []
    for name in sorted(os.listdir(folder)):
        if name.endswith(".exports"):
            with open(os.path.join(folder, name), encoding="ascii") as file:
                files.append((name, file.read()))
    return mkexports.replacements(files)


def read_exceptions(path, fields):
    """Lines of `fields` words, the last of which is the rest of the line. -> {symbol: words after it}"""
    found = {}
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.strip() or line.startswith("#"):
                continue
            words = line.rstrip("\n").split(None, fields - 1)
            if len(words) != fields or words[0] in found:
                raise CoverageError(f"{path}:{number}: want {fields} words, and each symbol once")
            found[words[0]] = words[1:]
    return found


def without_comments(text):
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', " ", text, flags=re.S)


def tests_of(root):
    """-> {identifier: the first test file that names it}"""
    first = {}
    for folder in TEST_FOLDERS:
        paths = []
        for place, _, names in os.walk(os.path.join(root, folder)):
            paths += [os.path.join(place, name) for name in names if name.endswith((".c", ".h"))]
        for path in sorted(paths):
            with open(path, encoding="utf-8") as file:
                names = re.findall(r"[A-Za-z_]\w*", without_comments(file.read()))
            for name in names:
                first.setdefault(name, os.path.relpath(path, os.path.join(root, "tests")))
    return first


def glue_of(root):
    """What is linked into every kext instead of being exported to it."""
    names = set()
    folder = os.path.join(root, "kext", "glue")
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            names |= set(re.findall(r"^\w[\w *]*?(\w+)\([^;]*\)\n\{", without_comments(file.read()), re.M))
    return names


class Coverage:
    """All inputs together, and the rows made of them."""

    def __init__(self, root, symbols):
        kpi = os.path.join(root, "tests", "kpi")
        with open(symbols, encoding="ascii") as file:
            self.defined = mkexports.parse_symbols(file.read())
        self.wanted, self.later = read_tables(os.path.join(kpi, "tables"))
        self.exports = read_exports(os.path.join(root, "kext", "exports"))
        self.better = read_better(os.path.join(root, "kext", "exports"))
        self.glue = glue_of(root)
        self.tests = tests_of(root)
        self.refused = read_exceptions(os.path.join(kpi, "refused.txt"), 2)
        self.expected = read_exceptions(os.path.join(kpi, "later.txt"), 3)
        self.driven = read_exceptions(os.path.join(kpi, "driven_by.txt"), 3)
        self.problems = []

    def implemented(self, symbol):
        definitions = self.exports.get(symbol, ([], [], None, None))[1]
        return symbol in self.glue or any(name in self.defined for name in definitions + [symbol])

    def status(self, symbol):
        if not self.implemented(symbol):
            part = self.expected.get(symbol)
            if part is None:
                self.problems.append(f"{symbol} is not implemented, and tests/kpi/later.txt does not expect it later")
                return "missing"
            return f"later: {part[0]} ({part[1]})"
        if symbol in self.expected:
            self.problems.append(f"{symbol} is implemented: its line in tests/kpi/later.txt is not needed")
        if symbol in self.refused:
            return "refused: " + self.refused[symbol][0]
        if symbol in self.glue:
            return "implemented, linked into each kext"
        return "implemented"

    def test(self, symbol):
        """The test, and whether there has to be one."""
        named = self.tests.get(symbol)
        line = self.driven.get(symbol)
        if named and line:
            self.problems.append(f"{symbol} is named in tests/{named}: its line in tests/kpi/driven_by.txt is not needed")
        if named:
            return f"`{named}`"
        if line:
            return f"`{line[0]}`: {line[1]}"
        if self.implemented(symbol):
            self.problems.append(f"{symbol} is implemented and no test drives it")
        return ""

    def rows(self, symbols):
        for symbol in sorted(symbols):
            sets, _definitions, state, since = self.exports.get(symbol, ([], [], "", ""))
            if self.implemented(symbol) and not sets and symbol not in self.glue:
                self.problems.append(f"{symbol} is implemented and no file of kext/exports exports it")
            if symbol in self.better and state != "stable":
                state += f"; better `{self.better[symbol]}`"
            yield Row(symbol, symbols[symbol], ", ".join(sorted(sets)), state, since, self.status(symbol),
                      self.test(symbol))

    def check_exceptions(self):
        for name, lines in (("refused", self.refused), ("later", self.expected), ("driven_by", self.driven)):
            for symbol in lines:
                if symbol not in self.wanted and symbol not in self.later:
                    self.problems.append(f"tests/kpi/{name}.txt: {symbol} is not one of the symbols that count")
                elif name == "refused" and not self.implemented(symbol):
                    self.problems.append(f"tests/kpi/refused.txt: {symbol} is not implemented at all")


def write_table(rows):
    out = ["| symbol | header | set | state | since | status | driven by (below tests/) |", "|---|---|---|---|---|---|---|"]
    out += [f"| `{row.symbol}` | {row.header} | {row.sets} | {row.state} | {row.since} | {row.status} | {row.test} |"
            for row in rows]
    return out


def figures(rows):
    count = collections.Counter(row.status.split(":")[0].split(",")[0] for row in rows)
    driven = sum(1 for row in rows if row.test)
    return (f"{len(rows)} symbols: {count['implemented']} implemented, {count['refused']} refused, {count['later']} later; "
            f"{driven} driven by a test.")


def page_of(coverage):
    rows = list(coverage.rows(coverage.wanted))
    later = [Row(symbol, header, ", ".join(sorted(coverage.exports.get(symbol, ([],))[0])), "", "", "", "")
             for symbol, header in sorted(coverage.later.items()) if not coverage.implemented(symbol)]
    early = [symbol for symbol in sorted(coverage.later) if coverage.implemented(symbol)]
    coverage.check_exceptions()
    out = ["# KPI coverage", "",
           "Generated by tools/kpi_coverage/kpi_coverage.py from the tables in tests/kpi, kext/exports, the kernel object and",
           "the tests; `ctest -R kpi.coverage` compares. Do not edit.", "",
           "Counted are the functions and variables of the file-system half of the KPI ("
           + ", ".join(f"`{p}`" for p in PREFIXES) + ")", "and every symbol that the six kexts of the tables need. *Refused*: "
           "the symbol is there and answers as documented, because", "what it is about does not exist in a process. *State* "
           "and *since* are the promise of kext/exports: the linker says nothing of a stable symbol, notes one that is kept for",
           "compatibility (`kextutil -n -t`), warns of a deprecated one, and refuses one that is evolving unless the kext's",
           "Info.plist has KextbedEvolvingInterfaces.", "", figures(rows), ""]
    groups = collections.defaultdict(list)
    for row in rows:
        groups[row.header or "no C header"].append(row)
    for header in sorted(groups):
        out += [f"## {header}", ""] + write_table(groups[header]) + [""]
    out += ["## Parts that come later", "", f"{len(later)} further symbols that the same kexts need belong to buffers, the "
            "unified buffer cache, cluster I/O and sockets:", ""]
    by_prefix = collections.defaultdict(list)
    for row in later:
        by_prefix[next(p for p in LATER_PREFIXES if row.symbol.startswith(p))].append(row.symbol)
    for prefix in sorted(by_prefix):
        out += [f"- `{prefix}`: " + ", ".join(f"`{symbol}`" for symbol in by_prefix[prefix])]
    if early:
        out += ["", "There already: " + ", ".join(f"`{symbol}`" for symbol in early) + "."]
    return "\n".join(out) + "\n", figures(rows)


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--symbols", required=True, help="output of nm on the kernel object")
    parser.add_argument("--source", default=ROOT)
    parser.add_argument("--write", action="store_true", help="write the page instead of comparing")
    args = parser.parse_args(argv)
    path = os.path.join(args.source, PAGE)
    try:
        coverage = Coverage(args.source, args.symbols)
        page, summary = page_of(coverage)
    except (CoverageError, mkexports.DataError) as error:
        sys.exit(f"kpi_coverage: {error}")
    if args.write:
        with open(path, "w", encoding="utf-8") as file:
            file.write(page)
    else:
        old = ""
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                old = file.read()
        if old != page:
            coverage.problems.append(f"{PAGE} is not what the sources say: run {os.path.relpath(__file__, args.source)} "
                                     f"--symbols {args.symbols} --write")
    for problem in coverage.problems:
        print(f"kpi_coverage: {problem}")
    print(summary)
    return 1 if coverage.problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

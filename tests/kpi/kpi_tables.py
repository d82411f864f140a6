# SPDX-License-Identifier: BSD-2-Clause
"""What the three generators share: reading the tables and the list of exceptions, asking the compiler which names the
headers have, and writing the kernel-side C file that the runner is linked with."""

import argparse
import collections
import fnmatch
import os
import re
import subprocess
import sys

AbsentEntry = collections.namedtuple("AbsentEntry", "header pattern reason line")


class Row:
    """One row of a generated table. `measure` is C code that fills in `actual`."""

    def __init__(self, header, name, expected=(0, 0), text=None, what="", measure="", wrong=None):
        self.header, self.name = header, name
        self.expected, self.text, self.what = expected, text, what
        self.measure, self.wrong = measure, wrong


def arguments(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--tables", required=True, help="directory of the .tsv files")
    parser.add_argument("--include", required=True, help="directory of the KPI headers")
    parser.add_argument("--absent", required=True, help="file of reviewed exceptions")
    parser.add_argument("--out", required=True, help="C file to write")
    parser.add_argument("cc", nargs="+", help="compiler and its kernel-side flags, after --")
    return parser.parse_args()


def read_rows(path):
    """The rows of a table, comments left out; a `# header X` comment is yielded as ('#', X)."""
    with open(path, encoding="utf-8") as table:
        for line in table:
            line = line.rstrip("\n")
            if line.startswith("# header "):
                yield ("#", line[len("# header "):])
            elif line and not line.startswith("#"):
                yield tuple(line.split("\t"))


def shipped_headers(include):
    found = set()
    for folder, _, files in os.walk(include):
        for name in files:
            if name.endswith(".h"):
                found.add(os.path.relpath(os.path.join(folder, name), include))
    return found


class Absent:
    """The reviewed exceptions of one kind. Each line: kind, header, name or pattern, reason."""

    def __init__(self, path, kind):
        self.path, self.kind = path, kind
        self.entries, self.used = [], set()
        with open(path, encoding="utf-8") as exceptions:
            for number, line in enumerate(exceptions, 1):
                if not line.strip() or line.startswith("#"):
                    continue
                parts = line.split(None, 3)
                if len(parts) != 4:
                    sys.exit(f"{path}:{number}: want: kind header name reason")
                if parts[0] == kind:
                    self.entries.append(AbsentEntry(parts[1], parts[2], parts[3], number))

    def covers(self, header, name):
        hit = False
        for entry in self.entries:
            if entry.header == header and fnmatch.fnmatchcase(name, entry.pattern):
                self.used.add(entry.line)
                hit = True
        return hit

    def unused_rows(self):
        for entry in self.entries:
            if entry.line not in self.used:
                yield Row(entry.header, entry.pattern,
                          wrong=f"{os.path.basename(self.path)}:{entry.line}: exception is not needed")


def probe(cc, header, snippets):
    """The indexes of the C snippets that do not compile after `header` alone is included. Each snippet is one line."""
    text = [f"#include <{header}>"]
    for index, snippet in enumerate(snippets):
        text.append(f'#line {index + 1} "probe"')
        text.append(snippet)
    limit = "-ferror-limit=0" if "clang" in os.path.basename(cc[0]) else "-fmax-errors=0"
    command = cc + ["-w", limit, "-fsyntax-only", "-x", "c", "-"]
    result = subprocess.run(command, input="\n".join(text) + "\n", text=True, capture_output=True,
                            env=dict(os.environ, LC_ALL="C"), check=False)
    bad, strange = set(), []
    for line in result.stderr.splitlines():
        hit = re.match(r"probe:(\d+):\d+: (fatal )?error:", line)
        if hit:
            bad.add(int(hit.group(1)) - 1)
        elif re.search(r"\berror:", line):
            strange.append(line)
    if strange or (result.returncode and not bad):
        sys.exit(f"{header} does not compile:\n{result.stderr}")
    return bad


def quote(text):
    return "NULL" if text is None else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def write_c(path, table, headers, rows, prologue=""):
    rows = sorted(rows, key=lambda row: row.header)
    lines = ["// SPDX-License-Identifier: BSD-2-Clause", f"/* {table}: generated from the tables, kernel side. */"]
    lines += [f"#include <{header}>" for header in sorted(headers)]
    lines += ['#include "tests/kpi/kpi_rows.h"', "", prologue, f'const char kpi_table_name[] = "{table}";',
              "const struct kpi_row kpi_rows[] = {"]
    for row in rows:
        verdict = "KPI_WRONG" if row.wrong else "KPI_COMPARE"
        expected = ", ".join("INT64_MIN" if value == -2**63 else f"{value}ll" for value in row.expected)
        lines.append(f"    {{{quote(row.header)}, {quote(row.name)}, {verdict}, {quote(row.wrong or row.what)}, "
                     f"{{{expected}}}, {quote(row.text)}}},")
    lines += ["};", f"const size_t kpi_row_count = {len(rows)};", f"struct kpi_actual kpi_actuals[{max(len(rows), 1)}];"]
    size = 200
    parts = [range(start, min(start + size, len(rows))) for start in range(0, len(rows), size)]
    for number, part in enumerate(parts):
        lines += [f"static void measure_{number}(void)", "{"]
        for index in part:
            if rows[index].measure and not rows[index].wrong:
                lines.append(f"    {{ struct kpi_actual *actual = &kpi_actuals[{index}]; {rows[index].measure} }}")
        lines += ["}"]
    lines += ["void kpi_measure(void)", "{"] + [f"    measure_{number}();" for number in range(len(parts))] + ["}", ""]
    with open(path, "w", encoding="utf-8") as out:
        out.write("\n".join(lines))

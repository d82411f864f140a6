#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""constants.tsv to C: value of every public macro and enumerator, against the shipped headers."""

import os

import kpi_tables as kt


def header_rows(cc, absent, header, constants):
    rows, probes = [], []
    for name, value in constants:
        if value.startswith('"'):
            rows.append(kt.Row(header, name, text=value[1:-1], measure=f"actual->text = {name};"))
            probes.append(f"static inline const char *probe_{len(probes)}(void) {{ return {name}; }}")
        else:
            rows.append(kt.Row(header, name, (int(value), 0), what="value", measure=f"actual->value[0] = (int64_t)({name});"))
            probes.append(f"static inline long long probe_{len(probes)}(void) {{ return (long long)({name}); }}")
    excepted = []
    for index in kt.probe(cc, header, probes):
        if absent.covers(header, rows[index].name):
            excepted.append(index)
        rows[index].wrong = "constant is missing from the header"
    return [row for index, row in enumerate(rows) if index not in excepted]


def main():
    args = kt.arguments(__doc__)
    absent = kt.Absent(args.absent, "constant")
    shipped = kt.shipped_headers(args.include)
    by_header = {}
    for name, value, header in kt.read_rows(os.path.join(args.tables, "constants.tsv")):
        if header in shipped:
            by_header.setdefault(header, []).append((name, value))
    rows = []
    for header, constants in sorted(by_header.items()):
        rows += header_rows(args.cc, absent, header, constants)
    rows += absent.unused_rows()
    kt.write_c(args.out, "kpi.constants", by_header, rows)


if __name__ == "__main__":
    main()

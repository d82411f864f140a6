#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""signatures.tsv and needed.tsv to C: the type of every public function and variable, against the shipped headers; every
public symbol that a real kext uses must be declared. A symbol that is private in Darwin may be missing, but not differ."""

import os

import kpi_tables as kt

PRIVATE = " (private)"


def header_rows(cc, absent, header, signatures):
    rows, probes = [], []
    for name, kind, optional in signatures:
        type_ = kind[len("data: "):] if kind.startswith("data: ") else kind
        row = kt.Row(header, name, (1, 0), what=f"type is {type_}:",
                     measure=f"actual->value[0] = __builtin_types_compatible_p(__typeof__({name}), {type_});")
        if not type_:
            row.measure = "actual->value[0] = 1;"
        rows.append((row, optional))
        probes.append(f"extern __typeof__({name}) *probe_{len(probes)};")
    kept = []
    missing = kt.probe(cc, header, probes)
    for index, (row, optional) in enumerate(rows):
        if index in missing:
            if optional or absent.covers(header, row.name):
                continue
            row.wrong = "is not declared by the header"
        kept.append(row)
    return kept


def read_signatures(tables):
    """header -> [(name, type, optional)]; a needed symbol without a known type has the type ''."""
    by_header, seen = {}, set()
    for row in kt.read_rows(os.path.join(tables, "signatures.tsv")):
        if len(row) != 3 or not row[1]:
            continue
        name, header, kind = row
        optional = header.endswith(PRIVATE)
        by_header.setdefault(header.removesuffix(PRIVATE), []).append((name, kind, optional))
        seen.add(name)
    for _, name, _, header, visibility in kt.read_rows(os.path.join(tables, "needed.tsv")):
        if visibility == "public" and name not in seen:
            by_header.setdefault(header, []).append((name, "", False))
            seen.add(name)
    return by_header


def main():
    args = kt.arguments(__doc__)
    absent = kt.Absent(args.absent, "signature")
    shipped = kt.shipped_headers(args.include)
    by_header = {h: s for h, s in read_signatures(args.tables).items() if h in shipped}
    rows = []
    for header, signatures in sorted(by_header.items()):
        rows += header_rows(args.cc, absent, header, signatures)
    for row in kt.read_rows(os.path.join(args.tables, "needed.tsv")):
        if row[0] == "emptyfs" and row[4] == "public" and row[3] not in shipped:
            rows.append(kt.Row(row[3], row[1], wrong="emptyfs needs it and the header is not shipped"))
    rows += absent.unused_rows()
    kt.write_c(args.out, "kpi.signatures", by_header, rows)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""layout.tsv to C: size of every public structure, offset and size of every field, against the shipped headers."""

import os

import kpi_tables as kt

# A bit-field has no address: set all its bits in a zeroed structure and see which they are.
PROLOGUE = """
static void bits_measure(struct kpi_actual *actual, const unsigned char *bytes, size_t n_bytes)
{
    actual->value[0] = -1;
    for (size_t i = 0; i < n_bytes * 8; i++) {
        if ((bytes[i / 8] >> (i % 8) & 1) == 0)
            continue;
        if (actual->value[0] < 0)
            actual->value[0] = (int64_t)i;
        actual->value[1]++;
    }
}
#define BITS_MEASURE(type, field) \\
    union { type s; unsigned char bytes[sizeof(type)]; } bits; \\
    __builtin_memset(&bits, 0, sizeof(bits)); \\
    bits.s.field = -1; \\
    bits_measure(actual, bits.bytes, sizeof(bits))
"""


def read_structs(path):
    """(header, name) -> [(field, offset, size)], in order."""
    structs, header = {}, None
    for row in kt.read_rows(path):
        if row[0] == "#":
            header = row[1]
        else:
            structs.setdefault((header, row[0]), []).append(row[1:])
    return structs


def spellings(name):
    """A name of the table is a tag or a typedef; which one is for the compiler to say."""
    return [name] if " " in name else [f"struct {name}", name, f"union {name}"]


def find_types(cc, header, names):
    """name -> spelling that the header has as a complete type, or None."""
    snippets, owners = [], []
    for name in names:
        for spelling in spellings(name):
            snippets.append(f"enum {{ probe_{len(snippets)} = sizeof({spelling}) }};")
            owners.append((name, spelling))
    bad = kt.probe(cc, header, snippets)
    types = dict.fromkeys(names)
    for index, (name, spelling) in enumerate(owners):
        if index not in bad and types[name] is None:
            types[name] = spelling
    return types


def field_row(header, name, spelling, field, offset, size):
    label = f"{name}.{field}"
    if field == ".":
        return kt.Row(header, name, (0, int(size)), what="struct, size", measure=f"actual->value[1] = sizeof({spelling});")
    if size.endswith("b"):
        byte, bit = offset.split(".")
        return kt.Row(header, label, (int(byte) * 8 + int(bit), int(size[:-1])), what="first bit, bits",
                      measure=f"BITS_MEASURE({spelling}, {field});")
    measure = f"actual->value[0] = __builtin_offsetof({spelling}, {field});"
    if int(size) != 0:  # a flexible array has no size
        measure += f" actual->value[1] = sizeof((({spelling} *)0)->{field});"
    return kt.Row(header, label, (int(offset), int(size)), what="offset, size", measure=measure)


def header_rows(cc, absent, header, structs):
    types = find_types(cc, header, list(structs))
    rows, probes, probed = [], [], []
    for name, fields in structs.items():
        if types[name] is None:
            if not absent.covers(header, name):
                rows.append(kt.Row(header, name, wrong="structure is missing from the header"))
            continue
        for field, offset, size in fields:
            if field != "." and absent.covers(header, f"{name}.{field}"):
                continue
            row = field_row(header, name, types[name], field, offset, size)
            rows.append(row)
            if field != ".":
                probed.append(row)
                probes.append(f"static {types[name]} probe_s{len(probes)}; "
                              f"static inline void probe_{len(probes)}(void) {{ (void)probe_s{len(probes)}.{field}; }}")
    for index in kt.probe(cc, header, probes):
        probed[index].wrong = "field is missing from the structure"
    return rows


def main():
    args = kt.arguments(__doc__)
    absent = kt.Absent(args.absent, "layout")
    shipped = kt.shipped_headers(args.include)
    by_header = {}
    for (header, name), fields in read_structs(os.path.join(args.tables, "layout.tsv")).items():
        if header in shipped:
            by_header.setdefault(header, {})[name] = fields
    rows = []
    for header, structs in sorted(by_header.items()):
        rows += header_rows(args.cc, absent, header, structs)
    rows += absent.unused_rows()
    kt.write_c(args.out, "kpi.layout", by_header, rows, PROLOGUE)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Writes kern/utf_table.c: canonical decompositions and combining classes of the BMP as of Unicode 3.2, which file
systems store names in. Left whole, as they were in that form of names: U+2000-2FFF and U+F900-FAFF (Hangul is
algorithmic)."""
import sys
import unicodedata

UCD = unicodedata.ucd_3_2_0
LEFT_WHOLE = ((0x2000, 0x2FFF), (0xF900, 0xFAFF), (0xAC00, 0xD7A3), (0xD800, 0xDFFF))


def decompositions():
    for code in range(0x80, 0x10000):
        if any(low <= code <= high for low, high in LEFT_WHOLE):
            continue
        text = UCD.decomposition(chr(code))
        if not text or text.startswith("<"):
            continue
        parts = [int(part, 16) for part in text.split()]
        if all(part < 0x10000 for part in parts):
            yield code, parts[0], parts[1] if len(parts) == 2 else 0


def composes(code, first, second):
    return second and UCD.normalize("NFC", chr(first) + chr(second)) == chr(code)


def class_runs():
    runs = []
    for code in range(0x300, 0x10000):
        value = UCD.combining(chr(code)) if not 0xD800 <= code <= 0xDFFF else 0
        if not value:
            continue
        if runs and runs[-1][1] == code - 1 and runs[-1][2] == value:
            runs[-1][1] = code
        else:
            runs.append([code, code, value])
    return runs


def rows(items, per_line):
    for i in range(0, len(items), per_line):
        yield "    " + ", ".join(items[i:i + per_line]) + ",\n"


def main():
    table = sorted(decompositions())
    pairs = sorted(((first, second, code) for code, first, second in table if composes(code, first, second)))
    index = {code: i for i, (code, _, _) in enumerate(table)}
    out = sys.stdout
    out.write("// SPDX-License-Identifier: BSD-2-Clause\n"
              "/*\n * utf_table.c: character data for utf.c, written by gen_utf_table.py from the Unicode 3.2 character database.\n"
              " * Constant.\n */\n// clang-format off\n#include \"kern/utf_internal.h\"\n\n")
    out.write("/* By code. */\nconst struct utf_decomposition utf_decompositions[] = {\n")
    out.writelines(rows(["{0x%04x,0x%04x,0x%04x}" % row for row in table], 4))
    out.write("};\nconst unsigned utf_n_decompositions = %d;\n\n" % len(table))
    out.write("/* Indices of the above that are also compositions, by their two parts. */\n"
              "const uint16_t utf_compositions[] = {\n")
    out.writelines(rows(["%d" % index[code] for _, _, code in pairs], 20))
    out.write("};\nconst unsigned utf_n_compositions = %d;\n\n" % len(pairs))
    out.write("/* By code; whatever is in no run has class 0. */\nconst struct utf_class_run utf_class_runs[] = {\n")
    runs = class_runs()
    out.writelines(rows(["{0x%04x,0x%04x,%d}" % tuple(run) for run in runs], 5))
    out.write("};\nconst unsigned utf_n_class_runs = %d;\n" % len(runs))


if __name__ == "__main__":
    main()

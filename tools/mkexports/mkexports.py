#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Makes the kernel half's export table from the interface sets' data files and what the linked kernel object defines.

usage: mkexports.py --symbols NM_OUTPUT [--out TABLE.c] [--names NAMES.c] FILE.exports...

A data file begins with `set NAME STATE SINCE`; each further line is `symbol [= definition] [STATE [SINCE]] [-> better]`,
where `better` is what to use in place of a symbol that is not stable. The exported symbol is bound to `definition` where
the kernel object has that, else to its own name; where it has neither, the symbol is not exported, and listed as absent so
that the loader can say so. Where the kernel object has checked_DEFINITION, that is what the symbol is bound to while the
validator is on. TABLE.c is kernel side (addresses); NAMES.c is host side
(the same rows without addresses, for links that are only tried).
"""
import argparse
import re
import sys

STATES = ("stable", "compatibility", "deprecated", "evolving")
SETS = ("bsd", "iokit", "libkern", "mach", "private", "unsupported")
# The compiler calls these for what the source never names; the kernel object takes them from the host.
FROM_HOST = {"memcpy": "T", "memmove": "T", "memset": "T", "memcmp": "T"}
VERSION = re.compile(r"^\d{1,4}(\.\d{1,2}){0,2}$")
SYMBOL = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")


class DataError(Exception):
    """A line of a data file that makes no sense."""


def parse_symbols(text):
    """Output of nm -> {name: type letter}."""
    defined = dict(FROM_HOST)
    for line in text.splitlines():
        fields = line.split()
        if len(fields) == 3 and len(fields[1]) == 1:
            defined[fields[2]] = fields[1]
    return defined


def split_better(words):
    """A row's words -> (the words without `-> better`, better or None)"""
    if words[-2:-1] == ["->"] and SYMBOL.match(words[-1]):
        return words[:-2], words[-1]
    if "->" in words:
        raise DataError("'->' has to be followed by one symbol, at the end")
    return words, None


def parse_row(words, state, since):
    """[symbol, rest...] -> (symbol, definition, state, since)"""
    words, better = split_better(words)
    if not words:
        raise DataError("not a symbol row")
    symbol, rest = words[0], list(words[1:])
    definition = symbol
    if rest[:1] == ["="]:
        if len(rest) < 2:
            raise DataError("nothing after '='")
        definition, rest = rest[1], rest[2:]
    if rest:
        state = rest.pop(0)
    if rest:
        since = rest.pop(0)
    if rest or not SYMBOL.match(symbol) or not SYMBOL.match(definition):
        raise DataError("not a symbol row")
    if state not in STATES or not VERSION.match(since):
        raise DataError(f"state {state!r} or version {since!r} is none")
    if better and state == "stable":
        raise DataError("a stable symbol needs no better one")
    return symbol, definition, state, since


def parse_exports(name, text):
    """One data file -> (set, [(symbol, definition, state, since)])."""
    which, rows, seen = None, [], set()
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split("#", 1)[0].split()
        if not words:
            continue
        try:
            if which is None:
                if len(words) != 4 or words[0] != "set" or words[1] not in SETS:
                    raise DataError("the first line has to be: set NAME STATE SINCE")
                which = tuple(words[1:])
                continue
            row = parse_row(words, which[1], which[2])
            if row[0] in seen:
                raise DataError(f"{row[0]} stands here twice")
            seen.add(row[0])
            rows.append(row)
        except DataError as error:
            raise DataError(f"{name}:{number}: {error}") from None
    if which is None:
        raise DataError(f"{name}: no set line")
    return which[0], rows


def replacements(files):
    """-> {symbol: what to use instead}, of all rows that say so"""
    found = {}
    for name, text in files:
        parse_exports(name, text)  # complains with the place
        for line in text.splitlines():
            words = line.split("#", 1)[0].split()
            _, better = split_better(words)
            if better:
                found[words[0]] = better
    return found


def merge(files, defined):
    """-> ({symbol: (definition, mask, state, letter, checking variant or None)}, {symbol: mask})"""
    exported, absent = {}, {}
    for name, text in files:
        which, rows = parse_exports(name, text)
        bit = 1 << SETS.index(which)
        for symbol, definition, state, _since in rows:
            target = next((d for d in (definition, symbol) if d in defined), None)
            if target is None:
                absent[symbol] = absent.get(symbol, 0) | bit
                continue
            old = exported.get(symbol)
            if old and old[0] != target:
                raise DataError(f"{name}: {symbol} is bound to {old[0]} elsewhere")
            # A symbol of two sets keeps the better promise.
            best = min(state, old[2], key=STATES.index) if old else state
            variant = f"checked_{target}" if f"checked_{target}" in defined else None
            exported[symbol] = (target, (old[1] if old else 0) | bit, best, defined[target], variant)
    return exported, absent


def flags_of(letter):
    kind = "KXLD_EXPORT_FUNC" if letter in "TtWw" else "KXLD_EXPORT_DATA"
    return kind + (" | KXLD_EXPORT_WEAK" if letter in "WwVv" else "")


def check_replacements(better, exported):
    for symbol, name in sorted(better.items()):
        if symbol in exported and name not in exported:
            raise DataError(f"{symbol}: {name}, which is said to be better, is not exported")


def better_rows(better, exported):
    """C rows, ordered by name, for the symbols that are exported."""
    return [f'    {{"{symbol}", "{better[symbol]}"}},' for symbol in sorted(better) if symbol in exported]


def write_table(exported, absent, better=()):
    out = ["// Generated by tools/mkexports from kext/exports.", '#include "kext/exports_internal.h"', ""]
    ordered = sorted(exported)
    for number, symbol in enumerate(ordered):
        out.append(f'extern const char kext_symbol_{number}[] __asm__("{exported[symbol][0]}");')
        if exported[symbol][4]:
            out.append(f'extern const char kext_checked_{number}[] __asm__("{exported[symbol][4]}");')
    out += ["", "const struct kext_export kext_export_table[] = {"]
    for number, symbol in enumerate(ordered):
        _target, mask, state, letter, variant = exported[symbol]
        checked = f"kext_checked_{number}" if variant else f"kext_symbol_{number}"
        out.append(f'    {{"{symbol}", kext_symbol_{number}, {checked}, {flags_of(letter)}, KXLD_STATE_{state.upper()}, {mask}}},')
    out += ["};", f"const size_t kext_export_count = {len(ordered)};", "",
            "const struct kext_absent kext_absent_table[] = {"]
    out += [f'    {{"{symbol}", {absent[symbol]}}},' for symbol in sorted(absent)]
    out += ['    {"", 0},', "};", f"const size_t kext_absent_count = {len(absent)};", ""]
    rows = better_rows(better, exported)
    out += ["const struct kext_better kext_better_table[] = {", *rows, '    {"", ""},', "};",
            f"const size_t kext_better_count = {len(rows)};", ""]
    return "\n".join(out)


def write_names(exported, absent, better=()):
    out = ["// Generated by tools/mkexports from kext/exports.", '#include "libkext/kernel_symbols.h"', "",
           "const struct kext_kernel_symbol kext_kernel_symbols[] = {"]
    for symbol in sorted(exported):
        _target, mask, state, letter, _variant = exported[symbol]
        function = "true" if letter in "TtWw" else "false"
        out.append(f'    {{"{symbol}", {mask}, {STATES.index(state)}, {function}}},')
    out += ["};", f"const size_t kext_kernel_symbols_count = {len(exported)};", "",
            "const struct kext_kernel_absent kext_kernel_absent[] = {"]
    out += [f'    {{"{symbol}", {absent[symbol]}}},' for symbol in sorted(absent)]
    out += ['    {"", 0},', "};", f"const size_t kext_kernel_absent_count = {len(absent)};", ""]
    rows = better_rows(better, exported)
    out += ["const struct kext_kernel_better kext_kernel_better[] = {", *rows, '    {"", ""},', "};",
            f"const size_t kext_kernel_better_count = {len(rows)};", ""]
    return "\n".join(out)


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--symbols", required=True)
    parser.add_argument("--out")
    parser.add_argument("--names")
    parser.add_argument("files", nargs="+")
    args = parser.parse_args(argv)
    with open(args.symbols, encoding="ascii") as file:
        defined = parse_symbols(file.read())
    files = []
    for name in args.files:
        with open(name, encoding="ascii") as file:
            files.append((name, file.read()))
    try:
        exported, absent = merge(files, defined)
        better = replacements(files)
        check_replacements(better, exported)
    except DataError as error:
        print(f"mkexports: {error}", file=sys.stderr)
        return 1
    for path, text in ((args.out, write_table), (args.names, write_names)):
        if path:
            with open(path, "w", encoding="ascii") as file:
                file.write(text(exported, absent, better))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Every function and variable that include/ declares and kext/exports exports is documented where it is declared.

usage: check_docs.py [--list] [INCLUDE_DIR EXPORTS_DIR]

A comment documents what it names before its dash:

    /** name - what it does */                      the declaration that follows
    /** name_one, name_two - what they do */        both
    /** err_* - what they all do */                 every declaration of that pattern from there to the end of the header

Longer ones add lines in the fixed order Refs, Locks, Blocks, Errno, KPI; a comment that has one of them has to have all, in
this order, with something said on each. Prints what is wrong and the numbers. --list: the names without a comment, by header.
"""
import fnmatch
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LINES = ("Refs", "Locks", "Blocks", "Errno", "KPI")
TOKEN = re.compile(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|[A-Za-z_]\w*|\d\w*|\n#(?:\\\n|[^\n])*|\S|\n", re.S)


def exported(folder):
    names = set()
    for name in sorted(os.listdir(folder)):
        if name.endswith(".exports"):
            with open(os.path.join(folder, name), encoding="ascii") as file:
                for line in file:
                    words = line.split("#", 1)[0].split()
                    if words and words[0] != "set":
                        names.add(words[0])
    return names


def declarations(text):
    """-> (name, comment before it, number of its line) of each function and variable; and (None, comment, line) of comments
    that stand before anything else."""
    comment, words, depth, line = None, [], 0, 1
    for token in TOKEN.findall("\n" + text):
        number = line
        line += token.count("\n")
        if token.startswith("/*"):
            if not words:
                comment = token
                yield None, token, number
        elif token.startswith("//") or token.startswith("\n"):
            if token.startswith("\n#"):
                words, comment = [], None
        elif token in "{(":
            depth += 1
            words.append(token)
        elif token in "})":
            depth -= 1
            words.append(token)
            if token == "}" and depth == 0 and words[0] in ("struct", "union", "enum", "typedef", "extern", "static"):
                words.append(" ")
        elif token == ";" and depth == 0:
            name = declared(words)
            if name:
                yield name, comment, number
            words, comment = [], None
        else:
            words.append(token)
            if words in (["__BEGIN_DECLS"], ["__END_DECLS"]):
                words = []


def declared(words):
    """The name that a declaration declares, None for types and inline functions."""
    if not words or words[0] in ("typedef", "static") or "{" in words:
        return None
    if "(" in words:
        before = words[:words.index("(")]
        if before and before[-1] == "__asm__":
            before = before[:-1]
        return before[-1] if len(before) > 1 and re.match(r"[A-Za-z_]\w*$", before[-1]) else fn_pointer(words)
    if words[0] == "extern":
        names = [word for word in words if re.match(r"[A-Za-z_]\w*$", word) and word != "const"]
        return names[-1] if len(names) > 1 else None
    return None


def fn_pointer(words):
    """extern int (**name)(void *)"""
    inside = [word for word in words[words.index("(") + 1:] if word not in "*("]
    return inside[0] if words[0] == "extern" and inside else None


def names_of(comment):
    """What the comment says it documents: names and patterns."""
    if not comment or not comment.startswith("/**"):
        return []
    head = re.sub(r"^/\*\*\s*|\n\s*\*", " ", comment).split(" - ", 1)
    return re.findall(r"[A-Za-z_][\w*]*", head[0].replace("(", " ").replace(")", " ")) if len(head) == 2 else []


def lines_wrong(comment):
    """The long form's lines: all of them, in order, none empty."""
    found = re.findall(r"^\s*\*\s+(Refs|Locks|Blocks|Errno|KPI):[ \t]*(\S?)", comment, re.M)
    if not found or all(name == "KPI" for name, _ in found):
        return None
    names = [name for name, _ in found]
    # Errno and KPI may share the last line of a comment.
    if names[-1] == "Errno" and re.search(r"Errno:.*\sKPI:\s*\S", comment, re.S):
        names.append("KPI")
    if tuple(names) != LINES:
        return f"has the lines {', '.join(names)}: wanted are {', '.join(LINES)}"
    empty = [name for name, text in found if not text]
    return f"says nothing after {', '.join(empty)}" if empty else None


def check_header(path, wanted):
    """-> (documented names, [(line, name, what is wrong)])"""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    patterns, pending, good, bad = [], {}, set(), []
    for name, comment, line in declarations(text):
        said = names_of(comment)
        if name is None:
            patterns += [word for word in said if "*" in word]
            pending.update({word: comment for word in said})
            wrong = lines_wrong(comment) if said else None
            if wrong:
                bad.append((line, said[0], wrong))
            continue
        if name not in wanted:
            continue
        if name in said or name in pending or any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns):
            good.add(name)
        else:
            bad.append((line, name, "has no comment that documents it"))
    return good, bad


def main(argv):
    listing = "--list" in argv
    folders = [word for word in argv if word != "--list"]
    include, exports = folders if folders else (os.path.join(ROOT, "include"), os.path.join(ROOT, "kext", "exports"))
    wanted = exported(exports)
    documented, wrong, headers = set(), 0, 0
    for folder, _, names in sorted(os.walk(include)):
        for name in sorted(names):
            if not name.endswith(".h"):
                continue
            path = os.path.join(folder, name)
            good, bad = check_header(path, wanted)
            documented |= good
            headers += 1
            wrong += len(bad)
            if listing and bad:
                print(os.path.relpath(path, include), *[symbol for _, symbol, _ in bad])
            elif not listing:
                for line, symbol, what in bad:
                    print(f"{os.path.relpath(path, os.path.dirname(include))}:{line}: {symbol} {what}")
    print(f"{headers} headers, {len(documented)} exported names documented, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

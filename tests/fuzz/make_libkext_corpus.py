#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Writes the inputs that fuzz_libkext begins with: make_libkext_corpus.py FOLDER"""
import os
import struct
import sys
import zlib

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0">\n<dict>\n'
TAIL = "</dict>\n</plist>\n"


def plist(name, libraries=("com.apple.kpi.bsd",), extra="", executable=True):
    text = HEAD + f"<key>CFBundleIdentifier</key><string>{name}</string>\n"
    text += "<key>CFBundleVersion</key><string>1.2.3b4</string>\n<key>OSBundleCompatibleVersion</key><string>1.0</string>\n"
    if executable:
        text += "<key>CFBundleExecutable</key><string>code</string>\n"
    text += "<key>OSBundleLibraries</key><dict>"
    text += "".join(f"<key>{library}</key><string>8.0.0</string>" for library in libraries)
    return (text + "</dict>\n" + extra + TAIL).encode()


def archive(kexts):
    """[(path, plist, executable)] -> bytes, as libkext/archive.h has it."""
    at = 32 + len(kexts) * 80
    table, data = b"", b""
    for kext in kexts:
        for part in kext:
            table += struct.pack("<QQII", at + len(data), len(part), zlib.crc32(part), 0)
            data += part + b"\0" * (-len(part) % 8)
        table += struct.pack("<II", 0, 0)
    fixed = (b"KEXTARC\n", 1, len(kexts), at + len(data))
    check = zlib.crc32(struct.pack("<8sIIQII", *fixed, 0, 0) + table)
    return struct.pack("<8sIIQII", *fixed, check, 0) + table + data


def message():
    """One entry with one library, as libkext/wire.h has it."""
    strings = b"o.a\0" + b"1.0\0" + b"/x\0\0" + b"o.b\0"
    entries, libs, text = 40, 40 + 80, 40 + 80 + 16
    entry = struct.pack("<6I4Q4I", text, 3, text + 4, 3, text + 8, 2, 100090000, 100090000, text + 16, 8, libs, 1, 0, 0)
    library = struct.pack("<2IQ", text + 12, 3, 100090000)
    size = text + len(strings) + 8
    header = struct.pack("<2IQ4I", 0x444C584B, 1, size, entries, 1, 0, 0)
    return header + b"\0" * (entries - len(header)) + entry + library + strings + b"\x7fELF\2\1\1\0"


def main(folder):
    os.makedirs(folder, exist_ok=True)
    one, two = plist("o.a"), plist("o.b", ("o.a", "com.apple.kpi.mach"))
    inputs = {
        "plist": b"p" + one,
        "plist_suffix": b"p" + plist("o.a", extra="<key>OSBundleLibraries_x86_64</key><dict/>\n<!-- c -->"),
        "plist_all": b"p" + plist("o.a", extra="<key>x</key><array><integer>1</integer><real>1.5</real><true/><false/>"
                                  "<date>2000-01-01T00:00:00Z</date><data>AAAA</data><dict/></array>"),
        "plist_entities": b"p" + plist("o.a", extra="<key>y</key><string>&lt;&amp;&#65;<![CDATA[z]]></string>"),
        "archive": b"a" + archive([(b"/a", one, b"\x7fELF")]),
        "archive_two": b"c" + archive([(b"/a", one, b"\x7fELF"), (b"/b", two, b"\x7fELF" * 10)]),
        "archive_codeless": b"c" + archive([(b"", plist("o.a", executable=False), b"")]),
        "message": b"m" + message(),
        "new": b"n" + one + b"\0\x7fELF",
    }
    for name, data in inputs.items():
        with open(os.path.join(folder, name), "wb") as file:
            file.write(data)


if __name__ == "__main__":
    main(sys.argv[1])

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Shows that the KPI tests fire: small headers with planted differences, whose every difference must be named, and no
row beside them. usage: selftest.py SOURCE_DIR CC"""

import os
import subprocess
import sys
import tempfile

HEADER = """
#ifndef PLANT_H
#define PLANT_H
struct good { int a; char b; };
struct moved { char pad; long where; };
struct grown { long big; };
struct lacking { int here; };
typedef struct { unsigned low : 3, high : 5; } bits;
union either { int one; long two; };
#define GOOD 1
#define WRONG 2
#define HIGH 0x80000000u
#define TEXT "old"
int good_call(int);
int wrong_call(long);
extern int good_data;
#endif
"""

TABLES = {
    "layout.tsv": """# header plant.h
good\t.\t0\t8
good\ta\t0\t4
good\tb\t4\t1
moved\twhere\t4\t8
grown\tbig\t0\t4
lacking\there\t0\t4
lacking\tgone\t4\t4
nowhere\t.\t0\t4
bits\tlow\t0.0\t3b
bits\thigh\t0.4\t5b
union either\t.\t0\t8
waived\t.\t0\t4
# header unshipped.h
other\t.\t0\t4
""",
    "constants.tsv": 'GOOD\t1\tplant.h\nWRONG\t3\tplant.h\nHIGH\t2147483648\tplant.h\nTEXT\t"new"\tplant.h\n'
                     "GONE\t1\tplant.h\nWAIVED\t1\tplant.h\n",
    "signatures.tsv": "good_call\tplant.h\tint (int)\nwrong_call\tplant.h\tint (int)\ngood_data\tplant.h\tdata: int\n"
                      "gone_call\tplant.h\tvoid (void)\nwaived_call\tplant.h\tvoid (void)\n"
                      "private_call\tplant.h (private)\tvoid (void)\n",
    "needed.tsv": "afs\tneeded_call\tbsd\tplant.h\tpublic\nemptyfs\tfar_call\tbsd\tunshipped.h\tpublic\n",
}

ABSENT = """# reviewed
layout plant.h waived     not ours
layout plant.h good.b*    needed: it covers the field b
layout plant.h good.z     not needed
constant plant.h WAIVED   not ours
constant plant.h GOOD     not needed
signature plant.h waived_call not ours
"""

# what the runner must name, for each generator; anything else that it names is an error too
EXPECTED = {
    "layout": {"moved.where", "grown.big", "lacking.gone", "nowhere", "bits.high", "good.z"},
    "constants": {"WRONG", "TEXT", "GONE", "GOOD"},
    "signatures": {"wrong_call", "gone_call", "needed_call", "far_call"},
}


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)
    return path


def run_table(source, cc, work, kind):
    """The names that the runner complains about, and its exit status."""
    kpi = os.path.join(source, "tests", "kpi")
    flags = ["-std=gnu11", "-ffreestanding", "-I", os.path.join(work, "include"), "-I", source]
    generated = os.path.join(work, f"{kind}.c")
    subprocess.run([sys.executable, os.path.join(kpi, f"gen_{kind}.py"), "--tables", work, "--include",
                    os.path.join(work, "include"), "--absent", os.path.join(work, "absent.txt"), "--out", generated, "--",
                    cc] + flags, check=True)
    program = os.path.join(work, kind)
    subprocess.run([cc] + flags + ["-c", generated, "-o", program + ".o"], check=True)
    subprocess.run([cc, "-D_GNU_SOURCE", "-std=gnu11", "-I", source, os.path.join(kpi, "kpi_runner.c"), program + ".o",
                    "-lcmocka", "-o", program], check=True)
    result = subprocess.run([program], text=True, capture_output=True, check=False)
    named = set()
    for line in result.stderr.splitlines():
        parts = line.split(": ", 2)
        if len(parts) >= 2 and parts[0] in ("plant.h", "unshipped.h"):
            named.add(parts[1].split(" is ")[0].strip())
    return named, result.returncode


def headers_fire(source, cc, work):
    """compile_alone.sh passes a sound header and names one that only compiles after another."""
    script = [os.path.join(source, "tests", "kpi", "compile_alone.sh"), "-c", cc, os.path.join(work, "include")]
    sound = subprocess.run(script, text=True, capture_output=True, check=False)
    write(os.path.join(work, "include"), "zz_depends.h", "extern struct good depends;\nextern bits more;\n")
    broken = subprocess.run(script, text=True, capture_output=True, check=False)
    if sound.returncode != 0 or broken.returncode == 0 or "zz_depends.h alone" not in broken.stdout:
        print(f"compile_alone.sh: sound {sound.returncode}, broken {broken.returncode}:\n{sound.stdout}{broken.stdout}")
        return 1
    return 0


def main():
    source, cc = sys.argv[1:3]
    n_failed = 0
    with tempfile.TemporaryDirectory() as work:
        os.mkdir(os.path.join(work, "include"))
        write(os.path.join(work, "include"), "plant.h", HEADER)
        write(os.path.join(work, "include"), "limits.h", "")
        write(work, "absent.txt", ABSENT)
        for name, text in TABLES.items():
            write(work, name, text)
        for kind, expected in EXPECTED.items():
            named, status = run_table(source, cc, work, kind)
            if named != expected or status == 0:
                print(f"{kind}: exit status {status}, missed {sorted(expected - named)}, "
                      f"should not have named {sorted(named - expected)}")
                n_failed += 1
        n_failed += headers_fire(source, cc, work)
    return 1 if n_failed else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Shows that check_docs.py fires: small headers with planted gaps, each of which has to be named, and nothing beside them."""
import os
import subprocess
import sys
import tempfile

EXPORTS = "set bsd stable 8.0.0\n" + "\n".join("""good bare wrong_name family_one family_two second long_good long_short
long_empty table fn_table after_inline in_order""".split()) + "\n"

GOOD = """/* A header. */
#define MACRO(x) ((x) + 1)
typedef int (*callback_t)(int);
struct thing {
    int (*field)(void);
};
__BEGIN_DECLS
/** good - does it. */
int good(int a, callback_t fn) __attribute__((const));
/** first, second - two of a kind. */
int first(void);
int second(void);
/** family_* - all alike. */
int family_one(void);

int family_two(struct thing *thing);
/** table - numbers. */
extern int table[8];
/** fn_table - functions. */
extern int (**fn_table)(void *);
static inline int own(void)
{
    return not_exported();
}
/** after_inline - still seen. */
struct thing *after_inline(void);
int not_exported(void);
/** long_good - all lines.
 *  @a      in  a number.
 *  Refs:   none.
 *  Locks:  none.
 *  Blocks: no.
 *  Errno:  0.      KPI: bsd, stable */
int long_good(int a);
__END_DECLS
"""

BAD = {
    "/* plain - no documentation. */\nint bare(void);\n": "bare has no comment",
    "/** another - of something else. */\nint wrong_name(void);\n": "wrong_name has no comment",
    "/** long_short - lines missing.\n *  Refs: none.\n *  KPI: bsd, stable */\nint long_short(void);\n":
        "long_short has the lines Refs, KPI",
    "/** long_empty - empty line.\n *  Refs:   none.\n *  Locks:\n *  Blocks: no.\n *  Errno:  0.\n *  KPI:    bsd */\n"
    "int long_empty(void);\n": "long_empty says nothing after Locks",
    "/** in_order - not.\n *  Locks:  none.\n *  Refs:   none.\n *  Blocks: no.\n *  Errno:  0.\n *  KPI:    bsd */\n"
    "int in_order(void);\n": "in_order has the lines Locks, Refs",
}


def run(folder):
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "check_docs.py")
    return subprocess.run([sys.executable, script, os.path.join(folder, "include"), os.path.join(folder, "exports")],
                          capture_output=True, text=True, check=False)


def main():
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in ("include", "exports"):
            os.mkdir(os.path.join(folder, name))
        with open(os.path.join(folder, "exports", "bsd.exports"), "w", encoding="ascii") as file:
            file.write(EXPORTS)
        header = os.path.join(folder, "include", "header.h")
        for text, expected in {"": None, **BAD}.items():
            with open(header, "w", encoding="ascii") as file:
                file.write(GOOD + text)
            result = run(folder)
            right = result.returncode == (1 if expected else 0) and (expected or "0 wrong") in result.stdout
            if not right or f"{int(bool(expected))} wrong" not in result.stdout:
                failed += 1
                print(f"planted: {text!r}\nexpected: {expected}\ngot: {result.stdout}{result.stderr}")
    print(f"{len(BAD) + 1} headers, {failed} judged wrongly")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

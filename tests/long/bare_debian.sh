#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# ./run inside a bare Debian 12 made by debootstrap: proves that packages.txt names every package. Takes minutes.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)

. "$(dirname "$0")/jail.sh"

mkdir "$jail/src"
# What a clone of this tree would hold, with uncommitted changes.
(cd "$root" && git ls-files -z --cached --others --exclude-standard | tar --null -T - -cf - 2>/dev/null) |
    tar -C "$jail/src" -xf -
in_jail 'cd /src && FSX_OPS=2000 ./run'

#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every C file is as clang-format leaves it.
cd "$(dirname "$0")/../.." || exit 1
files=$(find host kern vfs kxld kext libkext fusehost fs-samples tools tests bench include \
    \( -name '*.c' -o -name '*.h' \) -print)
# shellcheck disable=SC2086
clang-format --dry-run --Werror $files

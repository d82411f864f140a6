#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# keep.sh RELEASE: keeps the samples of build/release as golden kexts of that release.
set -eu
cd "$(dirname "$0")/../.."
release=${1:?usage: keep.sh RELEASE}
to=tests/golden/$release
[ ! -e "$to" ] || {
    echo "$to exists: golden kexts are never rebuilt" >&2
    exit 1
}
mkdir -p "$to"
for name in memfs emptyfs; do
    cp -r "build/release/Extensions/$name.kext" "$to/"
    objcopy --strip-debug "$to/$name.kext/Contents/MacOS/$name"
done

# shellcheck shell=sh
# Sourced by ./run and ./test: installs missing Debian packages, builds a preset with progress.

say() { printf '%s\n' "$*" >&2; }

die() {
    say "$0: $*"
    exit 1
}

# Installs what packages.txt names and the machine lacks. $1 = "long" takes the packages for long tests too.
install_packages() {
    wanted=$(sed -e '/^# for .*long/,$d' -e '/^#/d' packages.txt)
    [ "${1:-}" != long ] || wanted=$(sed '/^#/d' packages.txt)
    missing=
    for package in $wanted; do
        dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed ||
            missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    command -v apt-get >/dev/null || die "missing packages, and no apt-get to install them:$missing"
    [ "$(id -u)" = 0 ] || die "missing packages:$missing
As root: apt-get install --no-install-recommends$missing"
    say "Installing:$missing"
    log=$(mktemp)
    # Lists that cannot be refreshed (one mirror is down, the clock is wrong) may do all the same.
    { apt-get -o Acquire::Retries=3 -o DPkg::Lock::Timeout=600 update -qq || true
        DEBIAN_FRONTEND=noninteractive apt-get -o Acquire::Retries=3 -o DPkg::Lock::Timeout=600 install -y -qq \
            --no-install-recommends $missing; } >"$log" 2>&1 || {
        cat "$log" >&2
        die "could not install the packages above"
    }
    rm -f "$log"
}

# build_preset NAME [TARGET]: configures and builds build/NAME; quiet but for progress and errors
build_preset() {
    log=build/$1.log
    target=${2:-all}
    mkdir -p build
    say "Building build/$1"
    cmake --preset "$1" >"$log" 2>&1 || {
        cat "$log" >&2
        die "configuring build/$1 failed"
    }
    if [ -t 2 ]; then
        cmake --build --preset "$1" --target "$target" >&2 || die "building build/$1 failed"
    else
        cmake --build --preset "$1" --target "$target" >>"$log" 2>&1 || {
            tail -n 60 "$log" >&2
            die "building build/$1 failed; the whole log is $log"
        }
    fi
}

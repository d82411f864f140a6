# SPDX-License-Identifier: BSD-2-Clause
"""The command line of bench/run."""

import argparse
import json
import os
import signal
import sys
import tempfile

from . import markdown, measure, mounts, report, targets

BENCH_DIR = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
ROOT = os.path.dirname(BENCH_DIR)

IN_PROCESS_ROUNDS = 5  # for each round of the others: they are short

EXIT_PROBLEMS = 1
EXIT_USAGE = 64
EXIT_INTERRUPTED = 130

# Two threads where what they do may be done at the same time.
TWO_THREADS = ("mkfiles", "stat_cold", "lookup_negative", "rename", "unlink", "smallwrite", "smallread", "seqread",
               "randread", "randwrite")
ONE_THREAD = ("mkfiles", "stat_cold", "stat_warm", "readdir", "readdir_stat", "lookup_negative", "rename", "unlink",
              "smallwrite", "smallread", "smallread_warm", "seqwrite", "seqread", "seqread_warm", "randread",
              "randwrite", "mmap_write", "mmap_read")
WORKLOADS = list(ONE_THREAD) + [f"{name}_2t" for name in TWO_THREADS]


class UsageError(Exception):
    """A wrong command line; the text says how."""


class Parser(argparse.ArgumentParser):
    def error(self, message: str):
        self.exit(EXIT_USAGE, f"bench: {message} (--help lists the options)\n")


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not positive")
    return value


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="bench/run",
        description="Compares file systems on this machine, in this run, by turns. Prints medians and ratios; says "
        "nothing about pass or fail.",
    )
    parser.add_argument("--quick", action="store_true", help="5,000 files and 64 MiB instead of 20,000 and 256 MiB")
    parser.add_argument("--files", type=_positive, help="files in a directory")
    parser.add_argument("--mib", type=_positive, help="size of the big file")
    parser.add_argument("--runs", type=_positive, default=5, help="rounds to take the median of (default 5)")
    parser.add_argument("--targets", help="names from the file of targets, with commas; default: all that are there")
    parser.add_argument("--workloads", help="names, with commas; NAME_2t is NAME with two threads")
    parser.add_argument("--placement", default="pinned,free", help="pinned, free or both (default)")
    parser.add_argument("--cpu", type=int, help="CPU for pinned runs (default: the last one)")
    parser.add_argument("--json", metavar="FILE", help="write all figures to FILE")
    parser.add_argument("--markdown", metavar="FILE",
                        help="put the tables between the marks of FILE, such as docs/performance.md")
    parser.add_argument("--in-process", choices=("yes", "no", "only"),
                        help="measure memfs without FUSE too (default: yes, unless --targets or --workloads is given)")
    parser.add_argument("--bin", default=os.path.join(ROOT, "build", "release", "bin"),
                        help="directory of the programs (default: build/release/bin)")
    parser.add_argument("--targets-file", default=os.path.join(BENCH_DIR, "targets.conf"),
                        help="what to compare (default: bench/targets.conf)")
    parser.add_argument("--list", action="store_true", help="list targets and workloads, and stop")
    return parser


def _choose_targets(options: argparse.Namespace, known: list[targets.Target]) -> list[targets.Target]:
    if options.targets:
        by_name = {target.name: target for target in known}
        wanted = options.targets.split(",")
        for name in wanted:
            if name not in by_name:
                raise UsageError(f"there is no target '{name}'")
            if by_name[name].missing():
                raise UsageError(f"target '{name}': {by_name[name].missing()}")
        return [target for target in known if target.name in wanted]
    chosen = []
    for target in known:
        if target.default and target.missing():
            print(f"bench: {target.name} is skipped: {target.missing()}", file=sys.stderr)
        elif target.default:
            chosen.append(target)
    if not chosen:
        raise UsageError("none of the targets is there")
    return chosen


def _choose_workloads(options: argparse.Namespace) -> list[str]:
    if not options.workloads:
        return WORKLOADS
    wanted = list(dict.fromkeys(options.workloads.split(",")))
    for name in wanted:
        base, _, threads = name.rpartition("_")
        if name not in ONE_THREAD and not (base in ONE_THREAD and threads[:-1].isdigit() and threads.endswith("t")):
            raise UsageError(f"there is no workload '{name}'")
    return wanted


def _choose_placements(options: argparse.Namespace) -> dict[str, frozenset[int] | None]:
    allowed = sorted(os.sched_getaffinity(0))
    cpu = allowed[-1] if options.cpu is None else options.cpu
    if cpu not in allowed:
        raise UsageError(f"CPU {cpu} is not one of {allowed}")
    known = {"pinned": frozenset([cpu]), "free": None}
    wanted = options.placement.split(",")
    for name in wanted:
        if name not in known:
            raise UsageError(f"there is no placement '{name}'")
    return {name: known[name] for name in wanted}


def _plan(options: argparse.Namespace, work_dir: str) -> measure.Plan:
    bin_dir = os.path.realpath(options.bin)
    client = os.path.join(bin_dir, "bench-client")
    if not os.access(client, os.X_OK):
        raise UsageError(f"{client} is not there; --bin names the directory of the built programs")
    known = targets.load(options.targets_file, bin_dir, ROOT, work_dir)
    return measure.Plan(
        client=client,
        targets=[] if options.in_process == "only" else _choose_targets(options, known),
        placements={} if options.in_process == "only" else _choose_placements(options),
        workloads=[] if options.in_process == "only" else _choose_workloads(options),
        files=options.files or (5000 if options.quick else 20000),
        mib=options.mib or (64 if options.quick else 256),
        rounds=options.runs,
        log_dir=work_dir,
        in_process_rounds=_in_process_rounds(options),
    )


def _in_process_rounds(options: argparse.Namespace) -> int:
    wanted = options.in_process or ("no" if options.targets or options.workloads else "yes")
    return 0 if wanted == "no" else options.runs * IN_PROCESS_ROUNDS


def _list(options: argparse.Namespace) -> int:
    for target in targets.load(options.targets_file, os.path.realpath(options.bin), ROOT, "DIR"):
        note = f" (skipped: {target.missing()})" if target.missing() else ""
        print(f"target    {target.name}: {target.title}{note}")
    for name in WORKLOADS:
        print(f"workload  {name}")
    return 0


def _interrupt(number, frame) -> None:
    raise KeyboardInterrupt


def _clear(work_dir: str) -> None:
    """Removes the working directory. Never descends into a mount, lest something be still there."""
    try:
        for name in os.listdir(work_dir):
            path = os.path.join(work_dir, name)
            mounts.force_unmount(path)
            if os.path.isdir(path):
                os.rmdir(path)
            else:
                os.unlink(path)
        os.rmdir(work_dir)
    except OSError as error:
        print(f"bench: {work_dir} is left behind: {error}", file=sys.stderr)


def _run(options: argparse.Namespace) -> int:
    work_dir = os.path.realpath(tempfile.mkdtemp(prefix="kextbed-bench-"))
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
    try:
        plan = _plan(options, work_dir)
        if options.markdown:
            markdown.check(options.markdown)
        json_file = open(options.json, "w", encoding="utf-8") if options.json else None
        outcome = measure.run(plan)
        print(report.text(plan, outcome), end="")
        if json_file:
            with json_file:
                json.dump(report.document(plan, outcome), json_file, indent=1)
                json_file.write("\n")
        if options.markdown:
            markdown.update(options.markdown, markdown.text(plan, outcome))
        failed = any(series.failed for series in outcome.series.values())
        return EXIT_PROBLEMS if outcome.problems or failed else 0
    finally:
        _clear(work_dir)


def main() -> int:
    options = _parser().parse_args()
    try:
        return _list(options) if options.list else _run(options)
    except (UsageError, markdown.MarkdownError, targets.ConfigError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return EXIT_USAGE
    except OSError as error:
        print(f"bench: {error}", file=sys.stderr)
        return EXIT_PROBLEMS
    except KeyboardInterrupt:
        print("bench: interrupted; everything is unmounted", file=sys.stderr)
        return EXIT_INTERRUPTED

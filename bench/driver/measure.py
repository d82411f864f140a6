# SPDX-License-Identifier: BSD-2-Clause
"""Runs the client on mounted targets, round by round, and collects what it says."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field

from .mounts import Mounted, MountError, pin
from .targets import Target

CLIENT_S = 1800.0  # for one run of the client


@dataclass
class Plan:
    client: str
    targets: list[Target]
    placements: dict[str, frozenset[int] | None]  # name: CPUs of client and server
    workloads: list[str]
    files: int
    mib: int
    rounds: int
    mount_dir: str
    log_path: str


@dataclass
class Series:
    """The figures of one workload on one target in one placement."""

    unit: str = ""
    values: list[float] = field(default_factory=list)
    skipped: str = ""
    failed: str = ""


@dataclass
class Outcome:
    series: dict[tuple[str, str, str], Series] = field(default_factory=dict)  # placement, target, workload
    problems: list[str] = field(default_factory=list)

    def at(self, placement: str, target: str, workload: str) -> Series:
        return self.series.setdefault((placement, target, workload), Series())


class Progress:
    """A line on stderr for each step, after the first two seconds."""

    def __init__(self, total: int):
        self.total = total
        self.done = 0
        self.started = time.monotonic()

    def step(self, text: str) -> None:
        self.done += 1
        if time.monotonic() - self.started >= 2:
            print(f"bench: {self.done} of {self.total}: {text}", file=sys.stderr, flush=True)


def _client(plan: Plan, directory: str, cpus: frozenset[int] | None) -> tuple[list[dict], str]:
    """One run of the client. Returns the objects it printed and what went wrong, or ''."""
    words = [plan.client, "--json", "--keep", "--files", str(plan.files), "--mib", str(plan.mib)]
    words += ["--workload", ",".join(plan.workloads), directory]
    child = subprocess.Popen(
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=pin(cpus),
    )
    try:
        out, err = child.communicate(timeout=CLIENT_S)
    except subprocess.TimeoutExpired:
        child.kill()
        out, err = child.communicate()
        err = f"the client did not end within {CLIENT_S:.0f} seconds"
    except BaseException:
        child.kill()
        child.communicate()
        raise
    objects = [json.loads(line) for line in out.splitlines() if line.startswith("{") and line.endswith("}")]
    # A workload that failed says so in its own line.
    told = any("failed" in entry for entry in objects)
    problem = "" if child.returncode == 0 or told else err.strip() or f"the client ended with {child.returncode}"
    return objects, problem


def _note(outcome: Outcome, placement: str, target: str, objects: list[dict]) -> None:
    for entry in objects:
        series = outcome.at(placement, target, entry["workload"])
        if "skipped" in entry:
            series.skipped = entry["skipped"]
        elif "failed" in entry:
            series.failed = entry["failed"]
        else:
            series.unit = entry["unit"]
            series.values.append(entry["value"])


def _run_one(plan: Plan, outcome: Outcome, placement: str, target: Target) -> str:
    """Mounts, measures, unmounts. Returns what went wrong, or ''."""
    cpus = plan.placements[placement]
    try:
        with Mounted(target, plan.mount_dir, plan.log_path, cpus) as mounted:
            work_dir = os.path.join(mounted.dir, "work")
            os.mkdir(work_dir)
            objects, problem = _client(plan, work_dir, cpus)
            _note(outcome, placement, target.name, objects)
            return problem
    except (MountError, OSError) as error:
        return str(error)


def run(plan: Plan) -> Outcome:
    """All rounds. Targets take turns within each round, and another one begins each time."""
    outcome = Outcome()
    broken: set[str] = set()
    progress = Progress(plan.rounds * len(plan.placements) * len(plan.targets))
    for number in range(plan.rounds):
        shift = number % len(plan.targets)
        order = plan.targets[shift:] + plan.targets[:shift]
        for placement in plan.placements:
            for target in order:
                progress.step(f"round {number + 1}, {placement}, {target.name}")
                if target.name in broken:
                    continue
                problem = _run_one(plan, outcome, placement, target)
                if problem:
                    outcome.problems.append(f"{target.name} ({placement}): {problem}")
                    print(f"bench: {outcome.problems[-1]}", file=sys.stderr, flush=True)
                    broken.add(target.name)
    return outcome

# SPDX-License-Identifier: BSD-2-Clause
"""Runs the clients on mounted targets, workload by workload, and collects what they say."""

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from dataclasses import dataclass, field

from . import inprocess
from .mounts import Mounted, MountError, pin
from .targets import Target

ANSWER_S = 900.0  # for a client to do one workload
END_S = 30.0  # for a client to end when it is asked nothing more


@dataclass
class Plan:
    client: str
    targets: list[Target]
    placements: dict[str, frozenset[int] | None]  # name: CPUs of client and server
    workloads: list[str]
    files: int
    mib: int
    rounds: int
    log_dir: str
    in_process_rounds: int = 0  # 0: not at all


@dataclass
class Series:
    """The figures of one workload on one target in one placement, by round."""

    unit: str = ""
    values: dict[int, float] = field(default_factory=dict)
    skipped: str = ""
    failed: str = ""


@dataclass
class Outcome:
    series: dict[tuple[str, str, str], Series] = field(default_factory=dict)  # placement, target, workload
    problems: list[str] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)  # targets that are not tried again
    load: list[float] = field(default_factory=list)  # of the machine, before and after
    in_process: list[inprocess.Line] = field(default_factory=list)

    def at(self, placement: str, target: str, workload: str) -> Series:
        return self.series.setdefault((placement, target, workload), Series())

    def give_up(self, target: str, placement: str, problem: str) -> None:
        self.broken.add(target)
        self.problems.append(f"{target} ({placement}): {problem}")
        print(f"bench: {self.problems[-1]}", file=sys.stderr, flush=True)


class ClientError(Exception):
    """A client died or hung; the text says how."""


class Client:
    """A bench-client that is told one workload after the other, as a context manager."""

    def __init__(self, plan: Plan, directory: str, cpus: frozenset[int] | None):
        words = [plan.client, "--json", "--keep", "--ask", directory]
        words += ["--files", str(plan.files), "--mib", str(plan.mib)]
        self.child = subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            preexec_fn=pin(cpus),
        )

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, kind, value, traceback) -> None:
        if kind is not None:
            self.child.kill()
        with contextlib.suppress(OSError):
            self.child.stdin.close()
        try:
            self.child.wait(END_S)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        self.child.stdout.close()

    def ask(self, workload: str) -> dict:
        """Has one workload done. Raises ClientError."""
        try:
            self.child.stdin.write(workload + "\n")
            self.child.stdin.flush()
        except OSError as error:
            raise ClientError(f"the client is gone: {error}") from error
        poll = select.poll()
        poll.register(self.child.stdout, select.POLLIN)
        if not poll.poll(ANSWER_S * 1000):
            self.child.kill()
            raise ClientError(f"{workload} took more than {ANSWER_S:.0f} seconds")
        line = self.child.stdout.readline()
        try:
            return json.loads(line)
        except ValueError as error:
            raise ClientError(line.strip() or f"the client ended during {workload}") from error


class Progress:
    """A line on stderr for each step, after the first two seconds and at most once a second."""

    def __init__(self, total: int):
        self.total = total
        self.done = 0
        self.due = time.monotonic() + 2

    def step(self, text: str) -> None:
        self.done += 1
        if time.monotonic() >= self.due:
            print(f"bench: {self.done} of {self.total}: {text}", file=sys.stderr, flush=True)
            self.due = time.monotonic() + 1


def _turns(targets: list[Target], shift: int) -> list[Target]:
    shift %= len(targets)
    return targets[shift:] + targets[:shift]


def _note(series: Series, number: int, answer: dict) -> None:
    if "skipped" in answer:
        series.skipped = answer["skipped"]
    elif "failed" in answer:
        series.failed = answer["failed"]
    else:
        series.unit = answer["unit"]
        series.values[number] = answer["value"]


def _set_up(plan: Plan, outcome: Outcome, placement: str, target: Target, stack: contextlib.ExitStack) -> Client | None:
    """Mounts a target and starts a client on it; the stack undoes both."""
    cpus = plan.placements[placement]
    mounted = Mounted(target, os.path.join(plan.log_dir, target.name + ".log"), cpus)
    try:
        stack.enter_context(mounted)
        work_dir = os.path.join(target.dir, "work")
        os.mkdir(work_dir)
        return stack.enter_context(Client(plan, work_dir, cpus))
    except (MountError, OSError) as error:
        outcome.give_up(target.name, placement, str(error))
        return None


def _round(plan: Plan, outcome: Outcome, placement: str, number: int, progress: Progress) -> None:
    """Mounts all targets, then does each workload on one target after the other: what is compared is measured
    within moments, under the same load of the machine."""
    with contextlib.ExitStack() as stack:
        clients = {}
        for target in plan.targets:
            if target.name in outcome.broken:
                continue
            client = _set_up(plan, outcome, placement, target, stack)
            if client is not None:
                clients[target.name] = client
        for index, workload in enumerate(plan.workloads):
            for target in _turns(plan.targets, number + index):
                progress.step(f"round {number + 1}, {placement}, {workload}, {target.name}")
                if target.name not in clients:
                    continue
                try:
                    answer = clients[target.name].ask(workload)
                    _note(outcome.at(placement, target.name, workload), number, answer)
                except ClientError as error:
                    outcome.give_up(target.name, placement, str(error))
                    del clients[target.name]


def run(plan: Plan) -> Outcome:
    """All rounds; within each, the placements one after the other."""
    outcome = Outcome(load=[os.getloadavg()[0]])
    progress = Progress(plan.rounds * len(plan.placements) * len(plan.workloads) * len(plan.targets))
    for number in range(plan.rounds):
        for placement in plan.placements:
            try:
                _round(plan, outcome, placement, number, progress)
            except MountError as error:
                outcome.problems.append(f"{placement}: {error}")
                print(f"bench: {outcome.problems[-1]}", file=sys.stderr, flush=True)
    if plan.in_process_rounds:
        outcome.in_process, problem = inprocess.run(os.path.dirname(plan.client), plan.in_process_rounds)
        if problem:
            outcome.problems.append(problem)
    outcome.load.append(os.getloadavg()[0])
    return outcome

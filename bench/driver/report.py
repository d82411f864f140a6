# SPDX-License-Identifier: BSD-2-Clause
"""The table and the JSON file."""

import os
import platform
from dataclasses import asdict
from statistics import median

from .inprocess import MEANINGS
from .measure import Outcome, Plan, Series
from .targets import Target

GOAL = 0.85  # of the reference
UNSTEADY = 0.4  # (largest - smallest) / median from which figures are marked


def short(value: float) -> str:
    if value >= 1e6:
        return f"{value / 1e6:.2f}M"
    if value >= 1e4:
        return f"{value / 1e3:.1f}k"
    return f"{value:.0f}"


def figure(value: float) -> str:
    """A figure that may be small."""
    return f"{value:.2f}" if value < 100 else short(value)


def spread(values: list[float]) -> float:
    middle = median(values)
    return (max(values) - min(values)) / middle if middle > 0 else 0.0


def ratios(outcome: Outcome, placement: str, target: Target, workload: str) -> list[float]:
    """The target's figure over its reference's, for each round that has both. Taken round by round, what slowed the
    machine down for a while slowed both."""
    if not target.reference:
        return []
    own = outcome.at(placement, target.name, workload).values
    reference = outcome.at(placement, target.reference, workload).values
    return [own[number] / reference[number] for number in sorted(own) if reference.get(number, 0) > 0]


def ratio(outcome: Outcome, placement: str, target: Target, workload: str) -> float | None:
    """The median of the ratios, or None."""
    found = ratios(outcome, placement, target, workload)
    return median(found) if found else None


def _cell(series: Series, relations: list[float]) -> str:
    if series.failed:
        return "failed"
    if not series.values:
        return "skipped" if series.skipped else "-"
    values = list(series.values.values())
    text = short(median(values))
    if not relations:
        return text + ("~" if spread(values) > UNSTEADY else "")
    relation = median(relations)
    text += f" {relation:.2f}" + ("<" if relation < GOAL else "")
    return text + ("~" if spread(relations) > UNSTEADY else "")


def _align(rows: list[list[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [row[0].ljust(widths[0]), row[1].ljust(widths[1])]
        cells += [cell.rjust(width) for cell, width in zip(row[2:], widths[2:])]
        lines.append("  ".join(cells).rstrip())
    return lines


def _placement_title(plan: Plan, placement: str) -> str:
    cpus = plan.placements[placement]
    if cpus is None:
        return f"{placement}: the scheduler places client and server"
    return f"{placement}: client and server on CPU {', '.join(str(cpu) for cpu in sorted(cpus))}"


def _table(plan: Plan, outcome: Outcome, placement: str) -> list[str]:
    rows = [["workload", "unit"] + [target.name for target in plan.targets]]
    for workload in plan.workloads:
        series = [outcome.at(placement, target.name, workload) for target in plan.targets]
        unit = next((one.unit for one in series if one.unit), "")
        relations = [ratios(outcome, placement, target, workload) for target in plan.targets]
        rows.append([workload, unit] + [_cell(one, relation) for one, relation in zip(series, relations)])
    return [_placement_title(plan, placement), ""] + _align(rows) + [""]


def _goal_lines(plan: Plan, outcome: Outcome) -> list[str]:
    lines = []
    for target in plan.targets:
        if not target.reference:
            continue
        for placement in plan.placements:
            found = {work: ratio(outcome, placement, target, work) for work in plan.workloads}
            known = {work: value for work, value in found.items() if value is not None}
            missed = [f"{work} {value:.2f}" for work, value in known.items() if value < GOAL]
            if known:
                lines.append(
                    f"{target.name}, {placement}: {len(known) - len(missed)} of {len(known)} at {GOAL} of "
                    f"{target.reference} or more" + (f"; below: {', '.join(missed)}" if missed else "")
                )
    return lines


def _in_process(outcome: Outcome) -> list[str]:
    if not outcome.in_process:
        return []
    rows = [["in process", "unit", "memfs", "peer", "ratio", "aim"]]
    for line in outcome.in_process:
        if line.ratio is None:
            rows.append([line.name, line.unit, "skipped", "-", "-", line.aim_text()])
        else:
            rows.append([line.name, line.unit, figure(line.value), figure(line.peer),
                         f"{line.ratio:.2f}{'!' if line.missed() else ''}", line.aim_text()])
    reasons = [f"{line.name}: {line.skipped}" for line in outcome.in_process if line.skipped]
    explained = [f"  {line.name}: {MEANINGS[line.name]}" for line in outcome.in_process if line.name in MEANINGS]
    return ["in process: no FUSE; ! missed its aim", "", *explained, "", *_align(rows), "", *reasons]


def text(plan: Plan, outcome: Outcome) -> str:
    lines = [
        f"Load of the machine: {outcome.load[0]:.1f} before, {outcome.load[-1]:.1f} after, on {os.cpu_count()} CPUs.",
        "",
    ]
    if plan.targets:
        lines.insert(0, f"Medians of {plan.rounds}; {plan.files} files a directory, {plan.mib} MiB file. A ratio is "
                        f"that to the reference, round by round; < is below {GOAL}; ~ varied by more than "
                        f"{UNSTEADY:.0%}.")
    for target in plan.targets:
        relation = f"; ratios to {target.reference}" if target.reference else ""
        lines.append(f"  {target.name}: {target.title}{relation}")
    lines.append("")
    for placement in plan.placements:
        lines += _table(plan, outcome, placement)
    lines += _in_process(outcome)
    lines += _goal_lines(plan, outcome)
    reasons = sorted({f"{key[2]}: {one.failed or one.skipped}" for key, one in outcome.series.items()
                      if one.failed or one.skipped})
    lines += reasons + outcome.problems
    return "\n".join(lines).rstrip() + "\n"


def document(plan: Plan, outcome: Outcome) -> dict:
    """All figures, for the JSON file."""
    results = []
    for placement in plan.placements:
        for target in plan.targets:
            for workload in plan.workloads:
                series = outcome.at(placement, target.name, workload)
                relation = ratio(outcome, placement, target, workload)
                entry = {"placement": placement, "target": target.name, "workload": workload, "unit": series.unit}
                values = [series.values[number] for number in sorted(series.values)]
                entry |= {"median": median(values) if values else None, "values": values}
                entry |= {"reference": target.reference or None, "ratio": relation}
                entry |= {"ratios": ratios(outcome, placement, target, workload)}
                entry |= {"below_goal": relation is not None and relation < GOAL}
                entry |= {"skipped": series.skipped or None, "failed": series.failed or None}
                results.append(entry)
    return {
        "format": 1,
        "goal": GOAL,
        "machine": {"kernel": platform.release(), "cpus": os.cpu_count(), "load": outcome.load},
        "options": {"rounds": plan.rounds, "files": plan.files, "mib": plan.mib},
        "placements": {name: sorted(cpus) if cpus else None for name, cpus in plan.placements.items()},
        "targets": {target.name: target.title for target in plan.targets},
        "results": results,
        "in_process": [asdict(line) | {"missed": line.missed()} for line in outcome.in_process],
        "problems": outcome.problems,
    }

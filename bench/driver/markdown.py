# SPDX-License-Identifier: BSD-2-Clause
"""The figures in the form of docs/performance.md: what stands between its two marks."""

import os
import platform
from statistics import median

from . import report
from .inprocess import MEANINGS, Line
from .measure import Outcome, Plan

BEGIN = "<!-- figures: bench/run --markdown -->"
END = "<!-- end of figures -->"


class MarkdownError(Exception):
    """The file has no place for figures; the text says so."""


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _ratio_cell(outcome: Outcome, placement: str, target, workload: str) -> str:
    found = report.ratios(outcome, placement, target, workload)
    if not found:
        return "-"
    text = f"{median(found):.2f}"
    if median(found) < report.GOAL:
        text = f"**{text}**"
    return text + ("~" if report.spread(found) > report.UNSTEADY else "")


def _value_cell(outcome: Outcome, placement: str, name: str, workload: str) -> str:
    values = list(outcome.at(placement, name, workload).values.values())
    return report.short(median(values)) if values else "-"


def _table(plan: Plan, outcome: Outcome, placement: str) -> list[str]:
    columns: list[tuple[str, object]] = []  # title, and a name (a figure) or a target (its ratio)
    for target in plan.targets:
        columns.append((target.name, target.name))
        if target.reference:
            columns.append((f"of {target.reference}", target))
    lines = [
        _row(["workload", "unit"] + [title for title, _ in columns]),
        "|---|---|" + "---:|" * len(columns),
    ]
    for workload in plan.workloads:
        units = (outcome.at(placement, target.name, workload).unit for target in plan.targets)
        cells = [workload, next((unit for unit in units if unit), "")]
        for _, what in columns:
            if isinstance(what, str):
                cells.append(_value_cell(outcome, placement, what, workload))
            else:
                cells.append(_ratio_cell(outcome, placement, what, workload))
        lines.append(_row(cells))
    return lines


def _in_process(lines: list[Line]) -> list[str]:
    rows = ["### In process", "", _row(["line", "unit", "memfs", "peer", "ratio", "aim", "what"]),
            "|---|---|---:|---:|---:|---|---|"]
    for line in lines:
        if line.ratio is None:
            rows.append(_row([line.name, line.unit, "-", "-", "-", line.aim_text(), line.skipped]))
            continue
        text = f"{line.ratio:.2f}"
        rows.append(_row([line.name, line.unit, report.figure(line.value), report.figure(line.peer),
                          f"**{text}**" if line.missed() else text, line.aim_text(), MEANINGS.get(line.name, "")]))
    return rows + [""]


def text(plan: Plan, outcome: Outcome) -> str:
    lines = [
        f"Medians of {plan.rounds}; {plan.files:,} files in a directory, a file of {plan.mib} MiB; Linux "
        f"{platform.release()}, {os.cpu_count()} CPUs, load {outcome.load[0]:.1f} before and {outcome.load[-1]:.1f} "
        f"after. Ratios are medians of each round's; bold: below {report.GOAL}; ~: varied by more than "
        f"{report.UNSTEADY:.0%} from round to round.",
        "",
    ]
    for placement in plan.placements:
        lines += [f"### {placement.capitalize()}", "", *_table(plan, outcome, placement), ""]
    if outcome.in_process:
        lines += _in_process(outcome.in_process)
    return "\n".join(lines).rstrip() + "\n"


def check(path: str) -> None:
    """Raises MarkdownError or OSError where update() would."""
    _parts(path)


def _parts(path: str) -> tuple[str, str]:
    with open(path, encoding="utf-8") as file:
        content = file.read()
    begin, end = content.find(BEGIN), content.find(END)
    if begin < 0 or end < begin:
        raise MarkdownError(f"{path} has no lines '{BEGIN}' and '{END}' to put the figures between")
    return content[: begin + len(BEGIN)], content[end:]


def update(path: str, figures: str) -> None:
    """Puts the figures between the marks of a file."""
    head, tail = _parts(path)
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"{head}\n\n{figures}\n{tail}")

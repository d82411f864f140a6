# SPDX-License-Identifier: BSD-2-Clause
"""What memfs does without FUSE: runs bench-inproc and passes on what it says."""

import json
import os
import subprocess
from dataclasses import dataclass

MEANINGS = {
    "stat_cached": "a name in the name cache and its file's attributes; peer: stat(2) on the host's tmpfs",
    "scale_files": "what a second thread is worth on a file of its own; peer: to pure computation",
    "scale_directory": "two threads that make, find, rename and remove files in one directory; peer: one thread",
}
TIMEOUT_S = 600.0


@dataclass(frozen=True)
class Line:
    name: str
    unit: str
    value: float | None
    peer: float | None
    ratio: float | None  # the median of the rounds' ratios
    aim: float
    at_most: bool
    skipped: str

    def missed(self) -> bool:
        if self.ratio is None:
            return False
        return self.ratio > self.aim if self.at_most else self.ratio < self.aim

    def aim_text(self) -> str:
        return f"{'at most' if self.at_most else 'at least'} {self.aim:.2f}"


def _line(answer: dict) -> Line:
    return Line(
        name=answer["name"],
        unit=answer["unit"],
        value=answer.get("value"),
        peer=answer.get("peer"),
        ratio=answer.get("ratio"),
        aim=answer["aim"],
        at_most=answer["aim_is"] == "at most",
        skipped=answer.get("skipped", ""),
    )


def run(bin_dir: str, rounds: int) -> tuple[list[Line], str]:
    """The lines, and what went wrong, or ''. Where the program or the kext was not built, there are no lines."""
    program = os.path.join(bin_dir, "bench-inproc")
    kext = os.path.join(os.path.dirname(bin_dir), "Extensions", "memfs.kext")
    if not os.access(program, os.X_OK) or not os.path.isdir(kext):
        return [], ""
    try:
        done = subprocess.run(
            (program, "--json", "--rounds", str(rounds), kext),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=True,
        )
        return [_line(answer) for answer in json.loads(done.stdout)], ""
    except subprocess.CalledProcessError as error:
        said = error.stderr.strip().splitlines()
        return [], f"bench-inproc ended with {error.returncode}: {said[-1] if said else 'without a word'}"
    except (OSError, ValueError, KeyError, subprocess.TimeoutExpired) as error:
        return [], f"bench-inproc: {error}"

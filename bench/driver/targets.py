# SPDX-License-Identifier: BSD-2-Clause
"""The file systems to compare, as bench/targets.conf describes them."""

import configparser
import os
import re
import shlex
from dataclasses import dataclass


class ConfigError(Exception):
    """The list of targets is wrong; the text says where."""


@dataclass(frozen=True)
class Target:
    name: str
    title: str
    dir: str  # mount point
    needs: str  # path of a program, or ''
    start: tuple[str, ...]
    server: bool
    stop: tuple[str, ...]
    reference: str  # name of another target, or ''
    default: bool
    root: bool  # only the superuser can mount it

    def missing(self) -> str:
        """Why the target cannot be run here, or ''."""
        if self.needs and not os.access(self.needs, os.X_OK):
            return f"{self.needs} is not there"
        if self.root and os.geteuid() != 0:
            return "only root can mount it"
        return ""


KEYS = {"title", "needs", "start", "server", "stop", "reference", "default", "root"}


def _words(text: str, values: dict[str, str], where: str) -> tuple[str, ...]:
    try:
        return tuple(word.format(**values) for word in shlex.split(text))
    except (KeyError, IndexError, ValueError) as error:
        raise ConfigError(f"{where}: cannot make words of '{text}': {error}") from error


def _target(section: configparser.SectionProxy, common: dict[str, str], mounts_dir: str, path: str) -> Target:
    where = f"{path}: [{section.name}]"
    if not re.fullmatch(r"[A-Za-z0-9_.+-]+", section.name) or section.name.startswith("."):
        raise ConfigError(f"{where}: the name must be made of letters, digits and _ . + -")
    values = common | {"dir": os.path.join(mounts_dir, section.name)}
    unknown = set(section) - KEYS
    if unknown:
        raise ConfigError(f"{where}: unknown key '{sorted(unknown)[0]}'")
    for key in ("start", "stop"):
        if key not in section:
            raise ConfigError(f"{where}: '{key}' is missing")
    needs = _words(section.get("needs", ""), values, where)
    try:
        server = section.getboolean("server", fallback=True)
        default = section.getboolean("default", fallback=True)
        root = section.getboolean("root", fallback=False)
    except ValueError as error:
        raise ConfigError(f"{where}: {error}") from error
    return Target(
        name=section.name,
        title=section.get("title", section.name),
        dir=values["dir"],
        needs=needs[0] if needs else "",
        start=_words(section["start"], values, where),
        server=server,
        stop=_words(section["stop"], values, where),
        reference=section.get("reference", ""),
        default=default,
        root=root,
    )


def load(path: str, bin_dir: str, root: str, mounts_dir: str) -> list[Target]:
    """Reads the file of targets, each to be mounted on a directory of its name in mounts_dir. Raises ConfigError or
    OSError."""
    # ';' may be part of a command, and '%' means nothing here.
    parser = configparser.ConfigParser(interpolation=None, comment_prefixes=("#",))
    try:
        with open(path, encoding="utf-8") as file:
            parser.read_file(file)
    except configparser.Error as error:
        raise ConfigError(str(error)) from error
    common = {"bin": bin_dir, "root": root}
    targets = [_target(parser[name], common, mounts_dir, path) for name in parser.sections()]
    names = {target.name for target in targets}
    for target in targets:
        if target.reference and target.reference not in names:
            raise ConfigError(f"{path}: [{target.name}]: there is no target '{target.reference}' to refer to")
    return targets

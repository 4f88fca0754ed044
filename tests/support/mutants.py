# SPDX-License-Identifier: Apache-2.0
"""Puts bugs into copies of sources, one at a time; programs built around each, the oracles, must find it out.

The sources become one shared library, which is linked anew for a bug, with one file compiled anew; the oracles are
linked once. Nothing is sanitised: what counts is that an oracle says so itself, and that it does so soon."""

import argparse
import concurrent.futures
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 300  # for what would hang, which is no finding
FLAGS = ["-std=c17", "-O1", "-fPIC", "-fno-semantic-interposition", "-D_GNU_SOURCE", f"-I{ROOT}", "-w"]
LIBS = ["-lcmocka", "-ljansson", "-lyaml", "-lsodium", "-lelf", "-lm"]


class Bug(NamedTuple):
    what: str
    file: str  # below the root
    before: str  # stands once in the file
    after: str


@dataclass(frozen=True)
class Oracle:
    sources: list[Path]
    arguments: list[str] = field(default_factory=list)
    sound: list[str] = field(default_factory=list)  # arguments for the sources as they are

    @property
    def name(self) -> str:
        return self.sources[0].stem


@dataclass(frozen=True)
class Round:
    """Bugs, and the oracles that are asked one after another until one finds it."""

    oracles: list[Oracle]
    bugs: list[Bug]


def in_folder(folder: str, rows: Sequence[tuple[str, str, str, str]]) -> list[Bug]:
    """Bugs in the files of one folder."""
    return [Bug(what, f"{folder}/{name}", before, after) for what, name, before, after in rows]


def run(
    command: Sequence[object], limit_s: float | None = None, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    words = [str(word) for word in command]
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=limit_s, env=environment)


def last_words(done: subprocess.CompletedProcess[str]) -> str:
    """What a program that found something said of it."""
    said = [line for line in (done.stderr or done.stdout).splitlines() if line.strip(" [-")]
    broken = [line for line in said if line.startswith("BROKEN: ")]
    return (broken or said or [f"status {done.returncode}"])[-1].split("/")[-1]


class Workshop:
    """Builds what the bugs are put into, in a directory of its own."""

    def __init__(self, directory: Path, compiler: list[str], jobs: int) -> None:
        self.directory = directory
        self.compiler = compiler
        self.pool = concurrent.futures.ThreadPoolExecutor(jobs)
        self.objects: dict[Path, Path] = {}
        self.oracles: dict[str, Path] = {}

    def make(self, *words: object) -> None:
        done = run([*self.compiler, *FLAGS, *words])
        if done.returncode:
            sys.exit(done.stderr)

    def compile(self, source: Path) -> Path:
        target = self.directory / (str(source.relative_to(ROOT)).replace("/", "-") + ".o")
        self.make("-c", source, "-o", target)
        return target

    def link_library(self, directory: Path, objects: Sequence[Path]) -> None:
        directory.mkdir()
        self.make("-shared", "-Wl,-Bsymbolic", *objects, *LIBS, "-o", directory / "libsubject.so")

    def build(self, sources: Sequence[Path], oracles: Sequence[Oracle]) -> None:
        """The sources as they are, and the oracles."""
        tests = {path for oracle in oracles for path in oracle.sources}
        objects = dict(zip([*sources, *tests], self.pool.map(self.compile, [*sources, *tests]), strict=True))
        self.objects = {path: objects[path] for path in sources}
        self.link_library(self.directory / "sound", list(self.objects.values()))
        for oracle in oracles:
            program = self.oracles[oracle.name] = self.directory / oracle.name
            parts = [objects[path] for path in oracle.sources]
            self.make(*parts, f"-L{self.directory}/sound", "-lsubject", *LIBS, "-o", program)

    def ask(self, oracle: Oracle, library: Path, arguments: list[str]) -> str:
        """What an oracle says of a library; empty when it finds nothing."""
        environment = {**os.environ, "LD_LIBRARY_PATH": str(library)}
        try:
            done = run([self.oracles[oracle.name], *arguments], LIMIT_S, environment)
        except subprocess.TimeoutExpired:
            return ""
        return f"{oracle.name}: {last_words(done)}" if done.returncode else ""

    def try_bug(self, number: int, bug: Bug, oracles: Sequence[Oracle]) -> str:
        source = ROOT / bug.file
        directory = self.directory / str(number)
        changed = directory.with_suffix(".c")
        changed.write_text(source.read_text().replace(bug.before, bug.after))
        self.make("-c", changed, "-o", changed.with_suffix(".o"))
        others = [path for other, path in self.objects.items() if other != source]
        self.link_library(directory, [changed.with_suffix(".o"), *others])
        return next(filter(None, (self.ask(oracle, directory, oracle.arguments) for oracle in oracles)), "")


def check_places(bugs: Sequence[Bug]) -> None:
    for bug in bugs:
        found = (ROOT / bug.file).read_text().count(bug.before)
        if found != 1:
            sys.exit(f"{bug.what}: its place stands {found} times in {bug.file}")


def hunt(purpose: str | None, patterns: Sequence[str], rounds: Sequence[Round]) -> int:
    """A whole program: the exit status is 0 when nothing is found in the sources as they are, and every bug is."""
    parser = argparse.ArgumentParser(description=purpose)
    parser.add_argument("--cc", default="cc", help="the compiler")
    parser.add_argument("--launcher", help="what the compiler is started with, such as ccache")
    parser.add_argument("--jobs", type=int, default=2, help="how many at a time")
    arguments = parser.parse_args()
    bugs = [(bug, one.oracles) for one in rounds for bug in one.bugs]
    oracles = {oracle.name: oracle for one in rounds for oracle in one.oracles}
    check_places([bug for bug, _ in bugs])
    with tempfile.TemporaryDirectory(prefix="assay-mutants-") as temporary:
        compiler = [*filter(None, [arguments.launcher]), arguments.cc]
        shop = Workshop(Path(temporary), compiler, arguments.jobs)
        shop.build(sorted(path for pattern in patterns for path in ROOT.glob(pattern)), list(oracles.values()))
        for oracle in oracles.values():
            if found := shop.ask(oracle, shop.directory / "sound", oracle.sound):
                sys.exit(f"finds something without a bug: {found}")
        tried = [shop.pool.submit(shop.try_bug, number, bug, by) for number, (bug, by) in enumerate(bugs)]
        missed = 0
        for (bug, _), future in zip(bugs, tried, strict=True):
            found = future.result()
            missed += not found
            print(f"{'caught' if found else 'MISSED':7} {bug.what:52} {found[:100]}", flush=True)
    print(f"{len(bugs) - missed} of {len(bugs)} bugs caught")
    return 1 if missed or not bugs else 0

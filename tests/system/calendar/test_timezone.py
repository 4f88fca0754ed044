# SPDX-License-Identifier: Apache-2.0
"""Holds the reader of time zones to Python's, on every zone that this machine has."""

import random
import zoneinfo
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.calendar_peer import ZONES, ask

EPOCH = datetime(1970, 1, 1)
FROM, UNTIL = -4_000_000_000, 9_000_000_000  # 1843 to 2255
NAMES = sorted(
    str(path.relative_to(ZONES))
    for path in ZONES.rglob("*")
    if path.is_file()
    and path.relative_to(ZONES).parts[0] not in ("right", "posix")
    and path.read_bytes()[:4] == b"TZif"
)
# Each takes one start of the program.
PARTS = [NAMES[start::8] for start in range(8)]


def zone_of(name: str) -> zoneinfo.ZoneInfo:
    with (ZONES / name).open("rb") as file:
        return zoneinfo.ZoneInfo.from_file(file, name)


def seconds(delta: timedelta | None) -> int:
    assert delta is not None
    return delta // timedelta(seconds=1)


def changes_of(names: list[str]) -> dict[str, list[int]]:
    answers = ask([("changes", name, FROM, UNTIL) for name in names])
    return {name: [int(word) for word in answer.split()] for name, answer in zip(names, answers, strict=True)}


def test_there_are_zones() -> None:
    assert len(NAMES) > 400


@pytest.mark.parametrize("names", PARTS, ids=lambda names: names[0])
def test_offsets(names: list[str]) -> None:
    chance = random.Random(4)
    questions = []
    for name, changes in changes_of(names).items():
        moments = {moment + step for moment in changes for step in (-1, 0)}
        moments |= {chance.randrange(FROM, UNTIL) for _ in range(100)}
        questions += [("at", name, moment) for moment in sorted(moments)]
    zones = {name: zone_of(name) for name in names}
    for (_, name, moment), answer in zip(questions, ask(questions), strict=True):
        told = (EPOCH + timedelta(seconds=moment)).replace(tzinfo=UTC).astimezone(zones[name])
        offset, _daylight, abbreviation = answer.split()
        assert (int(offset), abbreviation) == (seconds(told.utcoffset()), told.tzname()), (name, moment)


@pytest.mark.parametrize("names", PARTS, ids=lambda names: names[0])
def test_local_times(names: list[str]) -> None:
    zones = {name: zone_of(name) for name in names}
    changes = changes_of(names)
    questions = []
    for name in names:
        for moment in changes[name]:
            there = EPOCH + timedelta(seconds=moment)
            after = seconds(there.replace(tzinfo=UTC).astimezone(zones[name]).utcoffset())
            before = seconds((there - timedelta(seconds=1)).replace(tzinfo=UTC).astimezone(zones[name]).utcoffset())
            low, high = sorted((moment + before, moment + after))
            locals_ = {low - 1, low, (low + high) // 2, high - 1, high}
            questions += [("local", name, local) for local in sorted(locals_)]
    for (_, name, local), answer in zip(questions, ask(questions), strict=True):
        shown, told = answer.split()
        naive = EPOCH + timedelta(seconds=local)
        first = seconds(naive.replace(tzinfo=zones[name], fold=0).utcoffset())
        second = seconds(naive.replace(tzinfo=zones[name], fold=1).utcoffset())
        if first >= second:
            expected = ("once" if first == second else "twice", local - first)
        else:
            gaps = [change for change in changes[name] if change + first <= local < change + second]
            expected = ("never", gaps[0])
        assert (shown, int(told)) == expected, (name, local)


def test_what_is_no_zone() -> None:
    for name in ("Europe/Nowhere", "../../etc/passwd", "", "Europe", "/etc/localtime", "zone.tab"):
        assert ask([("at", name, 0)])[0].startswith("refused: ")

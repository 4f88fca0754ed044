# SPDX-License-Identifier: Apache-2.0
"""Holds calendar expressions to systemd's, and to a model that goes through Python's time zones."""

import os
import random
import re
import shutil
import subprocess
import zoneinfo
from datetime import UTC, date, datetime, time, timedelta

import pytest

from tests.support.calendar_peer import ask

EPOCH = datetime(1970, 1, 1)
SECOND = timedelta(seconds=1)
ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Africa/Cairo",
]
BASES = ["2026-03-01 00:00:00", "2026-10-20 12:34:56", "2027-12-31 23:59:59", "2019-01-01 00:00:00"]
DAILY = [
    "22:00",
    "Mon..Fri 22:00",
    "Monday..friday 3:05",
    "Sat,Sun 1:5",
    "Mon,Wed..Fri 06:30:15",
    "daily",
    "weekly",
    "monthly",
    "quarterly",
    "semiannually",
    "yearly",
    "annually",
    "*-*-01 03:30",
    "*-1/3-1",
    "1/3-1 04:00",
    "*-01..06/2-10..20/5 05:00",
    "12-24",
    "Mon *-*-1..7 4:00:30",
    "Fri *-*-13 13:13",
    "*-02-29",
    "2028,2030..2032/2-1,7-15 12:00",
    "2030/4-*-1 00:00",
    "Mon",
    "*-*-*",
]
OFTEN = ["minutely", "hourly", "*:0/15", "0/2:00", "*:*:0/20", "8..17:0,30", "Sat *:59:59", "10..12,22:5..7:3/30"]


def moment(text: str) -> int:
    return (datetime.fromisoformat(text) - EPOCH) // SECOND


def systemd(expression: str, base: str, count: int) -> list[int]:
    told = subprocess.run(
        ["systemd-analyze", "calendar", f"--iterations={count}", f"--base-time={base}", expression],
        env=dict(os.environ, TZ="UTC", LC_ALL="C"),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [moment(at) for at in re.findall(r"(?:elapse|#\d+): \w{3} (\S+ \S+) UTC", told)]


def ours(expression: str, base: str, count: int) -> list[str]:
    return ask([("next", expression, moment(base), count)])[0].split()


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze here")
@pytest.mark.parametrize("expression", DAILY)
def test_as_systemd_has_it(expression: str) -> None:
    """But for the days on which clocks skip the time: there systemd leaves it out."""
    for number, zone in enumerate(ZONES):
        base = BASES[number % len(BASES)]
        told = systemd(f"{expression} {zone}", base, 40)
        found = [int(at) for at in ours(f"{expression} {zone}", base, 60) if not at.endswith("!")]
        assert found[: len(told)] == told, zone
        assert told or not found


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze here")
@pytest.mark.parametrize("expression", OFTEN)
def test_as_systemd_has_it_many_times_a_day(expression: str) -> None:
    for base in BASES:
        told = systemd(f"{expression} UTC", base, 100)
        assert len(told) == 100
        assert [int(at) for at in ours(f"{expression} UTC", base, 100)] == told


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze here")
@pytest.mark.parametrize(
    "expression",
    [
        "Sat..Mon 01:00",
        "*:*/10",
        "22..2:00",
        "25:00",
        "12:60",
        "*-13-01",
        "Mon Tue",
        "Noday",
        "1:2:3:4",
        "-1:00",
        "1..:00",
        "1,:00",
        "1/0:00",
        ",1:00",
        "Mon,,Tue",
        "Mon.Fri",
        "5",
        "22:00 Nowhere/Town",
    ],
)
def test_what_systemd_refuses_is_refused(expression: str) -> None:
    done = subprocess.run(["systemd-analyze", "calendar", expression], capture_output=True, check=False)
    assert ask([("next", expression, 0, 1)])[0].startswith("refused: ")
    assert done.returncode != 0


def instant_of(local: datetime, zone: zoneinfo.ZoneInfo) -> tuple[int, bool]:
    """The first instant at which clocks show it, or at which they are put forward over it."""
    first, second = (local.replace(tzinfo=zone, fold=fold).utcoffset() or timedelta() for fold in (0, 1))
    if first >= second:
        return (local - first - EPOCH) // SECOND, False
    low, high = (local - second - EPOCH) // SECOND, (local - first - EPOCH) // SECOND
    while low < high:
        middle = (low + high) // 2
        shown = (EPOCH + timedelta(seconds=middle)).replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
        low, high = (low, middle) if shown >= local else (middle + 1, high)
    return low, True


# Weeks in which clocks change: by an hour, by half of one, by a whole day (Samoa left one out), at midnight.
WEEKS = [
    ("Europe/Berlin", date(2026, 3, 27)),
    ("Europe/Berlin", date(2026, 10, 23)),
    ("Europe/Berlin", date(2099, 10, 22)),
    ("America/New_York", date(2027, 3, 12)),
    ("America/New_York", date(2027, 11, 5)),
    ("Australia/Lord_Howe", date(2026, 4, 3)),
    ("Australia/Lord_Howe", date(2026, 10, 2)),
    ("Pacific/Apia", date(2011, 12, 28)),
    ("America/Havana", date(2026, 10, 30)),
    ("Africa/Cairo", date(2026, 4, 22)),
    ("America/St_Johns", date(1999, 4, 2)),
    ("Asia/Gaza", date(2026, 3, 26)),
    ("America/Nuuk", date(2026, 10, 23)),
]


def model(zone: str, first_day: date, hours: list[int], minutes: list[int]) -> dict[int, bool]:
    """Instants of five days, and whether every time that stands for them was moved."""
    found: dict[int, bool] = {}
    for number in range(5):
        for hour in hours:
            for minute in minutes:
                local = datetime.combine(first_day + timedelta(days=number), time(hour, minute))
                at, moved = instant_of(local, zoneinfo.ZoneInfo(zone))
                found[at] = found.get(at, True) and moved
    return dict(sorted(found.items()))


@pytest.mark.parametrize(("zone", "first_day"), WEEKS)
def test_when_clocks_change(zone: str, first_day: date) -> None:
    chance = random.Random(f"{zone}{first_day}")
    for _ in range(12):
        hours = sorted(chance.sample(range(24), chance.choice((1, 3, 24))))
        minutes = sorted(chance.sample(range(60), chance.choice((1, 2, 7))))
        expression = f"{','.join(map(str, hours))}:{','.join(map(str, minutes))} {zone}"
        expected = model(zone, first_day, hours, minutes)
        answer = ask([("next", expression, min(expected) - 1, len(expected))])[0].split()
        assert [int(at.rstrip("!")) for at in answer] == list(expected), expression
        # Of several times that come together, the one that clocks do show is not the first.
        assert {int(at.rstrip("!")) for at in answer if at.endswith("!")} >= {
            at for at, moved in expected.items() if moved
        }


@pytest.mark.parametrize(("zone", "first_day"), WEEKS)
def test_windows_when_clocks_change(zone: str, first_day: date) -> None:
    chance = random.Random(f"{first_day}{zone}")
    there = zoneinfo.ZoneInfo(zone)
    for _ in range(12):
        opens, closes = (chance.randrange(24 * 60) for _ in range(2))
        if opens == closes:
            continue
        text = f"{opens // 60:02}:{opens % 60:02}-{closes // 60:02}:{closes % 60:02} {zone}"
        spans = []
        for number in range(-3, 9):
            midnight = datetime.combine(first_day + timedelta(days=number), time())
            start = instant_of(midnight + timedelta(minutes=opens), there)[0]
            end = instant_of(midnight + timedelta(minutes=closes, days=closes < opens), there)[0]
            spans.append((start, end))
        begin, end = spans[3][0], spans[8][1]
        moments = [chance.randrange(begin, end) for _ in range(50)] + [at for span in spans[3:8] for at in span]
        answers = ask([("window", text, at) for at in moments])
        for at, answer in zip(moments, answers, strict=True):
            expected = next(span for span in spans if span[0] < span[1] and at < span[1])
            assert tuple(map(int, answer.split())) == expected, (text, at)

# SPDX-License-Identifier: Apache-2.0
"""Asks core/farm's time zones and calendars, through the program calendar_peer."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.support.farm import BUILD

ZONES = Path("/usr/share/zoneinfo")


def ask(questions: Sequence[tuple[object, ...]]) -> list[str]:
    """The answer to each question."""
    text = "".join("\t".join(str(field) for field in question) + "\n" for question in questions)
    done = subprocess.run(
        [BUILD / "tests/calendar_peer", ZONES], input=text, capture_output=True, text=True, check=True, timeout=120
    )
    answers = done.stdout.splitlines()
    assert len(answers) == len(questions)
    return answers

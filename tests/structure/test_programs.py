# SPDX-License-Identifier: Apache-2.0
"""What the programs as built show of themselves to the libraries they are linked with."""

import re
import subprocess

import pytest

from tests.support.farm import BUILD

PROGRAMS = ["assay", "assay-agent", "assay-sim", "assay-vboard", "assayd"]
# What `assay` loads at each start; more would be felt by who starts it a thousand times (docs/adr/0014).
LIBRARIES = {"libc", "libm", "libyaml", "libjansson", "libsodium", "libevent_core", "libevent_extra"}
WITH_SANITIZERS = LIBRARIES | {"libasan", "libubsan", "libtsan", "libelf"}  # where nothing unused is left out


@pytest.mark.parametrize("program", PROGRAMS)
def test_no_function_stands_in_for_one_of_a_library(program: str) -> None:
    """A function of ours named as one that a library uses itself would be called by the library in its place."""
    table = subprocess.run(
        ["nm", "-D", "--defined-only", BUILD / "bin" / program], check=True, capture_output=True, text=True
    ).stdout
    assert [line.split()[2] for line in table.splitlines() if line.split()[1] in "TtWi"] == []


def test_the_command_line_starts_with_few_libraries() -> None:
    about = subprocess.run(["readelf", "-d", BUILD / "bin/assay"], check=True, capture_output=True, text=True).stdout
    needed = re.findall(r"\(NEEDED\).*\[(lib[a-z_]+)", about)
    sanitized = {"libasan", "libtsan"} & set(needed)
    assert set(needed) <= (WITH_SANITIZERS if sanitized else LIBRARIES)
    assert "libjansson" in needed

# SPDX-License-Identifier: Apache-2.0
"""The manual pages say what the programs and schemas say, and are good mdoc."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.farm import BUILD, ROOT

PAGES = sorted((ROOT / "docs/man").glob("*.[158]"))


def rendered(page: Path) -> str:
    done = subprocess.run(
        ["man", "--warnings", "--encoding=UTF-8", "--local-file", page],
        capture_output=True,
        text=True,
        env={"LC_ALL": "C.UTF-8", "MANWIDTH": "500", "PATH": "/usr/bin:/bin", "MANROFFOPT": "-rLL=500n"},
    )
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return done.stdout.replace("\u2010", "-").replace("\u2212", "-")  # hyphen, minus


def options_in(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w-])--([a-z][a-z-]+)", text))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_page_is_good_mdoc(page: Path) -> None:
    text = rendered(page)
    assert "NAME" in text and "SEE ALSO" in text


def helps(program: str) -> str:
    """All that a program's help says, of assay that of every command."""
    argv = [str(BUILD / "bin" / program)]
    text = subprocess.run([*argv, "--help"], capture_output=True, text=True, check=True).stdout
    if program == "assay":
        for command in re.findall(r"^  ([a-z]+) ", text, re.M):
            text += subprocess.run([*argv, "help", command], capture_output=True, text=True, check=True).stdout
    return text


@pytest.mark.parametrize("program", ["assay", "assay-vboard", "assay-sim", "assay-agent", "assayd"])
def test_help_fits_a_terminal_of_eighty_columns(program: str) -> None:
    assert [line for line in helps(program).splitlines() if len(line) > 80] == []


@pytest.mark.parametrize(
    ("program", "page"),
    [
        ("assay", "assay.1"),
        ("assay-vboard", "assay-vboard.1"),
        ("assay-sim", "assay-sim.1"),
        ("assay-agent", "assay-agent.8"),
        ("assayd", "assayd.8"),
    ],
)
def test_a_page_has_the_options_the_program_has(program: str, page: str) -> None:
    known = options_in(helps(program)) - {"name"}  # a placeholder of the usage line
    told = options_in((ROOT / "docs/man" / page).read_text().replace("Fl -", "--").replace(" , -", " , --"))
    assert known - told == set(), "in the help, not in the manual"
    assert told - known - {"help", "version"} == set(), "in the manual, not in the help"


def test_the_page_of_the_command_line_has_every_command_and_status() -> None:
    text = rendered(ROOT / "docs/man/assay.1")
    overview = subprocess.run([BUILD / "bin/assay", "--help"], capture_output=True, text=True, check=True).stdout
    commands = re.findall(r"^  ([a-z]+) ", overview.split("Exit status")[0], re.M)
    assert len(commands) > 10
    for command in commands:
        assert re.search(rf"^ +{command}\b", text, re.M), command
    for status in re.findall(r"^ +(\d+)  ", overview.split("Exit status")[1], re.M):
        assert re.search(rf"^ +{status} +\S", text, re.M), status


def property_names(schema: Any) -> set[str]:
    """The names of all fields anywhere in a schema."""
    if isinstance(schema, list):
        return set().union(*(property_names(part) for part in schema))
    if not isinstance(schema, dict):
        return set()
    own = set(schema.get("properties", {})) if isinstance(schema.get("properties"), dict) else set()
    return own.union(*(property_names(part) for part in schema.values()))


@pytest.mark.parametrize(
    ("schemas", "page"),
    [(("job", "suite", "spec"), "assay-job.5"), (("rack", "board-type"), "assay-rack.5"), (("load",), "assay-sim.1")],
)
def test_a_page_has_the_fields_the_schema_has(schemas: tuple[str, ...], page: str) -> None:
    text = rendered(ROOT / "docs/man" / page)
    fields = set().union(
        *(property_names(json.loads((ROOT / f"schema/json/{name}.schema.json").read_text())) for name in schemas)
    )
    assert len(fields) > 10
    missing = {field for field in fields if not re.search(rf"(?<![\w-]){re.escape(field)}(?![\w-])", text)}
    assert missing == set()


def test_completion_offers_every_command_and_option() -> None:
    """Asks bash itself."""
    script = ROOT / "deploy/completions/assay.bash"

    def offers(line: str) -> set[str]:
        words = line.split(" ")
        ask = (
            f"source {script}; COMP_WORDS=({' '.join(repr(word) for word in words)}); "
            f"COMP_CWORD={len(words) - 1}; _assay; printf '%s\\n' \"${{COMPREPLY[@]}}\""
        )
        path = f"{BUILD / 'bin'}:/usr/bin:/bin"
        done = subprocess.run(["bash", "-c", ask], capture_output=True, text=True, env={"PATH": path})
        assert done.stderr == ""
        return set(done.stdout.split())

    overview = helps("assay").split("Exit status")[0]
    assert set(re.findall(r"^  ([a-z]+) ", overview, re.M)) <= offers("assay ")
    assert offers("assay sub") == {"submit"}
    assert {"--wait", "--json"} <= offers("assay submit --")
    formats = {"text", "json", "junit", "html", "idt-device", "idt-frq"}
    assert offers("assay report 1 --format ") == formats
    assert {"farm", "board", "job", "run"} <= offers("assay watch ")

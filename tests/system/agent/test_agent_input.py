# SPDX-License-Identifier: Apache-2.0
"""What the agent refuses, and how it says so."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.farm import ROOT
from tests.system.agent.conftest import AGENT, Rack, ended, firmware

MakeRack = Callable[..., Rack]


def agent(*argv: str | Path) -> subprocess.CompletedProcess[str]:
    words = [str(word) for word in (AGENT, *argv, "--types-dir", ROOT / "share/board-types")]
    return subprocess.run(words, capture_output=True, text=True, timeout=180, stdin=subprocess.DEVNULL)


@pytest.mark.parametrize("rack", ["deploy/demo/rack.yaml", "deploy/samples/rack.yaml"])
def test_check_says_what_a_rack_file_would_do(rack: str) -> None:
    done = agent("--check", ROOT / rack)
    assert done.returncode == 0, done.stderr
    assert "boards" in done.stdout and "power" in done.stdout


def test_check_names_file_line_and_field(tmp_path: Path) -> None:
    rack = tmp_path / "rack.yaml"
    rack.write_text("rack: r\nboards:\n  - name: a\n    type: mikrobit\n    virtual: {chip: nrf51, nick: user}\n")
    done = agent("--check", rack)
    assert done.returncode == 2
    assert f"{rack}:5: boards[0].virtual.nick" in done.stderr
    assert "mikrobit" in done.stderr
    assert agent("--check", tmp_path / "none.yaml").returncode == 2


def test_bad_usage(tmp_path: Path) -> None:
    assert agent("--no-such-option").returncode == 2
    assert agent("run", "--rack", "x").returncode == 2
    assert agent("--rack", tmp_path / "none.yaml").returncode == 2
    assert agent("--help").returncode == 0
    rack = ROOT / "deploy/demo/rack.yaml"
    done = agent("--rack", rack, "--daemon", "nowhere", "--state-dir", tmp_path / "st")
    assert done.returncode == 2 and "http://host:port" in done.stderr


def test_a_state_directory_that_cannot_be_one(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = agent("--rack", ROOT / "deploy/demo/rack.yaml", "--state-dir", tmp_path / "file/state")
    assert done.returncode != 0 and "file" in done.stderr


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "empty"), (b"\x7fELF" + b"\0" * 60, ""), (b":00000001FX\n", "")],
)
def test_an_image_that_is_none_is_the_runs_own_cause(
    make_rack: MakeRack, tmp_path: Path, content: bytes, words: str
) -> None:
    image = tmp_path / "image"
    image.write_bytes(content)
    status, messages, log = make_rack().run(image)
    assert status == 3, log
    assert ended(messages)["cause"] == "image-unavailable"
    assert words in ended(messages)["text"]


def test_an_image_for_another_board_is_not_written(make_rack: MakeRack) -> None:
    status, messages, _ = make_rack().run(firmware("suite", "netduinoplus2"))
    assert status == 3
    assert ended(messages)["cause"] == "image-unavailable"
    assert not any(one.get("step") == "power-on" for one in messages)


def test_two_agents_on_one_state_directory(make_rack: MakeRack) -> None:
    rack = make_rack()
    command = rack.command(firmware("hangs"))
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        first.stdout.readline()
        second = subprocess.run(command, capture_output=True, text=True, timeout=180)
        assert second.returncode == 2
        assert "another agent" in second.stderr and str(rack.state) in second.stderr
        first.terminate()
        first.stdout.read()
        first.wait(180)

# SPDX-License-Identifier: Apache-2.0
"""assay-sim as a program: what-ifs side by side, its page, its exit statuses, and a real farm's jobs done again."""

import json
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from tests.support.farm import BUILD, ROOT, Farm
from tests.support.processes import wait_until
from tests.support.rack_peer import peer_image

LAB = ROOT / "schema/json/examples/load/good/lab.yaml"
Json = dict[str, Any]


def sim(*argv: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([BUILD / "bin/assay-sim", *argv], capture_output=True, text=True, timeout=300)


def results(*argv: str | Path) -> list[Json]:
    done = sim(*argv, "--json")
    assert done.returncode == 0 and done.stderr == "", done.stderr
    found: list[Json] = json.loads(done.stdout)
    return found


def waits(result: Json) -> dict[str, int]:
    return {stream["name"]: stream["wait"]["mean_us"] for stream in result["streams"]}


def test_more_boards_less_waiting() -> None:
    before, after = results(LAB, "--set", "organisations.partner.cap=18", "--set", "boards.rack.count=36")
    assert after["label"] == "lab with organisations.partner.cap=18, boards.rack.count=36"
    assert after["boards"] == before["boards"] + 12
    assert after["runs"] == before["runs"] == before["finished"]
    assert waits(after)["qualification"] < waits(before)["qualification"] / 2


def test_several_loads_and_the_same_seed(tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(LAB.read_text().replace("seed: 7", "seed: 8"))
    first, again, another = results(LAB, LAB, other)
    for result in (first, again, another):
        del result["machine"]
    assert first == again
    assert first != another


class Page(HTMLParser):
    """Counts elements, and looks for anything that is loaded from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.loads: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.loads += [value or "" for name, value in attrs if name in ("src", "href")]
        assert tag != "script"

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_stands_alone(tmp_path: Path) -> None:
    load = tmp_path / "load.yaml"
    load.write_text(LAB.read_text())
    done = sim(load, "--set", "name=<b>&x</b>", "--html", tmp_path / "page.html")
    assert done.returncode == 1  # a name is a word
    done = sim(load, "--set", "boards.rack.count=30", "--html", tmp_path / "page.html")
    assert done.returncode == 0, done.stderr
    page = Page()
    page.feed((tmp_path / "page.html").read_text())
    assert page.loads == []
    assert page.seen.count("svg") == 2 * 4
    for word in ("lab with boards.rack.count=30", "qualification", "radio", "fairness (Jain's index)"):
        assert word in page.text
    assert "nan" not in (tmp_path / "page.html").read_text().lower().replace("nanosecond", "")


def test_exit_statuses(tmp_path: Path) -> None:
    for argv, status, words in (
        ([], 2, "nothing to simulate"),
        (["--set", "a=b"], 2, "nothing to simulate"),
        ([LAB, "--frobnicate"], 2, "usage:"),
        ([tmp_path / "absent.yaml"], 1, "absent.yaml"),
        ([LAB, "--set", "boards.desk.cuont=1"], 1, "did you mean"),
        ([LAB, "--html", tmp_path / "no/such/folder"], 1, "cannot write"),
        (["--record", tmp_path], 1, str(tmp_path)),
    ):
        done = sim(*argv)
        assert done.returncode == status, (argv, done.stderr)
        assert words in done.stderr, (argv, done.stderr)


def test_a_real_farm_is_done_again(tmp_path: Path) -> None:
    """Jobs of a farm with simulated racks, as the command line prints them."""
    farm = Farm(tmp_path)
    try:
        farm.start_daemon()
        farm.start_simulated(4, {"steps": {"flash": {"uniform": ["10ms", "30ms"]}}})
        wait_until("4 free boards", lambda: int(farm.get("farm")["boards"]["free"]) == 4)
        kept = farm.api("POST", "images?name=peer.hex", data=peer_image()).json()
        runs = "runs:\n  - {type: simulated, image: peer.hex, count: 6}\n"
        body = {"text": "name: j\nrequire: {tests: 4}\n" + runs, "images": {"peer.hex": kept["sha256"]}}
        jobs = [int(farm.api("POST", "jobs", json=body).json()["job"]["id"]) for _ in range(3)]
        real = [farm.wait_job(job) for job in jobs]
        recording = tmp_path / "recording.json"
        recording.write_text("".join(farm.cli("job", str(job), "--json").stdout for job in jobs))
    finally:
        farm.stop()
    (result,) = results("--record", recording)
    assert result["boards"] == 4
    assert result["finished"] == sum(len(job["runs"]) for job in real)
    took_us = sum(run["finished_at_us"] - run["assigned_at_us"] for job in real for run in job["runs"])
    assert result["board_us"] == took_us
    load = tmp_path / "fewer.yaml"
    load.write_text(
        "name: fewer\nhorizon: 1h\norganisations: []\nboards: [{name: b, type: simulated, count: 1}]\njobs: []\n"
    )
    (fewer,) = results("--record", recording, load)
    assert fewer["boards"] == 1
    assert fewer["makespan_us"] >= took_us
    assert fewer["makespan_us"] >= result["makespan_us"]

# SPDX-License-Identifier: Apache-2.0
"""Nights on a real farm of simulated boards: dropped, scheduled, run, summed up, compared, accepted; and what becomes
of them when something is in the way."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.farm import Farm
from tests.support.processes import wait_until
from tests.support.rack_peer import peer_image

Json = dict[str, Any]
SUITE = "name: smoke\nversion: 1\nrequire: {tests: 4, cases: [G.a, G.b]}\nend: {silence: 1s}\n"


@pytest.fixture
def farm(tmp_path: Path) -> Iterator[Farm]:
    made = Farm(tmp_path)
    made.start_daemon()
    (tmp_path / "smoke.yaml").write_text(SUITE)
    (tmp_path / "peer.hex").write_bytes(peer_image())
    assert made.cli("suites", "--put", "smoke.yaml").returncode == 0
    yield made
    made.stop()


def simulate(farm: Farm, outcomes: Json, boards: int = 4, **more: Any) -> None:
    """From now on the boards do this."""
    farm.end(farm.agent)
    farm.start_simulated(boards, {"outcomes": outcomes, **more})
    wait_until("the boards", lambda: [b["state"] for b in farm.boards().values()].count("idle") == boards, 60)


def schedule(farm: Farm, **more: Any) -> str:
    body = {
        "name": "nightly",
        "when": "yearly",
        "boards": 2,
        "retries": 0,
        "matrix": {"suites": ["smoke"], "types": ["simulated"], "images": ["drop:main"]},
        **more,
    }
    (farm.dir / "nightly.yaml").write_text(yaml.safe_dump(body, sort_keys=False))
    done = farm.cli("schedule", "add", "nightly.yaml")
    assert done.returncode == 0, done.stderr
    return done.stdout


def begin(farm: Farm) -> int:
    done = farm.cli("schedule", "run-now", "nightly", "--json")
    assert done.returncode == 0, done.stderr
    return int(json.loads(done.stdout)["night"])


def night(farm: Farm, number: int) -> Json:
    return dict(farm.get(f"nights/{number}")["night"])


def wait_summary(farm: Farm, number: int) -> Json:
    return wait_until(
        f"night {number} to be summed up", lambda: (found := night(farm, number))["summary"] and found, 120
    )


def test_two_nights_are_compared_and_accepted(farm: Farm) -> None:
    simulate(farm, {"pass": 1})
    assert farm.cli("drop", "main", "peer.hex").stdout == "drop main: version 1, 1 file\n"
    assert "stored, next " in schedule(farm)

    first = wait_summary(farm, begin(farm))
    cell = first["summary"]["cells"][0]
    assert (cell["suite"], cell["image"], cell["type"], cell["runs"], cell["lost"]) == (
        "smoke",
        "main",
        "simulated",
        2,
        0,
    )
    assert cell["passed"] == 4 and cell["failed"] == 0
    assert farm.get(f"jobs/{cell['job']}")["night"] == first["id"]
    assert farm.cli("nights", "accept", str(first["id"])).returncode == 0
    again = farm.cli("nights", "accept", str(first["id"]))
    assert again.returncode == 2 and "accepted already" in again.stderr

    simulate(farm, {"fail": 1})
    second = wait_summary(farm, begin(farm))
    comparison = second["summary"]["comparison"]
    assert second["before"] == first["id"]
    assert comparison["counts"]["new-failure"] == len(comparison["changes"]) > 0
    assert {change["kind"] for change in comparison["changes"]} == {"new-failure"}
    shown = farm.cli("nights", "show", str(second["id"]))
    assert shown.returncode == 1 and "New failures\n  simulated.simulated_2 [smoke, main on simulated]: failed 2 of 2" in shown.stdout, shown.stdout + shown.stderr

    listed = json.loads(farm.cli("nights", "list", "nightly", "--json").stdout)["nights"]
    assert [(one["id"], one["state"], one["accepted_by"]) for one in listed] == [
        (second["id"], "finished", None),
        (first["id"], "finished", "admin"),
    ]
    back = farm.cli("nights", "compare", str(second["id"]), str(first["id"]), "--json")
    assert json.loads(back.stdout)["comparison"]["counts"]["fixed"] == comparison["counts"]["new-failure"]
    page = farm.api("GET", f"nights/{second['id']}/report?format=html")
    assert page.status_code == 200 and "nightly, night" in page.text and "<svg" in page.text
    assert "http://" not in page.text and "https://" not in page.text and "<script" not in page.text


def test_what_cannot_be_run_says_why_and_the_rest_runs(farm: Farm) -> None:
    simulate(farm, {"pass": 1})
    assert farm.cli("drop", "main", "peer.hex").returncode == 0
    matrix = {"suites": ["smoke"], "types": ["simulated"], "images": ["drop:main", "drop:other", "drop:main/no.hex"]}
    schedule(farm, matrix=matrix)
    found = wait_summary(farm, begin(farm))
    whys = {cell["image"]: cell.get("why") for cell in found["summary"]["cells"]}
    assert whys == {
        "main": None,
        "other": "nothing was dropped under other",
        "main/no.hex": "version 1 of drop main has no file no.hex",
    }
    assert "Not run: smoke, other on simulated: nothing was dropped under other" in found["summary_text"]


def test_a_schedule_is_refused_for_what_the_farm_does_not_know(farm: Farm) -> None:
    simulate(farm, {"pass": 1})
    body = (
        "name: nightly\nwhen: daily\nmatrix: {suites: [nosuch], types: [nosuch], images: ['drop:main']}\n"
        "notify: {webhook: {url: 'https://ci.example/', secret: nosuch}}\n"
    )
    (farm.dir / "bad.yaml").write_text(body)
    done = farm.cli("schedule", "add", "bad.yaml")
    assert done.returncode == 2
    for field in ("matrix.suites", "matrix.types", "notify.webhook.secret"):
        assert f"{field}: found nosuch" in done.stderr, done.stderr


def test_overlapping_nights_wait_or_are_skipped_and_a_restart_changes_nothing(farm: Farm) -> None:
    simulate(farm, {"hang": 1}, boards=1)
    assert farm.cli("drop", "main", "peer.hex").returncode == 0
    schedule(farm, overlap="wait", boards=1)
    first, second, third = begin(farm), begin(farm), begin(farm)
    assert [night(farm, n)["state"] for n in (first, second, third)] == ["running", "waiting", "skipped"]
    assert night(farm, third)["text"] == f"night {second} waits already"

    farm.end(farm.daemon)
    farm.start_daemon()
    assert [night(farm, n)["state"] for n in (first, second, third)] == ["running", "waiting", "skipped"]
    assert farm.cli("schedule", "list", "--json").returncode == 0
    job = night(farm, first)["cells"][0]["job"]
    assert farm.api("POST", f"jobs/{job}/cancel").status_code == 200
    assert wait_summary(farm, first)["summary"]["comparison"]["runs_lost"] == 1
    wait_until("the next night to begin", lambda: night(farm, second)["state"] == "running", 60)
    schedule(farm, overlap="skip", boards=1)
    skipped = night(farm, begin(farm))
    assert (skipped["state"], skipped["text"]) == ("skipped", f"night {second} is still under way")
    assert farm.cli("schedule", "remove", "nightly").returncode == 0
    assert farm.get("schedules")["schedules"] == []


def test_a_schedule_runs_by_itself_when_it_is_due(farm: Farm) -> None:
    simulate(farm, {"pass": 1})
    assert farm.cli("drop", "main", "peer.hex").returncode == 0
    schedule(farm, when="*-*-* *:*:0/2", boards=1)
    wait_until("two nights by themselves", lambda: len(farm.get("nights")["nights"]) >= 2, 60)
    assert farm.cli("schedule", "pause", "nightly").returncode == 0
    nights = farm.get("nights")["nights"]
    assert all(one["due_us"] % 2_000_000 == 0 for one in nights)
    assert len({one["due_us"] for one in nights}) == len(nights)
    assert farm.get("schedules/nightly")["schedule"]["next_us"] is None

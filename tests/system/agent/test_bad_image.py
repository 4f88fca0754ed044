# SPDX-License-Identifier: Apache-2.0
"""An image that puts every board out of action that it meets, on an idle rack that is given more runs of it at once
than it has boards: it gets three, whatever becomes of the daemon, and a person lets it go on."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.farm import Farm
from tests.support.processes import wait_until
from tests.support.rack_peer import peer_image

Json = dict[str, Any]
BOARDS = 12
TRIAL = 3
BAD = {"outcomes": {"vanish": 1}, "away": "100ms"}


@pytest.fixture
def farm(tmp_path: Path) -> Iterator[Farm]:
    made = Farm(tmp_path)
    made.start_daemon()
    yield made
    made.stop()


def free(farm: Farm) -> int:
    return [board["state"] for board in farm.boards().values()].count("free")


def start_rack(farm: Farm, script: Json) -> None:
    farm.start_simulated(BOARDS, script)
    wait_until("the boards to be free", lambda: free(farm) == BOARDS)


def submit(farm: Farm, count: int, retries: int = 0) -> int:
    kept = farm.api("POST", "images?name=peer.hex", data=peer_image()).json()
    runs = f"runs: [{{type: simulated, image: peer.hex, count: {count}}}]\n"
    text = f"name: bad\nretries: {retries}\nrequire: {{tests: 4, cases: [G.a, G.b]}}\nend: {{silence: 1s}}\n{runs}"
    answer = farm.api("POST", "jobs", json={"text": text, "images": {"peer.hex": kept["sha256"]}})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["job"]["id"])


def queue(farm: Farm) -> list[Json]:
    return list(farm.get("queue")["queue"])


def cli(farm: Farm, *words: str) -> str:
    done = farm.cli(*words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def restart(farm: Farm, *more: str) -> None:
    assert farm.daemon is not None
    farm.daemon.kill()
    farm.daemon.wait(180)
    farm.start_daemon(*more)


def events_of(farm: Farm, kind: str) -> list[Json]:
    """The first events, of that type: those that are on disk."""
    return [event for event in farm.get("events?limit=1000")["events"] if event["type"] == kind]


def boards_that_had_it(farm: Farm, job: int) -> set[str]:
    return {run["board"] for run in farm.get(f"jobs/{job}")["runs"] if run["board"]}


def begun_before_one_ended(job: Json) -> int:
    """How many runs had a board at once at first."""
    first_us = min(run["finished_at_us"] for run in job["runs"])
    return sum(run["assigned_at_us"] < first_us for run in job["runs"])


def test_it_is_held_after_three_boards_and_stays_so(farm: Farm) -> None:
    start_rack(farm, BAD)
    job = submit(farm, 2 * BOARDS)
    held = wait_until("the image to be held", lambda: farm.get("held-images")["images"])
    assert {strike["cause"] for strike in held[0]["struck"]} == {"board-lost"} and len(held[0]["struck"]) == TRIAL
    wait_until("its boards to be free again", lambda: free(farm) == BOARDS)
    had = boards_that_had_it(farm, job)
    assert len(had) == TRIAL  # no fourth board ever met it
    wait_until("it to be durable", lambda: events_of(farm, "image.held"))

    restart(farm)
    wait_until("the boards to be free again", lambda: free(farm) == BOARDS)
    assert farm.get("held-images")["images"] == held
    waiting = queue(farm)
    assert len(waiting) == 2 * BOARDS - TRIAL and {run["reason"] for run in waiting} == {"image-held"}
    assert boards_that_had_it(farm, job) == had
    listed = cli(farm, "images")
    assert held[0]["sha256"][:12] in listed and "board-lost" in listed

    # a person lets it go on, and the next daemon knows
    cli(farm, "images", "release", held[0]["sha256"][:8], "--why", "mended")
    released = wait_until("it to be tried again", lambda: events_of(farm, "image.released"))
    assert released[0]["why"] == "mended"
    wait_until("it to be held once more", lambda: farm.get("held-images")["images"])
    assert len(boards_that_had_it(farm, job)) <= 2 * TRIAL


def test_a_strike_outlives_the_daemon(farm: Farm) -> None:
    """One board is lost to it before the daemon is killed: two more may be, not three."""
    start_rack(farm, BAD)
    first = submit(farm, 1)
    assert farm.wait_job(first)["verdict"] == "infrastructure"
    restart(farm)
    wait_until("the boards to be free again", lambda: free(farm) == BOARDS)
    second = submit(farm, 2 * BOARDS)
    held = wait_until("the image to be held", lambda: farm.get("held-images")["images"])
    had = boards_that_had_it(farm, first) | boards_that_had_it(farm, second)
    assert len(held[0]["struck"]) == TRIAL and {strike["board"] for strike in held[0]["struck"]} == had


def test_a_good_one_is_on_trial_once(farm: Farm) -> None:
    """Its first runs take a while: the others wait, and all go once the first board took a next run."""
    start_rack(farm, {"steps": {"verify": "1s"}})
    done = farm.wait_job(submit(farm, 2 * BOARDS))
    assert begun_before_one_ended(done) == TRIAL
    assert done["verdict"] == "passed" and len({run["board"] for run in done["runs"]}) == BOARDS
    assert farm.get("held-images") == {"images": [], "trials": []}

    restart(farm)
    wait_until("the boards to be free again", lambda: free(farm) == BOARDS)
    again = farm.wait_job(submit(farm, BOARDS))
    assert begun_before_one_ended(again) == BOARDS
    assert again["verdict"] == "passed"


def test_a_person_who_knows_better_ends_the_trial(farm: Farm) -> None:
    start_rack(farm, {"outcomes": {"hang": 1}})
    job = submit(farm, BOARDS)
    trial = wait_until("a trial", lambda: [one for one in farm.get("held-images")["trials"] if one["running"] == TRIAL])
    assert trial[0]["waiting"] == BOARDS - TRIAL
    waiting = queue(farm)
    assert {run["reason"] for run in waiting} == {"image-on-trial"} and waiting[0]["expected_at_us"]
    assert "it is new to simulated and has 3 boards at once" in waiting[0]["waits"]
    assert "image-on-trial" in cli(farm, "--json", "queue") and "simulated" in cli(farm, "images")
    cli(farm, "images", "release", trial[0]["sha256"], "--why", "a soak of days")
    wait_until("all boards to have it", lambda: free(farm) == 0)
    assert json.loads(cli(farm, "--json", "images")) == {"images": [], "trials": []}
    assert farm.api("POST", f"jobs/{job}/cancel").status_code in (200, 202)
    farm.wait_job(job)


def test_a_farm_without_trials(farm: Farm) -> None:
    restart(farm, "--image-trial-boards", "0")
    start_rack(farm, {"outcomes": {"hang": 1}})
    job = submit(farm, BOARDS)
    wait_until("all boards to have it", lambda: free(farm) == 0 and not queue(farm))
    assert farm.api("POST", f"jobs/{job}/cancel").status_code in (200, 202)
    farm.wait_job(job)

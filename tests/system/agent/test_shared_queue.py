# SPDX-License-Identifier: Apache-2.0
"""The shared queue over simulated racks: gangs, pre-emption, hours, dependencies, drains, caps and tokens, through
the daemon, its restart and the command line."""

import json
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from tests.support.farm import Farm
from tests.support.processes import wait_until
from tests.support.rack_peer import RackPeer, peer_image

Json = dict[str, Any]
REQUIRE = "require: {tests: 4, cases: [G.a, G.b]}\nend: {silence: 2m}\n"
SCRIPT: Json = {
    "rack-boards": 4,
    "site": "desk",
    "hubs": {"front": {"limit": 1}},
    "boards": [
        {"from": 1, "to": 2, "hub": "front", "tags": ["scope"]},
        {"from": 3, "features": {"psram": "8M"}},
        {"from": 8, "outcomes": {"hang": 1}},
    ],
}


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    """Two racks of four boards; sim2-4 hangs in every run until it is told to end."""
    made = Farm(tmp_path_factory.mktemp("farm"))
    made.start_daemon()
    made.start_simulated(8, SCRIPT)
    wait_until("eight boards", lambda: len(made.boards()) == 8)
    yield made
    made.stop()


def post(farm: Farm, runs: str, terms: str = "retries: 0\n") -> Any:
    kept = farm.api("POST", "images?name=peer.hex", data=peer_image()).json()
    text = f"name: shared\n{terms}{REQUIRE}runs:\n{runs}"
    return farm.api("POST", "jobs", json={"text": text, "images": {"peer.hex": kept["sha256"]}})


def submit(farm: Farm, runs: str, terms: str = "retries: 0\n") -> int:
    answer = post(farm, runs, terms)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["job"]["id"])


def waits(farm: Farm, job: int) -> Json:
    (entry,) = [entry for entry in farm.get("queue")["queue"] if entry["job"] == job]
    return dict(entry)


def runs_of(farm: Farm, job: int, cause: str = "all-required-seen") -> list[Json]:
    ended = farm.wait_job(job)
    assert {run["cause"] for run in ended["runs"]} == {cause}, ended["text"]
    return list(ended["runs"])


def test_sites_features_and_each_board(farm: Farm) -> None:
    (run,) = runs_of(farm, submit(farm, "  - {type: simulated, image: peer.hex, site: desk, features: {psram: 8M}}\n"))
    assert run["board"] == "sim1-3"
    refused = post(farm, "  - {type: simulated, image: peer.hex, site: moon}\n")
    assert refused.status_code == 422 and "it is at desk, not at moon" in refused.text
    each = runs_of(farm, submit(farm, "  - {type: simulated, image: peer.hex, boards: each, tags: [scope]}\n"))
    assert sorted(run["board"] for run in each) == ["sim1-1", "sim1-2"]
    several = runs_of(farm, submit(farm, "  - {type: simulated, image: peer.hex, boards: 3}\n"))
    assert len({run["board"] for run in several}) == 3


def test_all_at_once(farm: Farm) -> None:
    runs = runs_of(
        farm,
        submit(
            farm,
            "".join(f"  - {{board: sim2-{n}, image: peer.hex}}\n" for n in (1, 2, 3)),
            "retries: 0\ntogether: true\n",
        ),
    )
    assigned = [run["assigned_at_us"] for run in runs]
    assert max(assigned) < min(run["finished_at_us"] for run in runs)


def test_a_person_before_a_nightly(farm: Farm) -> None:
    nightly = submit(
        farm, "  - {board: sim2-4, image: peer.hex}\n", "retries: 0\npriority: 0\npreemptible: true\nparallel: 1\n"
    )
    wait_until("the nightly at work", lambda: farm.job(nightly)["runs"][0]["state"] == "running")
    person = submit(farm, "  - {board: sim2-4, image: peer.hex}\n", "retries: 0\npriority: 90\n")
    wait_until("the person's turn", lambda: farm.job(person)["runs"][0]["state"] == "running")
    first, second = farm.job(nightly)["runs"]
    assert (first["verdict"], first["cause"]) == ("cancelled", "preempted")
    assert second["state"] == "queued"
    for job in (nightly, person):
        assert farm.api("POST", f"jobs/{job}/cancel").status_code == 200
        farm.wait_job(job)
    wait_until("its board", lambda: farm.boards()["sim2-4"]["run"] is None)


def test_hours_and_dependencies_over_a_restart(farm: Farm) -> None:
    run = "  - {board: sim1-4, image: peer.hex}\n"
    later = submit(farm, run, "not-before: +1d\n")
    night = submit(farm, run, 'window: "Mon 03:00-03:01 Europe/Berlin"\nnot-before: 2199-01-01 00:00\n')
    after = submit(farm, run, f"after: [{later}]\n")
    anyway = submit(farm, run, f"after: [{later}]\nwhen: finished\n")
    assert "before which the job is not to start" in waits(farm, later)["waits"]
    assert waits(farm, after)["waits"] == f"for job {later} to pass"
    farm.end(farm.daemon, signal.SIGKILL)
    farm.start_daemon()
    assert waits(farm, anyway)["waits"] == f"for job {later} to be over"
    assert waits(farm, night)["reason"] == "not-before"
    assert farm.api("POST", f"jobs/{later}/cancel").status_code == 200
    runs_of(farm, after, "dependency")
    runs_of(farm, anyway)
    assert post(farm, run, f"after: [{after}]\n").status_code == 422
    runs_of(farm, submit(farm, run, f"after: [{after}]\nwhen: finished\n"))
    assert farm.api("POST", f"jobs/{night}/cancel").status_code == 200
    assert post(farm, run, "deadline: 2020-01-01 00:00\n").status_code == 422


def test_a_drain_is_explained_and_lasts(farm: Farm) -> None:
    said = farm.cli("racks", "drain", "sim1", "--why", "new cables")
    assert said.returncode == 0 and "takes nothing new" in said.stdout, said.stderr
    job = submit(farm, "  - {board: sim1-4, image: peer.hex}\n")
    farm.end(farm.daemon, signal.SIGKILL)
    farm.start_daemon()
    wait_until("sim1 again", lambda: farm.boards()["sim1-4"]["state"] not in ("offline",))
    run = waits(farm, job)["run"]
    (entry,) = farm.get(f"queue?run={run}")["queue"]
    (why,) = [board["why"] for board in entry["boards"] if board["board"] == "sim1-4"]
    assert why == "its host takes nothing new: drained by admin, new cables"
    assert "its host takes nothing new" in farm.cli("queue", str(run)).stdout
    assert f" {run}  {job} " in farm.cli("queue").stdout
    assert "drained by admin: new cables" in farm.cli("racks").stdout
    assert farm.cli("racks", "resume", "sim1").returncode == 0
    runs_of(farm, job)
    assert farm.cli("racks", "drain", "nowhere").returncode != 0


def test_a_cap_holds_and_is_lifted(farm: Farm) -> None:
    assert farm.cli("org", "set", "default", "--cap", "1", "--weight", "200").returncode == 0
    slip = farm.cli("org", "set", "defualt", "--cap", "1")
    assert slip.returncode == 2 and "assay org add" in slip.stderr
    assert farm.api("POST", "tokens", json={"name": "eve", "role": "member", "org": "partner"}).status_code == 201
    assert farm.cli("org", "set", "partner", "--weight", "50").returncode == 0
    assert farm.cli("org", "add", "partner").returncode == 2
    assert farm.cli("org", "add", "other", "--weight", "50").stdout.startswith("organisation other: added; weight 50")
    hanging = submit(farm, "  - {board: sim2-4, image: peer.hex}\n")
    job = submit(farm, "  - {board: sim2-1, image: peer.hex}\n")
    wait_until("the cap", lambda: waits(farm, job)["reason"] == "org-cap")
    farm.end(farm.daemon, signal.SIGKILL)
    farm.start_daemon()
    orgs = {org["name"]: (org["weight"], org["cap"]) for org in json.loads(farm.cli("org", "--json").stdout)["orgs"]}
    assert orgs == {"default": (200, 1), "partner": (50, None), "other": (50, None)}
    assert waits(farm, job)["reason"] in ("org-cap", "offline", "turn")
    assert farm.cli("org", "remove", "default").returncode == 0
    runs_of(farm, job)
    assert farm.api("POST", f"jobs/{hanging}/cancel").status_code == 200
    farm.wait_job(hanging)


def test_a_token_for_one_rack(farm: Farm) -> None:
    made = farm.cli("tokens", "add", "for-rack9", "--role", "agent", "--rack", "rack9")
    assert made.returncode == 0, made.stderr
    assert "rack9" in farm.cli("tokens").stdout
    assert farm.cli("tokens", "add", "odd", "--role", "member", "--rack", "rack9").returncode != 0
    token = made.stdout.strip()
    with RackPeer(farm.url, token, "rack8") as wrong:
        with pytest.raises(ConnectionClosed):
            wrong.hello([])
        refused = next(message for message in wrong.inbox if message["type"] == "refused")
        assert refused["field"] == "agent" and "rack9" in refused["expected"]
    with RackPeer(farm.url, token, "rack9") as right:
        right.hello([])

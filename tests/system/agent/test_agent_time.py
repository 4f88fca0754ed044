# SPDX-License-Identifier: Apache-2.0
"""What boards' time goes into: all of it, once, over a run, a crash and an orderly restart of the daemon."""

import json
import signal
from pathlib import Path
from typing import Any

from tests.support.farm import Farm
from tests.support.processes import wait_until
from tests.support.rack_peer import peer_image

Json = dict[str, Any]
KINDS = ["idle", "staging", "power", "flash", "running", "recovering", "checking", "leased", "offline"]
JOB = "name: simulated\nrequire: {tests: 4, cases: [G.a, G.b]}\nend: {silence: 1s}\n"


def board_time(farm: Farm, board: str) -> Json:
    """As told, and the sums of all its days."""
    told = farm.get(f"boards/{board}/time?days=31")
    for day in told["days"]:
        assert list(day["us"]) == KINDS
        assert day["sum_us"] == sum(day["us"].values()) <= 86_400_000_000
    for day in told["days"][1:-1]:
        assert day["sum_us"] == 86_400_000_000
    return {
        "until_us": told["until_us"],
        "kind": told["kind"],
        "sum_us": sum(day["sum_us"] for day in told["days"]),
        **{kind: sum(day["us"][kind] for day in told["days"]) for kind in KINDS},
    }


def first_us(farm: Farm, board: str) -> int:
    """When the farm must have begun with it, as its sum says."""
    told = board_time(farm, board)
    return int(told["until_us"] - told["sum_us"])


def wait_free(farm: Farm, count: int) -> None:
    wait_until("the boards", lambda: [one["state"] for one in farm.boards().values()].count("free") == count)


def run_job(farm: Farm, board: str) -> None:
    kept = farm.api("POST", "images?name=peer.hex", data=peer_image()).json()
    text = f"{JOB}runs:\n  - {{board: {board}, image: peer.hex}}\n"
    answer = farm.api("POST", "jobs", json={"text": text, "images": {"peer.hex": kept["sha256"]}})
    assert answer.status_code == 201, answer.text
    assert farm.wait_job(answer.json()["job"]["id"])["verdict"] == "passed"


def test_every_microsecond_is_told_once(tmp_path: Path) -> None:
    farm = Farm(tmp_path)
    try:
        farm.start_daemon()
        farm.start_simulated(2, {"steps": {"flash": {"uniform": ["20ms", "30ms"]}}})
        wait_free(farm, 2)
        begun_us = {board: first_us(farm, board) for board in ("sim1-1", "sim1-2")}
        run_job(farm, "sim1-1")
        used, spared = board_time(farm, "sim1-1"), board_time(farm, "sim1-2")
        assert used["flash"] > 0 and used["running"] > 0 and used["staging"] > 0 and used["idle"] > 0, used
        assert spared["flash"] == spared["running"] == spared["staging"] == spared["leased"] == 0, spared
        for end in (signal.SIGKILL, signal.SIGTERM):
            before = board_time(farm, "sim1-1")
            farm.end(farm.daemon, end)
            farm.start_daemon()
            wait_free(farm, 2)
            after = board_time(farm, "sim1-1")
            assert after["offline"] > before["offline"], (end, before, after)
            assert after["flash"] == before["flash"] and after["running"] == before["running"], (end, before, after)
            assert {board: first_us(farm, board) for board in begun_us} == begun_us, end
        sums = json.loads(farm.cli("--json", "farm", "--time").stdout)
        for group in ("by_type", "by_rack"):
            assert sum(one["boards"] for one in sums[group]) == sums["total"]["boards"] == 2
            for kind in KINDS:
                assert sum(one["us"][kind] for one in sums[group]) == sums["total"]["us"][kind]
        assert sums["total"]["sum_us"] == sum(sums["total"]["us"].values())
        assert sums["total"]["sum_us"] == 2 * sums["until_us"] - sum(begun_us.values())
        assert "% idle" in farm.cli("boards", "sim1-2", "--time", "--days", "1").stdout
        assert "simulated" in farm.cli("farm", "--time").stdout
        assert farm.cli("boards", "--time").returncode != 0
        assert farm.api("GET", "boards/nobody/time").status_code == 404
        assert farm.api("GET", "boards/sim1-1/time?days=32").status_code == 400
    finally:
        farm.stop()

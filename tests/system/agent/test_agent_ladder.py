# SPDX-License-Identifier: Apache-2.0
"""The recovery ladder on real tools: for each rung a fault that only it helps against, and one that nothing does."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.farm import Farm, virtual_board
from tests.support.processes import kill, wait_until
from tests.support.vboard_control import vboard_control
from tests.system.farm.test_verdicts import only_run, suite_job

Json = dict[str, Any]
LATCH_US = 900_000  # FAULT_LATCH_MS: what is latched up is free after so long without power


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    shared = Farm(tmp_path_factory.mktemp("ladder"), boards=[virtual_board("mb", "microbit")])
    try:
        yield shared.start()
    finally:
        shared.stop()


def fault(farm: Farm, name: str) -> None:
    assert vboard_control(farm.agent_state / "boards/mb", f"fault {name}")["ok"]


def recoveries(farm: Farm) -> list[Json]:
    return list(farm.get("boards/mb/recoveries")["recoveries"])


def recovery_after(farm: Farm, seen: int) -> Json:
    """The next recovery, once it has ended; the farm hears of it before the board is told to be free again."""

    def ended() -> Json | None:
        new = recoveries(farm)
        new = new[: len(new) - seen]
        return new[0] if new and new[0]["ended_at_us"] else None

    return dict(wait_until("a recovery to end", ended))


def results(recovery: Json) -> dict[str, str]:
    return {rung["rung"]: rung["result"] for rung in recovery["rungs"]}


def without_power_us(run: Json, recovery: Json) -> int:
    """At most: from where the run switched off to where contact was made anew, by the rack's clock."""
    off = next(step for step in run["steps"] if step["step"] == "power-off")
    return int(recovery["ended_at_us"] - off["begun_at_us"])


@pytest.mark.takes(8)
@pytest.mark.parametrize(
    ("name", "helper"),
    [
        ("port-stuck", "line-reset"),
        ("core-stuck", "target-reset"),
        ("port-shut", "under-reset"),
        ("probe-stuck", "usb-reset"),
        ("latched", "power-cycle"),
    ],
)
def test_each_rung_helps_against_its_fault(farm: Farm, name: str, helper: str) -> None:
    seen = len(recoveries(farm))
    fault(farm, name)
    done = farm.run_job({**suite_job("suite", "microbit"), "retries": 1})
    assert done["verdict"] == "passed", done["text"]  # the second attempt, on the board that was helped
    assert next(run["cause"] for run in done["runs"]) in {"attach", "probe"}
    recovery = recovery_after(farm, seen)
    if name == "latched" and recovery["helped_by"] == "look":
        assert without_power_us(done["runs"][0], recovery) > LATCH_US, recovery
        return  # a host so slow that between the run and the look there was no power for long enough
    assert (recovery["state"], recovery["helped_by"]) == ("helped", helper), recovery
    tried = results(recovery)
    assert list(tried)[-1] == helper and tried[helper] == "helped"
    assert tried["look"] == "failed", "the fault was gone before the rung that is meant for it"
    assert all(rung["took_us"] > 0 for rung in recovery["rungs"] if rung["result"] in {"helped", "failed"})
    kinds = [event["type"] for event in farm.get("events?board=mb&limit=1000")["events"]]
    assert kinds.count("recovery.begun") == kinds.count("recovery.ended") == len(recoveries(farm))


def recovered_from_a_dead_tool(farm: Farm) -> Json:
    farm.wait_idle()
    seen = len(recoveries(farm))
    for pid in wait_until("an OpenOCD", lambda: farm.children("openocd")):
        kill(pid)
    return recovery_after(farm, seen)


def test_a_tool_that_died_is_replaced(farm: Farm) -> None:
    recovery = recovered_from_a_dead_tool(farm)
    assert (recovery["cause"], recovery["helped_by"]) == ("probe", "probe-restart"), recovery
    assert results(recovery)["look"] == "unfit"
    farm.wait_idle()
    assert only_run(farm.run_job(suite_job("suite", "microbit")))["verdict"] == "passed"


def test_the_figures_tell_what_each_rung_is_worth(farm: Farm) -> None:
    recovered_from_a_dead_tool(farm)
    figures = farm.get("recoveries/figures")
    told = [
        rung["result"] for one in recoveries(farm) for rung in one["rungs"] if rung["result"] in {"helped", "failed"}
    ]
    for group in (figures["by_type"], figures["by_rack"]):
        assert sum(one["tried"] for one in group) == len(told)
        assert sum(one["helped"] for one in group) == told.count("helped")
        assert all(bool(one["helped"]) == bool(one["median_us"]) for one in group), group
        assert all(one["median_us"] <= one["p90_us"] for one in group)
    assert {one["board_type"] for one in figures["by_type"]} <= {"microbit"}
    assert {one["agent"] for one in figures["by_rack"]} <= {"rack1"}
    shown = farm.cli("health").stdout
    assert "probe-restart" in shown and "microbit" in shown, shown


@pytest.mark.takes(25)
def test_when_none_helps_the_board_is_offline_until_it_answers_and_the_account_says_why(tmp_path: Path) -> None:
    board = virtual_board("mb", "microbit", **{"reset-line": False})
    farm = Farm(tmp_path, boards=[board])
    try:
        farm.start()
        fault(farm, "dead")
        done = farm.run_job({**suite_job("suite", "microbit"), "retries": 0})
        assert done["verdict"] == "infrastructure"
        wait_until("the board to be looked for", lambda: "looked for: attach" in farm.boards()["mb"]["reason"])
        assert farm.boards()["mb"]["state"] == "offline"
        recovery = recovery_after(farm, 0)
        assert (recovery["state"], recovery["helped_by"]) == ("exhausted", "")
        tried = results(recovery)
        assert tried["under-reset"] == "absent", tried
        assert tried["power-cycle"] == "failed", tried
        assert "reset line" in next(one["text"] for one in recovery["rungs"] if one["rung"] == "under-reset")
        # Told again over a new connection, it changes nothing.
        events = [event for event in farm.get("events?board=mb&limit=1000")["events"] if "recovery" in event["type"]]
        farm.end(farm.daemon)
        farm.start_daemon()
        wait_until("the agent to be back", lambda: "looked for" in farm.boards()["mb"]["reason"])
        assert recoveries(farm) == [recovery]
        after = [event for event in farm.get("events?board=mb&limit=1000")["events"] if "recovery" in event["type"]]
        assert after == events
        # Nobody but the board has to do anything.
        fault(farm, "none")
        farm.wait_idle()
        assert only_run(farm.run_job(suite_job("suite", "microbit")))["verdict"] == "passed"
    finally:
        farm.stop()

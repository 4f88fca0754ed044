# SPDX-License-Identifier: Apache-2.0
"""The network suite: a board with an interface talks to the gateway of QEMU's user network, one without is not asked
to, and a network in which nobody answers is a failure."""

from typing import Any

from tests.support.farm import FIRMWARE, PATIENT, Farm, virtual_board
from tests.system.farm.conftest import FarmMaker

CASES = ["link_up", "mac_address", "arp_answers", "frame_sizes", "nothing_lost"]
Json = dict[str, Any]


def network_run(farm: Farm, board_type: str, image: str = "", **more: Any) -> Json:
    path = FIRMWARE / (image or f"suite-network-{board_type}.elf")
    runs = [{"type": board_type, "image": str(path)}]
    job = {"name": "network", "suite": "reference-network", "end": dict(PATIENT), "runs": runs, **more}
    done = farm.run_job(job)["runs"]
    assert len(done) == 1, [(run["cause"], run["text"]) for run in done]
    return dict(done[0])


def verdicts_of(run: Json) -> dict[str, str]:
    return {case["name"]: case["verdict"] for case in run["cases"] if case["group"] == "Network"}


def test_the_network_suite_passes_and_measures(farm: Farm) -> None:
    run = network_run(farm, "mps2-an385")
    assert (run["verdict"], run["cause"]) == ("passed", "all-required-seen"), run["text"]
    assert verdicts_of(run) == dict.fromkeys(CASES, "pass")
    (case,) = [case for case in run["cases"] if case["name"] == "nothing_lost"]
    measured = {value["name"]: value["value"] for value in case["measurements"]}
    assert measured["lost"] == 0
    assert 0 < measured["round-trip"] <= measured["round-trip-longest"], measured


def test_a_board_without_an_interface_says_so(farm: Farm) -> None:
    """It may leave them out, and then nothing was tested, which is no pass."""
    run = network_run(farm, "microbit")
    assert verdicts_of(run) == dict.fromkeys(CASES, "ignored")
    assert (run["verdict"], run["cause"]) == ("inconclusive", "no-result"), run["text"]


def test_a_port_on_its_first_day_passes_the_baseline_stage(farm: Farm) -> None:
    run = network_run(farm, "mps2-an385", "suite-network-template.elf", stage="baseline")
    assert (run["verdict"], run["cause"]) == ("passed", "passed-expected"), run["text"]
    assert verdicts_of(run) == dict.fromkeys(CASES, "fail")


def test_a_network_where_nobody_answers_fails(make_farm: FarmMaker) -> None:
    """The rack's entry does not say `nic: user`: the board's interface is there, and at the end of no wire."""
    farm = make_farm(boards=[virtual_board("an", "mps2-an385")]).start()
    run = network_run(farm, "mps2-an385")
    assert (run["verdict"], run["cause"]) == ("failed", "case-failed"), run["text"]
    verdicts = verdicts_of(run)
    assert [verdicts[name] for name in CASES[2:]] == ["fail"] * 3, verdicts
    messages = [case["message"] for case in run["cases"] if case["verdict"] == "fail"]
    assert all("the gateway does not answer to ARP" in message for message in messages), messages

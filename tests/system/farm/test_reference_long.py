# SPDX-License-Identifier: Apache-2.0
"""The long reference suite, whose cases go on over resets and power cuts that the farm carries out; and a port on its
first day, which the baseline stage passes exactly when everything fails."""

from typing import Any

import pytest

from tests.support.farm import FIRMWARE, PATIENT, Farm

BOARDS = ["microbit", "netduinoplus2", "mps2-an385"]
Json = dict[str, Any]


def run_of(farm: Farm, job: Json) -> Json:
    runs = farm.run_job(job)["runs"]
    assert len(runs) == 1, [(run["cause"], run["text"]) for run in runs]
    return dict(runs[0])


def long_job(board_type: str, image: str = "", suite: str = "reference-long", **more: Any) -> Json:
    path = FIRMWARE / (image or f"suite-long-{board_type}.elf")
    end = {**PATIENT, **more.pop("end", {})}
    return {"name": "long", "suite": suite, "end": end, "runs": [{"type": board_type, "image": str(path)}], **more}


def asks_of(run: Json) -> list[str]:
    return [step["step"] for step in run["steps"] if step["step"].startswith("ask-")]


@pytest.mark.parametrize("board_type", BOARDS)
def test_the_long_suite_passes(farm: Farm, board_type: str) -> None:
    run = run_of(farm, long_job(board_type))
    assert (run["verdict"], run["cause"]) == ("passed", "all-required-seen"), run["text"]
    cases = {f"{case['group']}.{case['name']}": case["verdict"] for case in run["cases"]}
    if board_type == "mps2-an385":  # no flash, nothing that tells why it started; but a watchdog
        assert asks_of(run) == ["ask-self-reset"] * 2
        assert cases["Reset.watchdog"] == "pass"
        return
    assert asks_of(run).count("ask-power-cut") == 4
    assert asks_of(run).count("ask-power-cycle") == 2
    assert asks_of(run).count("ask-reset") == 2
    for name in ("Reset.power_cause", "Retention.survives_power_cut", "Update.survives_power_cut"):
        assert cases[name] == "pass", name
    captures = [step for step in run["steps"] if step["step"] == "capture"]
    assert len(captures) == 1 and captures[0]["took_us"] > 0, captures


@pytest.mark.takes(63)
def test_a_board_may_not_ask_for_more_than_the_job_allows(farm: Farm) -> None:
    """Two of its own resets are allowed; the power cycle is not carried out, and the case says so."""
    run = run_of(farm, long_job("microbit", end={"asks": 2, "silence": "30s"}))
    assert run["verdict"] == "failed", run["text"]
    assert asks_of(run) == ["ask-self-reset"] * 2
    case = next(case for case in run["cases"] if case["name"] == "power_cause")
    assert case["verdict"] == "fail" and "did not come" in case["message"], case


@pytest.mark.parametrize("suite", ["reference", "reference-long"])
def test_a_port_on_its_first_day_passes_the_baseline_stage(farm: Farm, suite: str) -> None:
    image = "suite-template.elf" if suite == "reference" else "suite-long-template.elf"
    job = long_job("mps2-an385", image, suite=suite, stage="baseline")
    run = run_of(farm, job)
    assert (run["verdict"], run["cause"]) == ("passed", "passed-expected"), run["text"]
    assert run["counts"]["passed"] == 0


def test_a_port_that_works_does_not_pass_the_baseline_stage(farm: Farm) -> None:
    run = run_of(farm, long_job("mps2-an385", "suite-mps2-an385.elf", suite="reference", stage="baseline"))
    assert (run["verdict"], run["cause"]) == ("failed", "unexpected-pass"), run["text"]


def test_a_port_on_its_first_day_does_not_pass_the_full_stage(farm: Farm) -> None:
    run = run_of(farm, long_job("mps2-an385", "suite-template.elf", suite="reference"))
    assert (run["verdict"], run["cause"]) == ("failed", "case-failed"), run["text"]

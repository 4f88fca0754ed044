# SPDX-License-Identifier: Apache-2.0
"""Limits, baselines, waivers and expected failures, end to end on a virtual board: what a suite says beyond names
decides the verdict, and the record says why."""

import time
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.support.farm import FIRMWARE, PATIENT, UNTIL_SILENT, Farm

Json = dict[str, Any]
BOARD = "microbit"
MARK = b"measure latency 0000012.50 us"


def measuring(tmp_path: Path, value: float) -> Path:
    """The image, with another value in the place of the one it prints."""
    image = (FIRMWARE / f"measures-{BOARD}.elf").read_bytes()
    assert image.count(MARK) == 1
    path = tmp_path / f"measures-{value}.elf"
    path.write_bytes(image.replace(MARK, b"measure latency %010.2f us" % value))
    return path


def job(image: Path, case: Json | str, **more: Any) -> Json:
    return {
        "name": "judging",
        "require": {"summaries": 1, "groups": [{"name": "Input", "cases": [case]}], **more},
        "end": {"when": "summary", **PATIENT},
        "runs": [{"type": BOARD, "image": str(image)}],
    }


def latency(**limits: Any) -> Json:
    measure = [{"name": "latency", "unit": "us", **limits}]
    return {"name": "measures", "category": "performance", "measure": measure}


def run_of(farm: Farm, what: Json) -> Json:
    done = farm.run_job(what)
    assert len(done["runs"]) == 1, done["runs"]
    return dict(done["runs"][0])


def case(run: Json, name: str) -> Json:
    return next(dict(one) for one in run["cases"] if f"{one['group']}.{one['name']}" == name)


def known_failure() -> Json:
    return job(FIRMWARE / f"fails-{BOARD}.elf", "fails")


def ask_waiver(farm: Farm, **more: Any) -> requests.Response:
    body = {"board_type": BOARD, "case": "Input.fails", "reason": "erratum 7", **more}
    body.setdefault("until_us", time.time_ns() // 1000 + 3600 * 10**6)
    return farm.api("POST", "waivers", json=body)


def give_waiver(farm: Farm, **more: Any) -> Json:
    answer = ask_waiver(farm, **more)
    assert answer.status_code == 201, answer.text
    return dict(answer.json()["waiver"])


def test_a_limit_that_is_met(farm: Farm, tmp_path: Path) -> None:
    run = run_of(farm, job(measuring(tmp_path, 12.5), latency(min=1, max=20)))
    assert (run["verdict"], run["cause"]) == ("passed", "all-required-seen"), run["text"]
    measured = case(run, "Input.measures")
    assert (measured["verdict"], measured["category"], measured["standing"]) == ("pass", "performance", "")
    (value,) = measured["measurements"]
    assert (value["name"], value["value"], value["unit"], value["verdict"]) == ("latency", 12.5, "us", "ok")
    assert (value["low"], value["high"]) == (1, 20)
    console = farm.api("GET", f"runs/{run['id']}/console?from={value['offset']}&to={value['end']}").content
    assert b"measure latency 0000012.50 us" in console
    shown = farm.cli("run", str(run["id"])).stdout
    assert "latency" in shown and "12.5" in shown and "≤ 20" in shown


def test_a_limit_that_is_passed(farm: Farm, tmp_path: Path) -> None:
    run = run_of(farm, job(measuring(tmp_path, 21.25), latency(max=20)))
    assert (run["verdict"], run["cause"]) == ("failed", "limit"), run["text"]
    assert "latency 21.25 us, at most 20" in run["text"]
    measured = case(run, "Input.measures")
    assert (measured["verdict"], measured["measurements"][0]["verdict"]) == ("fail", "out")
    assert run["counts"]["failed"] == 1


def test_a_value_that_does_not_come(farm: Farm, tmp_path: Path) -> None:
    what = latency(max=20)
    what["measure"].append({"name": "jitter", "unit": "us", "max": 1})
    run = run_of(farm, job(measuring(tmp_path, 12.5), what))
    assert (run["verdict"], run["cause"]) == ("failed", "measure-missing"), run["text"]
    assert "jitter was not printed" in run["text"]


@pytest.mark.takes(15)
def test_a_regression_against_what_was_accepted(farm: Farm, tmp_path: Path) -> None:
    """Nothing accepted: not judged. Then 10 % over the median of three is the limit; the verdict has the numbers."""
    relative = latency(worse="10%")
    before = run_of(farm, job(measuring(tmp_path, 40), relative))
    assert before["cause"] == "all-required-seen"
    (value,) = case(before, "Input.measures")["measurements"]
    assert value["verdict"] == "unjudged" and "no baseline yet" in value["basis"]
    for accepted in (40, 42, 41):
        number = farm.submit(job(measuring(tmp_path, accepted), latency(max=100)))
        farm.wait_job(number)
        done = farm.cli("baseline", "accept", str(number))
        assert done.returncode == 0 and " values accepted" in done.stdout, done.stderr
        again = farm.api("POST", "baselines", json={"job": number}).json()
        assert again["accepted"] == 0
    (baseline,) = [b for b in farm.get("baselines")["baselines"] if b["case"] == "Input.measures"]
    assert (baseline["median"], baseline["mad"], baseline["count"]) == (41, 1, 3)
    good = run_of(farm, job(measuring(tmp_path, 45), relative))
    assert good["cause"] == "all-required-seen", good["text"]
    (value,) = case(good, "Input.measures")["measurements"]
    assert value["verdict"] == "ok" and value["high"] == pytest.approx(45.1)
    worse = run_of(farm, job(measuring(tmp_path, 45.5), relative))
    assert (worse["verdict"], worse["cause"]) == ("failed", "regression"), worse["text"]
    assert "latency 45.5 us, at most 45.1 (median 41 us, mad 1 of 3 accepted" in worse["text"]
    spread = run_of(farm, job(measuring(tmp_path, 43.5), latency(worse="2 mad")))
    assert spread["cause"] == "regression", spread["text"]


def test_what_cannot_be_accepted(farm: Farm) -> None:
    number = farm.submit(known_failure())
    farm.wait_job(number)
    answer = farm.api("POST", "baselines", json={"job": number})
    assert answer.status_code == 409 and "no run of the job passed" in answer.text
    assert farm.api("POST", "baselines", json={"job": 99999}).status_code == 404
    assert farm.api("POST", "baselines", json={"job": "x"}).status_code == 422


def test_a_waived_failure_is_shown_as_waived(farm: Farm) -> None:
    assert run_of(farm, known_failure())["cause"] == "case-failed"
    waiver = give_waiver(farm)
    run = run_of(farm, known_failure())
    assert (run["verdict"], run["cause"]) == ("passed", "passed-waived"), run["text"]
    failed = case(run, "Input.fails")
    assert (failed["verdict"], failed["standing"], failed["waiver"]) == ("fail", "waived", waiver["id"])
    assert (run["counts"]["waived"], run["counts"]["failed"]) == (1, 0)
    assert "waived" in farm.cli("run", str(run["id"])).stdout
    done = farm.cli("waiver", "withdraw", str(waiver["id"]))
    assert done.returncode == 0, done.stderr
    assert run_of(farm, known_failure())["cause"] == "case-failed"
    kept = next(one for one in farm.get("waivers")["waivers"] if one["id"] == waiver["id"])
    assert kept["state"] == "withdrawn"


def test_an_expired_waiver_covers_nothing(farm: Farm) -> None:
    for ahead_us in (1_500_000, 15_000_000, 150_000_000):  # still to come when the daemon hears of it
        until_us = time.time_ns() // 1000 + ahead_us
        answer = ask_waiver(farm, until_us=until_us)
        if answer.status_code == 201:
            break
        assert time.time_ns() // 1000 >= until_us, answer.text
    waiver = dict(answer.json()["waiver"])
    while time.time_ns() // 1000 <= until_us:
        time.sleep(0.05)
    assert run_of(farm, known_failure())["cause"] == "case-failed"
    kept = next(one for one in farm.get("waivers")["waivers"] if one["id"] == waiver["id"])
    assert kept["state"] == "expired"


def test_a_waiver_covers_no_crash(farm: Farm) -> None:
    waiver = give_waiver(farm, case="Input.*")
    crashes = job(FIRMWARE / f"crashes-{BOARD}.elf", "crashes")
    crashes["end"].update(UNTIL_SILENT)
    run = run_of(farm, crashes)
    assert (run["verdict"], run["cause"]) == ("failed", "crash"), run["text"]
    assert farm.api("DELETE", f"waivers/{waiver['id']}").status_code == 200


def test_waivers_and_baselines_outlive_the_daemon(farm: Farm, tmp_path: Path) -> None:
    waiver = give_waiver(farm, case="Input.other", intermittent=True)
    before = farm.get("baselines")
    number = farm.submit(job(measuring(tmp_path, 41), latency(worse="10%")))
    farm.wait_job(number)
    farm.end(farm.daemon)
    farm.start_daemon()
    farm.wait_idle()
    assert next(one for one in farm.get("waivers")["waivers"] if one["id"] == waiver["id"]) == waiver
    assert farm.get("baselines") == before
    assert farm.api("DELETE", f"waivers/{waiver['id']}").status_code == 200


@pytest.mark.parametrize(
    ("change", "status", "told"),
    [
        ({"board_type": "Not One"}, 422, "board_type"),
        ({"case": "nodot"}, 422, "case"),
        ({"reason": ""}, 422, "reason"),
        ({"until_us": 1}, 422, "until_us"),
        ({"until_us": 2**52}, 422, "until_us"),
        ({"until": "tomorrow"}, 422, "until"),
    ],
)
def test_a_bad_waiver_is_refused(farm: Farm, change: Json, status: int, told: str) -> None:
    body = {
        "board_type": BOARD,
        "case": "Input.fails",
        "reason": "erratum 7",
        "until_us": time.time_ns() // 1000 + 3600 * 10**6,
        **change,
    }
    answer = farm.api("POST", "waivers", json=body)
    assert answer.status_code == status and told in answer.json()["error"]["message"], answer.text


def test_expected_failures(farm: Farm) -> None:
    """A case that is known to fail must fail; at stage baseline every case must."""
    expected = {"name": "fails", "expect": "fail"}
    run = run_of(farm, job(FIRMWARE / f"fails-{BOARD}.elf", expected))
    assert (run["verdict"], run["cause"]) == ("passed", "passed-expected"), run["text"]
    assert run["counts"]["expected"] == 1
    whole = {"name": "baseline", "suite": "reference", "stage": "baseline", "end": dict(PATIENT)}
    run = run_of(farm, {**whole, "runs": [{"type": BOARD, "image": str(FIRMWARE / f"suite-{BOARD}.elf")}]})
    assert (run["verdict"], run["cause"]) == ("failed", "unexpected-pass"), run["text"]


def test_a_feature_that_the_board_lacks(farm: Farm) -> None:
    what = known_failure()
    what["require"]["features"] = {"teleport": True}
    done = farm.cli("submit", farm.write_job(what, "teleport.yaml"))
    assert done.returncode == 2 and "teleport: true" in done.stderr, (done.returncode, done.stdout, done.stderr)
    optional = job(FIRMWARE / f"suite-{BOARD}.elf", {"name": "fails", "when": {"teleport": True}})
    assert run_of(farm, optional)["cause"] == "all-required-seen"

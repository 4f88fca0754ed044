# SPDX-License-Identifier: Apache-2.0
"""The main job, end to end: every image on every virtual board gets the verdict it deserves, its cause and its case."""

import json
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from tests.support.farm import FIRMWARE, IMAGES, PATIENT, UNTIL_SILENT, Farm

BOARDS = ["microbit", "netduinoplus2", "mps2-an385"]
ENDS_SILENT = {"hangs", "crashes", "silent"}
Json = dict[str, Any]


def suite_job(image: str, board_type: str) -> Json:
    run = {"type": board_type, "image": str(FIRMWARE / f"{image}-{board_type}.elf")}
    end = dict(UNTIL_SILENT if image in ENDS_SILENT else PATIENT)
    return {"name": f"{image} on {board_type}", "suite": "reference", "end": end, "runs": [run]}


def only_run(job: Json) -> Json:
    assert len(job["runs"]) == 1, job["runs"]
    return dict(job["runs"][0])


def case(run: Json, name: str) -> Json:
    return next(dict(one) for one in run["cases"] if f"{one['group']}.{one['name']}" == name)


@pytest.mark.parametrize("board_type", BOARDS)
def test_the_reference_suite_passes(farm: Farm, board_type: str) -> None:
    job = farm.run_job(suite_job("suite", board_type))
    run = only_run(job)
    assert (job["verdict"], run["verdict"], run["cause"]) == ("passed", "passed", "all-required-seen"), run["text"]
    assert run["counts"]["passed"] + run["counts"]["ignored"] == 51
    assert run["counts"]["ignored"] == {"microbit": 6, "netduinoplus2": 4, "mps2-an385": 9}[board_type]
    steps = [step["step"] for step in run["steps"] if step["phase"] == "forward"]
    for step in ("power-on", "attach", "identify", "flash", "verify", "reset", "capture", "judge"):
        assert step in steps, steps
    assert run["steps"][-1]["step"] == "power-off"


@pytest.mark.parametrize("board_type", BOARDS)
@pytest.mark.parametrize(
    ("image", "verdict", "cause", "case_verdict"),
    [
        ("fails", "failed", "case-failed", "fail"),
        ("hangs", "failed", "hang", "crashed"),
        ("crashes", "failed", "crash", "crashed"),
        ("lockup", "failed", "crash", "crashed"),
        ("reboots", "failed", "reboot", "crashed"),
    ],
)
def test_images_that_misbehave_fail_with_their_cause(
    farm: Farm, board_type: str, image: str, verdict: str, cause: str, case_verdict: str
) -> None:
    run = only_run(farm.run_job(suite_job(image, board_type)))
    assert (run["verdict"], run["cause"]) == (verdict, cause), run["text"]
    assert case(run, f"Input.{image}")["verdict"] == case_verdict
    assert "Input" in run["text"]
    assert case(run, "Hello.boots")["verdict"] == "pass"


@pytest.mark.parametrize("board_type", BOARDS)
def test_silence_is_not_called_a_failure_of_anything(farm: Farm, board_type: str) -> None:
    run = only_run(farm.run_job(suite_job("silent", board_type)))
    assert (run["verdict"], run["cause"]) == ("inconclusive", "no-output"), run["text"]


@pytest.mark.parametrize("image", ["suite-microbit.hex", "suite-microbit.bin"])
def test_other_image_formats_run_too(farm: Farm, image: str) -> None:
    job = suite_job("suite", "microbit")
    job["runs"][0]["image"] = str(FIRMWARE / image)
    assert only_run(farm.run_job(job))["verdict"] == "passed"


def test_flash_is_skipped_only_when_the_board_proves_it(farm: Farm) -> None:
    def flash_text(image: str) -> str:
        run = only_run(farm.run_job(suite_job(image, "microbit")))
        text: str = next(step["text"] for step in run["steps"] if step["step"] == "flash")
        return text

    flash_text("fails")
    assert "skipped" not in flash_text("suite")
    assert "skipped" in flash_text("suite")
    assert "skipped" not in flash_text("fails")


FOREIGN = [
    ("rtos", "microbit", 18, 3),
    ("rtos", "netduinoplus2", 20, 4),  # two cases of floating point registers
    ("rtos", "mps2-an385", 18, 3),
]


@pytest.mark.parametrize(("image", "board_type", "tests", "summaries"), FOREIGN)
def test_foreign_rtos_firmware_is_judged_unchanged(
    farm: Farm, image: str, board_type: str, tests: int, summaries: int
) -> None:
    path = IMAGES / f"{image}-{board_type}.elf"
    if not path.exists():
        pytest.skip("the FreeRTOS images need cargo to fetch the kernel's sources")
    job = {
        "name": image,
        "require": {"tests": tests, "summaries": summaries},
        "end": {"when": "required", **PATIENT},
        "runs": [{"type": board_type, "image": str(path)}],
    }
    run = only_run(farm.run_job(job))
    assert run["verdict"] == "passed", run["text"]
    failing = {
        **job,
        "require": {"tests": tests - 4, "summaries": summaries},  # one case more, five rounds less
        "runs": [{"type": board_type, "image": str(IMAGES / f"rtos-fails-{board_type}.elf")}],
    }
    run = only_run(farm.run_job(failing))
    assert (run["verdict"], run["cause"]) == ("failed", "case-failed"), run["text"]
    assert case(run, "Full_Timer.Known_Bad")["verdict"] == "fail"


@pytest.mark.parametrize("board_type", BOARDS)
def test_plain_unity_of_a_small_kernel(farm: Farm, board_type: str) -> None:
    job = {
        "name": "kernel",
        "require": {"tests": 8, "summaries": 2},
        "end": {"when": "required", **PATIENT},
        "runs": [{"type": board_type, "image": str(IMAGES / f"kernel-{board_type}.elf")}],
    }
    run = only_run(farm.run_job(job))
    assert run["verdict"] == "passed", run["text"]


def test_every_run_starts_cold(farm: Farm) -> None:
    job = {
        "name": "cold start",
        "require": {"summaries": 1},
        "end": {"when": "summary", **PATIENT},
        "runs": [{"type": "mps2-an385", "image": str(IMAGES / "coldstart-mps2-an385.elf"), "count": 3}],
    }
    job_done = farm.run_job(job)
    assert job_done["verdict"] == "passed", [run["text"] for run in job_done["runs"]]


def test_a_network_image_reaches_its_gateway(farm: Farm) -> None:
    path = IMAGES / "network-mps2-an385.elf"
    if not path.exists():
        pytest.skip("the FreeRTOS images need cargo to fetch the kernel's sources")
    job = {
        "name": "network",
        "require": {"tests": 22, "summaries": 4},
        "end": {"when": "required", **PATIENT},
        "runs": [{"type": "mps2-an385", "image": str(path)}],
    }
    run = only_run(farm.run_job(job))
    assert run["verdict"] == "passed", run["text"]


def test_exit_status_tells_verdicts_apart(farm: Farm) -> None:
    def submit(image: str) -> int:
        return farm.cli("submit", farm.write_job(suite_job(image, "microbit")), "--wait").returncode

    assert submit("suite") == 0
    assert submit("fails") == 1
    assert submit("silent") == 3


def test_what_is_required_and_never_seen_is_missing(farm: Farm) -> None:
    job = suite_job("suite", "microbit")
    del job["suite"]
    job["require"] = {"cases": ["Hello.boots", "Hello.nobody_wrote_this"], "summaries": 1}
    job["end"] = {"when": "summary", **PATIENT}
    run = only_run(farm.run_job(job))
    assert (run["verdict"], run["cause"]) == ("failed", "case-missing")
    assert case(run, "Hello.nobody_wrote_this")["verdict"] == "missing"
    assert "Hello.nobody_wrote_this" in run["text"]


def test_reports_tell_the_same_in_every_form(farm: Farm) -> None:
    job = farm.run_job(suite_job("fails", "microbit"))
    text = farm.cli("report", str(job["id"]), "--format", "text").stdout
    assert "Input.fails" in text and "case-failed" in text
    report = json.loads(farm.cli("report", str(job["id"]), "--format", "json").stdout)
    assert report["verdict"] == "failed"
    junit = farm.cli("report", str(job["id"]), "--format", "junit").stdout
    failing = {case.get("name") for case in ET.fromstring(junit).iter("testcase") if case.find("failure") is not None}
    assert "fails" in failing and "boots" not in failing, failing

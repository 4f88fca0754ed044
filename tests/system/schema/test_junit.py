# SPDX-License-Identifier: Apache-2.0
"""Holds the JUnit reports of the golden files to what Jenkins and GitLab read, and to their jobs."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import xmlschema
from junitparser import Error, Failure, JUnitXml, Skipped, TestCase

GOLDEN = Path(__file__).resolve().parents[3] / "tests/unit/daemon/report/golden"
SCHEMA = xmlschema.XMLSchema(Path(__file__).with_name("junit.xsd"))
REPORTS = sorted(path for path in GOLDEN.glob("*.xml") if path.suffixes == [".xml"])


def every(function: object) -> object:
    return pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem)(function)


@every
def test_the_schema_takes_it(path: Path) -> None:
    SCHEMA.validate(path)


def test_the_schema_is_not_too_kind() -> None:
    text = (GOLDEN / "mixed.xml").read_text()
    for right, wrong in (
        ("<testcase ", '<testcase status="pass" '),
        ('timestamp="2025-11-22T14:50:02"', 'timestamp="2025-11-22T14:50:02Z"'),
        ("<skipped ", '<skipped type="x" '),
        (' errors="', ' disabled="0" errors="'),
        ('time="', 'time="-'),
    ):
        assert right in text
        assert not SCHEMA.is_valid(text.replace(right, wrong, 1)), wrong


@every
def test_counts_are_the_children(path: Path) -> None:
    root = ET.parse(path).getroot()
    suites = root.findall("testsuite")
    for suite in suites:
        assert int(suite.get("tests", -1)) == len(suite.findall("testcase"))
        assert int(suite.get("failures", -1)) == len(suite.findall("testcase/failure"))
        assert int(suite.get("errors", -1)) == len(suite.findall("testcase/error"))
        assert int(suite.get("skipped", -1)) == len(suite.findall("testcase/skipped"))
    for total in ("tests", "failures", "errors"):
        assert int(root.get(total, -1)) == sum(int(suite.get(total, 0)) for suite in suites)


@every
def test_red_exactly_when_a_run_is_not_green(path: Path) -> None:
    """CI looks at failures and errors only: one must be there when the last attempt did not pass."""
    for suite in ET.parse(path).getroot().findall("testsuite"):
        verdict = suite.find("testcase")
        assert verdict is not None and verdict.get("classname", "").startswith("assay.run")
        word = {p.get("name"): p.get("value") for p in suite.iter("property")}["assay.verdict"]
        red = int(suite.get("failures", 0)) + int(suite.get("errors", 0)) > 0
        repeated = verdict.find("skipped") is not None
        assert red == (word != "passed" and not repeated)


def gitlab(path: Path) -> dict[tuple[str, str], str]:
    """As GitLab reads: class and name are the key, a second test of the same key is lost, and of the children only
    failure, error and skipped count, in this order."""
    seen: dict[tuple[str, str], str] = {}
    for case in ET.parse(path).getroot().iter("testcase"):
        state = next((word for word in ("failure", "error", "skipped") if case.find(word) is not None), "success")
        seen.setdefault((case.get("classname", ""), case.get("name", "")), state)
    return seen


@every
def test_gitlab_loses_no_case(path: Path) -> None:
    root = ET.parse(path).getroot()
    states = list(gitlab(path).values())
    assert len(states) == int(root.get("tests", -1))
    assert states.count("failure") == int(root.get("failures", -1))
    assert states.count("error") == int(root.get("errors", -1))


@every
def test_junitparser_reads_the_same(path: Path) -> None:
    report = JUnitXml.fromfile(str(path))
    told = (report.tests, report.failures, report.errors)
    cases = [case for suite in report for case in suite if isinstance(case, TestCase)]
    results = [result for case in cases for result in case.result]
    assert told == (
        len(cases),
        sum(isinstance(result, Failure) for result in results),
        sum(isinstance(result, Error) for result in results),
    )
    report.update_statistics()  # type: ignore[no-untyped-call]
    assert told == (report.tests, report.failures, report.errors)
    assert all(result.message for result in results if isinstance(result, Skipped))


def word_of(test: ET.Element) -> str:
    """Assay's own word for how a case ended, from what the formats of others have room for."""
    if len(test) == 0:
        return "pass"
    return test[0].get("type") or test[0].get("message", "").split(",")[0].split(":")[0].split(" ")[0]


@pytest.mark.parametrize("job", ["mixed", "measured"])
def test_every_case_keeps_its_word(job: str) -> None:
    runs = json.loads((GOLDEN / f"{job}.job.json").read_text())["runs"]
    suites = ET.parse(GOLDEN / f"{job}.xml").getroot().findall("testsuite")
    for run, suite in zip(runs, suites, strict=True):
        tests = suite.findall("testcase")[1:]
        assert [word_of(test) for test in tests] == [case["verdict"] for case in run["cases"]]


def test_what_is_waived_is_never_a_success() -> None:
    case = next(case for case in ET.parse(GOLDEN / "measured.xml").iter("testcase") if case.get("name") == "endurance")
    skipped = case.find("skipped")
    assert skipped is not None
    assert skipped.get("message", "").startswith("fail, waived by waiver 3")


def test_a_cancelled_run_names_what_it_never_came_to() -> None:
    error = ET.parse(GOLDEN / "cancelled.xml").find("testsuite/testcase/error")
    assert error is not None
    assert (error.text or "").endswith("not run: Clock.ticks, Clock.sleeps")

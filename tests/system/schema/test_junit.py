# SPDX-License-Identifier: Apache-2.0
"""Holds the JUnit reports of the golden files to what Jenkins and GitLab know, and to their jobs."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

GOLDEN = Path(__file__).resolve().parents[3] / "tests/unit/daemon/report/golden"
REPORTS = sorted(path for path in GOLDEN.glob("*.xml") if path.suffixes == [".xml"])

# Element -> (attributes, children), as in the schema that Jenkins publishes (jenkins-junit.xsd).
KNOWN: dict[str, tuple[set[str], set[str]]] = {
    "testsuites": ({"name", "time", "tests", "failures", "errors", "disabled"}, {"testsuite"}),
    "testsuite": (
        {
            "name",
            "tests",
            "failures",
            "errors",
            "time",
            "disabled",
            "skipped",
            "timestamp",
            "hostname",
            "id",
            "package",
        },
        {"properties", "testcase", "system-out", "system-err"},
    ),
    "properties": (set(), {"property"}),
    "property": ({"name", "value"}, set()),
    "testcase": (
        {"name", "assertions", "time", "classname", "status"},
        {"skipped", "error", "failure", "system-out", "system-err"},
    ),
    "skipped": ({"message"}, set()),
    "error": ({"message", "type"}, set()),
    "failure": ({"message", "type"}, set()),
}


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem)
def test_only_what_the_schema_knows(path: Path) -> None:
    for element in ET.parse(path).iter():
        attributes, children = KNOWN[element.tag]
        assert set(element.attrib) <= attributes, element.tag
        assert {child.tag for child in element} <= children, element.tag


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem)
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


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem)
def test_red_exactly_when_a_run_is_not_green(path: Path) -> None:
    """CI looks at failures and errors only: one must be there when the last attempt did not pass."""
    for suite in ET.parse(path).getroot().findall("testsuite"):
        verdict = suite.find("testcase[@classname='assay.run']")
        assert verdict is not None
        word = {p.get("name"): p.get("value") for p in suite.iter("property")}["assay.verdict"]
        red = int(suite.get("failures", 0)) + int(suite.get("errors", 0)) > 0
        repeated = verdict.find("skipped") is not None
        assert red == (word != "passed" and not repeated)


def test_every_case_verdict_keeps_its_word() -> None:
    job = json.loads((GOLDEN / "mixed.job.json").read_text())
    cases = job["runs"][0]["cases"]
    tests = ET.parse(GOLDEN / "mixed.xml").getroot().findall("testsuite/testcase")[1:]
    assert [test.get("status") for test in tests] == [case["verdict"] for case in cases]
    assert {case["verdict"] for case in cases} == {"pass", "fail", "ignored", "missing", "crashed", "error"}

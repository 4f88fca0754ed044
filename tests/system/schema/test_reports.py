# SPDX-License-Identifier: Apache-2.0
"""Holds the golden reports in JSON, HTML and the Device Tester's XML to their formats and to their jobs."""

import json
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

ROOT = Path(__file__).resolve().parents[3]
GOLDEN = ROOT / "tests/unit/daemon/report/golden"
JOBS = sorted(GOLDEN.glob("*.job.json"))
SCHEMA = json.loads((ROOT / "schema/json/report.schema.json").read_text())

# Element -> (attributes, children), as the Device Tester writes them.
SUITES: dict[str, tuple[set[str], set[str]]] = {
    "testsuites": ({"name", "time", "tests", "failures", "skipped", "errors", "disabled"}, {"testsuite"}),
    "testsuite": ({"name", "package", "tests", "failures", "skipped", "errors", "disabled", "time"}, {"testcase"}),
    "testcase": ({"classname", "name", "attempts", "time"}, {"failure", "error", "skipped"}),
    "failure": ({"type", "message"}, set()),
    "error": ({"type", "message"}, set()),
    "skipped": ({"message"}, set()),
}
DEVICE: dict[str, tuple[set[str], set[str]]] = {
    "apnreport": (
        set(),
        {
            "awsiotdevicetesterversion",
            "testsuiteversion",
            "signature",
            "keyname",
            "session",
            "awsproduct",
            "device",
            "devenvironment",
            "report",
        },
    ),
    **{name: (set(), set()) for name in ("awsiotdevicetesterversion", "testsuiteversion", "signature", "keyname")},
    "session": (set(), {"testsession", "starttime", "endtime"}),
    **{name: (set(), set()) for name in ("testsession", "starttime", "endtime")},
    "awsproduct": (set(), {"name", "version", "features"}),
    "device": (set(), {"sku", "name", "features", "executionMethod"}),
    **{name: (set(), set()) for name in ("name", "version", "sku", "executionMethod")},
    "features": (set(), {"feature"}),
    "feature": ({"name", "value", "type"}, set()),
    "devenvironment": (set(), {"os"}),
    "os": ({"name"}, set()),
    "report": (set(), {"testsuites"}),
    **SUITES,
}


def stem(path: Path) -> str:
    return path.name.removesuffix(".job.json")


def hold_to(known: dict[str, tuple[set[str], set[str]]], root: ET.Element) -> None:
    for element in root.iter():
        attributes, children = known[element.tag]
        assert set(element.attrib) <= attributes, element.tag
        assert {child.tag for child in element} <= children, element.tag


def counting(job: dict[str, Any]) -> list[dict[str, Any]]:
    """The last attempt of each index."""
    last: dict[int, dict[str, Any]] = {}
    for run in job["runs"]:
        if run["attempt"] >= last.get(run["index"], run)["attempt"]:
            last[run["index"]] = run
    return list(last.values())


@pytest.mark.parametrize("path", JOBS, ids=stem)
def test_json_is_what_its_schema_says(path: Path) -> None:
    report = json.loads((GOLDEN / f"{stem(path)}.json").read_text())
    Draft202012Validator(SCHEMA).validate(report)
    job = json.loads(path.read_text())
    assert {(run["id"], case["name"], case["verdict"]) for run in report["runs"] for case in run["cases"]} == {
        (run["id"], case["name"], case["verdict"]) for run in job["runs"] for case in run.get("cases", [])
    }


@pytest.mark.parametrize("path", JOBS, ids=stem)
def test_frq_report(path: Path) -> None:
    root = ET.parse(GOLDEN / f"{stem(path)}.frq.xml").getroot()
    assert root.tag == "testsuites"
    hold_to(SUITES, root)
    job = json.loads(path.read_text())
    cases = [test for suite in root for test in suite if suite.get("name", "")[:3] != "Run"]
    assert len(cases) == sum(len(run.get("cases", [])) for run in counting(job))
    assert all(test.get("classname", "").startswith("FRQ ") and test.get("attempts", "").isdigit() for test in cases)
    for suite in root:
        for attribute, child in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.get(attribute, -1)) == len(suite.findall(f"testcase/{child}"))
        assert int(suite.get("tests", -1)) == len(suite)
    for attribute in ("tests", "failures", "errors", "skipped"):
        assert int(root.get(attribute, -1)) == sum(int(suite.get(attribute, 0)) for suite in root)


@pytest.mark.parametrize("path", JOBS, ids=stem)
def test_device_report(path: Path) -> None:
    root = ET.parse(GOLDEN / f"{stem(path)}.idt.xml").getroot()
    assert root.tag == "apnreport"
    hold_to(DEVICE, root)
    inner = root.find("report/testsuites")
    assert inner is not None
    frq = ET.parse(GOLDEN / f"{stem(path)}.frq.xml").getroot()
    assert ET.canonicalize(ET.tostring(inner), strip_text=True) == ET.canonicalize(ET.tostring(frq), strip_text=True)
    features = {f.get("name"): (f.get("value"), f.get("type")) for f in root.findall("awsproduct/features/feature")}
    for run in counting(json.loads(path.read_text())):
        for case in run.get("cases", []):
            if case["verdict"] == "fail" and case["group"]:
                assert features[case["group"]][0] == "not-supported"


class Page(HTMLParser):
    """Notes what a page needs, and whether its elements are closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.addresses: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.addresses += [value or "" for name, value in attributes if name in ("href", "src", "action", "srcset")]
        assert not any(name.startswith("on") for name, _ in attributes)
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attributes)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.html")), ids=lambda path: path.stem)
def test_the_page_needs_nothing(path: Path) -> None:
    text = path.read_text()
    page = Page()
    page.feed(text)
    assert page.open == []
    assert page.tags.isdisjoint({"script", "link", "img", "iframe", "object", "embed", "form", "base"})
    assert all(address.startswith("#run-") for address in page.addresses)
    assert "url(" not in text and "@import" not in text


def test_the_page_shows_each_case_and_marks_the_line() -> None:
    text = (GOLDEN / "measured.html").read_text()
    for run in json.loads((GOLDEN / "measured.job.json").read_text())["runs"]:
        for case in run["cases"]:
            assert f"{case['group']}.{case['name']}" in text
    assert 'class="in hit">suite/flash.c:118::FAIL: Expected 90 Was 255. read back</span>' in text
    assert "waived by 3" in text and "passed on retry" in text
    assert "nightly flash &amp; timing &lt;rev 2&gt;" in text


def test_a_crash_shows_where_it_began_and_its_fault() -> None:
    text = (GOLDEN / "mixed.html").read_text()
    run = json.loads((GOLDEN / "mixed.job.json").read_text())["runs"][0]
    crashed = next(case for case in run["cases"] if case["verdict"] == "crashed")
    assert f'class="in">TEST({crashed["group"]}, {crashed["name"]})</span>' in text
    assert 'class="in hit">' in text
    assert "\x1b" not in text and "gone" in text
    assert "precise data access at 0x40000000" in text and "#1  0x000012aa in main ()" in text

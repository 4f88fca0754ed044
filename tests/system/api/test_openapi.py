# SPDX-License-Identifier: Apache-2.0
"""schema/openapi.yaml is valid, names exactly the routes there are, and a real daemon's answers fit it."""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from tests.support.farm import ROOT, Farm
from tests.support.rack_peer import RackPeer, peer_image

Json = dict[str, Any]
SPEC: Json = yaml.safe_load((ROOT / "schema/openapi.yaml").read_text())
REGISTRY: Any = Registry().with_resource("openapi:", Resource.from_contents(SPEC, default_specification=DRAFT202012))


def resolved(node: Json) -> Json:
    """Follows a $ref within the document."""
    while "$ref" in node:
        at: Any = SPEC
        for part in node["$ref"].removeprefix("#/").split("/"):
            at = at[part]
        node = at
    return node


def pointer(method: str, template: str, status: str, kind: str) -> str:
    path = template.replace("~", "~0").replace("/", "~1")
    return f"openapi:#/paths/{path}/{method}/responses/{status}/content/{kind.replace('/', '~1')}/schema"


def check(answer: requests.Response, method: str, template: str) -> Any:
    """Holds an answer against the operation it is of; returns its JSON, if it is some."""
    operation = SPEC["paths"][template][method]
    status = str(answer.status_code) if str(answer.status_code) in operation["responses"] else "default"
    assert status != "default" or answer.status_code >= 400, f"{template}: {answer.status_code}"
    response = resolved(operation["responses"][status])
    if "content" not in response:
        assert answer.content == b""
        return None
    kind = answer.headers["content-type"].partition(";")[0]
    assert kind in response["content"], f"{template}: {kind}"
    if kind != "application/json":
        return None
    schema = {"$ref": pointer(method, template, status, kind)}
    if "$ref" in operation["responses"][status]:
        name = operation["responses"][status]["$ref"]
        schema = {"$ref": f"openapi:{name}/content/application~1json/schema"}
    errors = list(Draft202012Validator(schema, registry=REGISTRY).iter_errors(answer.json()))
    assert not errors, f"{method} {template}: " + "; ".join(
        f"{error.json_path}: {error.message}" for error in errors[:5]
    )
    return answer.json()


@contextlib.contextmanager
def farm_in(directory: Path) -> Iterator[Farm]:
    """One job done, one waiting, one agent connected."""
    farm = Farm(directory)
    farm.start_daemon()
    try:
        with RackPeer(farm.url, (farm.state / "agent.token").read_text().strip()) as peer:
            peer.hello(["b1"], leases=True)
            image = farm.api("POST", "images?name=peer.hex", data=peer_image())
            check(image, "post", "/images")
            check(farm.api("POST", "images?name=peer.hex", data=peer_image()), "post", "/images")
            body = {
                "text": "name: spoken\nrequire: {cases: [A.b]}\nruns:\n  - {type: peer, image: peer.hex}\n",
                "images": {"peer.hex": image.json()["sha256"]},
            }
            check(farm.api("POST", "jobs", json=body), "post", "/jobs")
            assign = peer.receive("assign")
            peer.step(assign, "power-on", 0)
            peer.event(assign, "step.begun", step="capture", phase="forward", row=1)
            peer.print(assign, b"TEST(A, b) PASS\r\n")
            case = {"group": "A", "name": "b", "verdict": "pass", "message": "", "required": True}
            where = {"waived_ignore": False, "offset": 0, "end": 17, "begun_at_us": 0, "ended_at_us": 0}
            peer.event(assign, "case", **case, **where)
            peer.wait_ack(assign["run"], peer.end(assign))
            farm.wait_job(1)
            check(farm.api("POST", "jobs/1/seal"), "post", "/jobs/{job}/seal")
            check(farm.api("POST", "keys/rotate"), "post", "/keys/rotate")
            check(farm.api("POST", "jobs", json=body), "post", "/jobs")
            check(farm.api("POST", "jobs", json=body), "post", "/jobs")
            lease = {"type": "peer", "for_ms": 3600000, "grace_ms": 0, "priority": 0, "why": "to look at it"}
            check(farm.api("POST", "leases", json=lease), "post", "/leases")
            farm.sha256 = image.json()["sha256"]  # type: ignore[attr-defined]
            yield farm
    finally:
        farm.stop()


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    """One that is only looked at."""
    with farm_in(tmp_path_factory.mktemp("api")) as shared:
        yield shared


def test_document_is_valid() -> None:
    validate(SPEC)


def test_document_and_routes_agree() -> None:
    """The table in routes.c, read as text, is the list of operations."""
    table = (ROOT / "daemon/http/routes.c").read_text()
    rows = re.findall(r'\{HTTP_(\w+), HTTP_API "([^"]+)"', table)
    routes = {(method.lower(), path) for method, path in rows if path not in ("/live", "/link")}
    told = {
        (method, re.sub(r"\{\w+\}", "{}", template))
        for template, item in SPEC["paths"].items()
        for method in item
        if method in ("get", "post", "put", "delete")
    }
    assert routes == told


def test_document_and_events_agree() -> None:
    header = (ROOT / "core/farm/record_event.h").read_text()
    kinds = re.findall(r'X\(\w+, "([a-z]+\.[a-z-]+)"\)', header)
    assert set(kinds) == set(SPEC["components"]["schemas"]["Event"]["properties"]["type"]["enum"])


@pytest.mark.parametrize(
    ("template", "path"),
    [
        ("/farm", "farm"),
        ("/keys", "keys"),
        ("/jobs/{job}/evidence", "jobs/1/evidence"),
        ("/agents", "agents"),
        ("/boards", "boards"),
        ("/boards/{board}", "boards/b1"),
        ("/boards/{board}/runs", "boards/b1/runs"),
        ("/boards/{board}/runs", "boards/b1/runs?limit=1&before=2"),
        ("/timeline", "timeline"),
        ("/timeline", "timeline?board=b1&minutes=5"),
        ("/board-types", "board-types"),
        ("/leases", "leases"),
        ("/leases/{lease}", "leases/4"),
        ("/queue", "queue"),
        ("/queue", "queue?run=3"),
        ("/queue", "queue?run=1"),
        ("/events", "events?limit=1000"),
        ("/events", "events?run=1&limit=5"),
        ("/images/{sha256}", "images/SHA256"),
        ("/images/{sha256}/content", "images/SHA256/content"),
        ("/jobs", "jobs"),
        ("/jobs", "jobs?state=finished&limit=1"),
        ("/jobs/{job}", "jobs/1"),
        ("/jobs/{job}", "jobs/2"),
        ("/jobs/{job}/report", "jobs/1/report"),
        ("/jobs/{job}/report", "jobs/1/report?format=json"),
        ("/jobs/{job}/report", "jobs/1/report?format=junit"),
        ("/runs/{run}", "runs/1"),
        ("/runs/{run}/report", "runs/1/report"),
        ("/runs/{run}/console", "runs/1/console"),
        ("/runs/{run}/console/times", "runs/1/console/times"),
        ("/suites", "suites"),
        ("/suites/{suite}", "suites/reference"),
        ("/tokens", "tokens"),
    ],
)
def test_answers_fit(farm: Farm, template: str, path: str) -> None:
    answer = farm.api("GET", path.replace("SHA256", farm.sha256))  # type: ignore[attr-defined]
    assert answer.status_code == 200, answer.text
    check(answer, "get", template)


def test_a_waiting_run_is_told_board_by_board(farm: Farm) -> None:
    (entry,) = farm.get("queue?run=3")["queue"]
    assert entry["waits"] == "for a board of type peer: 1 running"
    assert (entry["reason"], entry["position"]) == ("turn", 0)
    assert entry["queued_at_us"] < entry["expected_at_us"] <= entry["latest_at_us"]
    (board,) = entry["boards"]
    assert (board["board"], board["reason"], board["why"]) == ("b1", "running", "it has another run")
    assert board["until_us"] > entry["queued_at_us"]
    assert farm.get("queue?run=1") == {"queue": []}
    assert [one["run"] for one in farm.get("queue")["queue"]] == [3, 4]


@pytest.mark.parametrize(
    ("method", "template", "path", "status"),
    [
        ("get", "/boards/{board}", "boards/none", 404),
        ("get", "/boards/{board}/runs", "boards/none/runs", 404),
        ("get", "/jobs", "jobs?state=odd", 400),
        ("get", "/queue", "queue?run=none", 400),
        ("get", "/timeline", "timeline?board=b1&rack=r1", 400),
        ("get", "/timeline", "timeline?minutes=0", 400),
        ("get", "/leases/{lease}", "leases/1", 404),
        ("get", "/leases/{lease}/tunnel", "leases/4/tunnel", 426),
        ("post", "/leases/{lease}/extend", "leases/4/extend", 400),
        ("post", "/leases/{lease}/hand-over", "leases/4/hand-over", 400),
        ("delete", "/leases/{lease}", "leases/1", 404),
        ("get", "/jobs/{job}", "jobs/4711", 404),
        ("get", "/jobs/{job}/report", "jobs/1/report?format=odd", 400),
        ("get", "/runs/{run}", "runs/4711", 404),
        ("get", "/runs/{run}/console", "runs/4711/console", 404),
        ("get", "/images/{sha256}", "images/" + "0" * 64, 404),
        ("post", "/jobs", "jobs", 400),
        ("post", "/jobs/{job}/cancel", "jobs/1/cancel", 409),
        ("post", "/images", "images?name=a/b", 400),
        ("put", "/suites/{suite}", "suites/x", 422),
        ("delete", "/tokens/{token}", "tokens/none", 404),
    ],
)
def test_errors_fit(farm: Farm, method: str, template: str, path: str, status: int) -> None:
    answer = farm.api(method.upper(), path)
    assert answer.status_code == status, answer.text
    check(answer, method, template)


@pytest.fixture
def own_farm(tmp_path: Path) -> Iterator[Farm]:
    with farm_in(tmp_path) as farm:
        yield farm


def test_changes_fit(own_farm: Farm) -> None:
    farm = own_farm
    cancelled = check(farm.api("POST", "jobs/3/cancel", json={"reason": "no need"}), "post", "/jobs/{job}/cancel")
    assert cancelled["job"]["verdict"] == "cancelled"
    longer = farm.api("POST", "leases/4/extend", json={"for_ms": 60000})
    assert (
        longer.status_code == 503
        and "not granted yet" in check(longer, "post", "/leases/{lease}/extend")["error"]["message"]
    )
    check(farm.api("POST", "tokens", json={"name": "max", "role": "member"}), "post", "/tokens")
    wrong = farm.api("POST", "leases/4/hand-over", json={"to": "agent"})
    assert wrong.status_code == 422, wrong.text
    handed = farm.api("POST", "leases/4/hand-over", json={"to": "max"})
    assert check(handed, "post", "/leases/{lease}/hand-over")["lease"]["holder"] == "max"
    ended = check(farm.api("DELETE", "leases/4"), "delete", "/leases/{lease}")
    assert ended["lease"] == {"id": 4, "state": "ended"}
    text = 'name: tiny\nversion: "1"\nrequire: {cases: [A.b]}\n'
    yaml_type = {"Content-Type": "application/yaml"}
    check(farm.api("PUT", "suites/tiny", data=text, headers=yaml_type), "put", "/suites/{suite}")
    bad = farm.api("PUT", "suites/tiny?file=tiny.yaml", data="name: tiny\nrequir: 1\n", headers=yaml_type)
    assert bad.status_code == 422
    problems = check(bad, "put", "/suites/{suite}")["error"]["problems"]
    assert problems and problems[0]["file"] == "tiny.yaml" and problems[0]["line"] > 0
    check(farm.api("POST", "tokens", json={"name": "reader", "role": "viewer"}), "post", "/tokens")
    gone = farm.api("DELETE", "tokens/reader")
    assert gone.status_code == 204
    check(gone, "delete", "/tokens/{token}")


def test_answers_of_a_wrong_address_fit(farm: Farm) -> None:
    for path in ("live", "link", "nothing"):
        answer = farm.api("GET", path)
        assert answer.status_code in (404, 426)
        errors = Draft202012Validator({"$ref": "openapi:#/components/schemas/Error"}, registry=REGISTRY)
        errors.validate(answer.json())

# SPDX-License-Identifier: Apache-2.0
"""Who may do what, and who may see what."""

from typing import Any

import pytest
import requests
from websockets.exceptions import ConnectionClosed

from tests.support.farm import Farm
from tests.support.processes import wait_until
from tests.support.rack_peer import PEER_TYPE, RackPeer, peer_image
from tests.system.daemon.conftest import job_body, keep_image, peer_of, submit, token_of

# method, path, roles that get past the guard
GUARDED = [
    ("GET", "farm", {"viewer", "member", "admin", "agent"}),
    ("GET", "boards", {"viewer", "member", "admin"}),
    ("GET", "jobs", {"viewer", "member", "admin"}),
    ("GET", "events", {"viewer", "member", "admin"}),
    ("GET", "flakes", {"viewer", "member", "admin"}),
    ("GET", "images/" + "0" * 64, {"viewer", "member", "admin", "agent"}),
    ("GET", "images/" + "0" * 64 + "/content", {"viewer", "member", "admin", "agent"}),
    ("POST", "images", {"member", "admin"}),
    ("POST", "jobs", {"member", "admin"}),
    ("POST", "jobs/1/cancel", {"member", "admin"}),
    ("GET", "leases", {"viewer", "member", "admin"}),
    ("POST", "leases", {"member", "admin"}),
    ("DELETE", "leases/1", {"member", "admin"}),
    ("POST", "leases/1/extend", {"member", "admin"}),
    ("POST", "leases/1/hand-over", {"member", "admin"}),
    ("PUT", "suites/none", {"member", "admin"}),
    ("GET", "tokens", {"admin"}),
    ("POST", "tokens", {"admin"}),
    ("DELETE", "tokens/none", {"admin"}),
]


def ask(farm: Farm, method: str, path: str, authorization: str | None) -> int:
    headers = {"Authorization": authorization} if authorization is not None else {}
    answer = requests.request(method, f"{farm.url}/api/v1/{path}", headers=headers, timeout=180)
    if answer.status_code >= 400:
        assert set(answer.json()["error"]) == {"code", "message", "problems"}
    return answer.status_code


def test_roles(daemon: Farm) -> None:
    tokens = {role: token_of(daemon, role) for role in ("viewer", "member", "admin", "agent")}
    for method, path, allowed in GUARDED:
        for role, token in tokens.items():
            status = ask(daemon, method, path, f"Bearer {token}")
            assert (status not in (401, 403)) == (role in allowed), f"{method} {path} as {role}: {status}"


@pytest.mark.parametrize("authorization", [None, "", "Bearer ", "Bearer nonsense", "Basic YTpi", "Bearer " + "x" * 300])
def test_no_good_token(daemon: Farm, authorization: str | None) -> None:
    for method, path, _ in GUARDED:
        assert ask(daemon, method, path, authorization) == 401, f"{method} {path}"


def test_removed_token_is_refused_at_once(daemon: Farm) -> None:
    token = token_of(daemon, "viewer")
    assert ask(daemon, "GET", "farm", f"Bearer {token}") == 200
    assert daemon.api("DELETE", "tokens/viewer.default").status_code == 204
    assert ask(daemon, "GET", "farm", f"Bearer {token}") == 401
    assert daemon.api("DELETE", "tokens/viewer.default").status_code == 404
    assert daemon.api("DELETE", "tokens/admin").status_code == 409


def test_token_names_are_unique_and_checked(daemon: Farm) -> None:
    body = {"name": "nightly", "role": "member"}
    assert daemon.api("POST", "tokens", json=body).status_code == 201
    assert daemon.api("POST", "tokens", json=body).status_code == 409
    for wrong in ({"name": "a b"}, {"name": ""}, {"name": "x" * 64}, {"role": "king"}, {"org": "a/b"}, {"rakc": "r1"}):
        answer = daemon.api("POST", "tokens", json={**body, "name": "other", **wrong})
        assert answer.status_code == 422, f"{wrong}: {answer.text}"


def test_tokens_survive_a_restart_and_their_text_is_kept_nowhere(daemon: Farm) -> None:
    token = token_of(daemon, "member")
    daemon.end(daemon.daemon)
    for path in daemon.state.rglob("*"):
        assert path.suffix == ".token" or path.is_dir() or token.encode() not in path.read_bytes()
    daemon.start_daemon()
    assert ask(daemon, "GET", "farm", f"Bearer {token}") == 200


def test_organisations_do_not_see_each_other(daemon: Farm) -> None:
    with peer_of(daemon) as peer:
        peer.hello(["b1"])
        ours = submit(daemon)
        theirs = {"Authorization": f"Bearer {token_of(daemon, 'member', 'acme')}"}

        def get(path: str) -> requests.Response:
            return requests.get(f"{daemon.url}/api/v1/{path}", headers=theirs, timeout=180)

        run = daemon.job(ours)["runs"][0]["id"]
        for path in (f"jobs/{ours}", f"runs/{run}", f"runs/{run}/console", f"jobs/{ours}/report"):
            assert get(path).status_code == 404, path
        assert get("jobs").json()["jobs"] == []
        assert [event for event in get("events").json()["events"] if "job" in event] == []
        sha256 = keep_image(daemon)
        assert get(f"images/{sha256}").status_code == 404
        refused = requests.post(f"{daemon.url}/api/v1/jobs", headers=theirs, json=job_body(sha256), timeout=180)
        assert refused.status_code == 422, refused.text
        cancel = requests.post(f"{daemon.url}/api/v1/jobs/{ours}/cancel", headers=theirs, timeout=180)
        assert cancel.status_code in (403, 404)
        assert [board["name"] for board in get("boards").json()["boards"]] == ["b1"]


def refused_field(farm: Farm, token: str, agent: str, boards: list[str], **more: Any) -> str:
    with RackPeer(farm.url, token, agent) as peer:
        with pytest.raises(ConnectionClosed):
            peer.hello(boards, **more)
        (refused,) = peer.inbox
        assert refused["type"] == "refused", refused
        return str(refused["field"])


def test_an_agent_speaks_for_its_own_organisation_only(daemon: Farm) -> None:
    token = token_of(daemon, "agent", "acme")
    with peer_of(daemon) as peer:
        peer.hello(["b1"])
        number = submit(daemon)
        assign = peer.receive("assign")
        peer.step(assign, "power-on", 0)
        held = [{"run": assign["run"], "fence": assign["fence"], "last": 2, "ended": False}]
        assert refused_field(daemon, token, "peer1", ["b1"], runs=held) == "agent"
        peer.wait_ack(assign["run"], peer.end(assign))
        assert daemon.wait_job(number)["verdict"] == "passed"
    wait_until("the rack to be gone", lambda: daemon.boards()["b1"]["state"] == "offline")
    assert refused_field(daemon, token, "peer1", []) == "agent"
    assert refused_field(daemon, token, "acme1", ["b1"]) == "boards[0].name"
    other = {**PEER_TYPE, "description": "Not what it was"}
    assert refused_field(daemon, token, "acme1", ["a1"], types=[other]) == "types[0].type"


def test_a_type_that_the_farms_own_organisation_brings_is_everyones(daemon: Farm) -> None:
    member = {"Authorization": f"Bearer {token_of(daemon, 'member')}"}

    def submits() -> int:
        body = job_body(keep_image(daemon))
        return requests.post(f"{daemon.url}/api/v1/jobs", headers=member, json=body, timeout=180).status_code

    with RackPeer(daemon.url, token_of(daemon, "agent", "acme"), "acme1") as theirs:
        theirs.hello(["a1"])
        assert submits() == 422
        with peer_of(daemon) as peer:
            peer.hello(["b1"])
            assert submits() == 201


def test_an_agent_fetches_what_it_is_to_run(daemon: Farm) -> None:
    """The farm's own rack serves everyone, and gets others' images only with their runs."""
    headers = {"Authorization": f"Bearer {token_of(daemon, 'member', 'other')}"}
    image = peer_image(b"of the other")
    made = requests.post(f"{daemon.url}/api/v1/images", headers=headers, data=image, timeout=180)
    sha256 = made.json()["sha256"]
    fetch = {"Authorization": f"Bearer {(daemon.state / 'agent.token').read_text().strip()}"}

    def fetched(what: str = sha256) -> requests.Response:
        return requests.get(f"{daemon.url}/api/v1/images/{what}/content", headers=fetch, timeout=180)

    assert fetched(keep_image(daemon)).status_code == 200  # its own organisation's
    assert fetched().status_code == 404
    with peer_of(daemon) as peer:
        peer.hello(["b1"])
        assert fetched().status_code == 404
        body = job_body(sha256)
        answer = requests.post(f"{daemon.url}/api/v1/jobs", headers=headers, json=body, timeout=180)
        assert answer.status_code == 201, answer.text
        assign = peer.receive("assign")
        assert fetched().content == image
        # another organisation's rack has no business with it
        stranger = {"Authorization": f"Bearer {token_of(daemon, 'agent', 'third')}"}
        url = f"{daemon.url}/api/v1/images/{sha256}/content"
        assert requests.get(url, headers=stranger, timeout=180).status_code == 404
        peer.wait_ack(assign["run"], peer.end(assign))
        assert fetched().status_code == 404

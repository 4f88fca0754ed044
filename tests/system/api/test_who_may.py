# SPDX-License-Identifier: Apache-2.0
"""Every route with every kind of token: who is let in by it, and what another organisation's people see of it."""

import re
from collections.abc import Iterator

import pytest
import requests

from tests.support.farm import Farm
from tests.system.api.test_openapi import SPEC, farm_in

METHODS = ("get", "post", "put", "delete")
OPERATIONS = [
    (method, template)
    for template, item in SPEC["paths"].items()
    for method in METHODS
    if method in item and not template.endswith(("/tunnel", "/live", "/link"))
]
# What an agent needs: its images, the farm's name, the keys it seals with, and a place for what it kept.
AGENTS = {
    ("get", "/farm"),
    ("get", "/keys"),
    ("get", "/images/{sha256}"),
    ("get", "/images/{sha256}/content"),
    ("put", "/runs/{run}/artefacts/{name}"),
}
OF_ONE = {"{job}": "1", "{run}": "1", "{lease}": "4"}


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    with farm_in(tmp_path_factory.mktemp("who")) as shared:
        yield shared


@pytest.fixture(scope="module")
def tokens(farm: Farm) -> dict[str, str]:
    made = {"agent": (farm.state / "agent.token").read_text().strip()}
    farm.api("POST", "orgs/elsewhere", json={"add": True})
    for name, role, org in (
        ("viewer", "viewer", "default"),
        ("stranger", "member", "elsewhere"),
        ("their-agent", "agent", "elsewhere"),
    ):
        answer = farm.api("POST", "tokens", json={"name": name, "role": role, "org": org})
        assert answer.status_code == 201, answer.text
        made[name] = answer.json()["token"]
    return made


def ask(farm: Farm, method: str, template: str, token: str | None) -> requests.Response:
    path = template.replace("{sha256}", farm.sha256)  # type: ignore[attr-defined]
    for name, value in {**OF_ONE, "{board}": "b1", "{suite}": "reference"}.items():
        path = path.replace(name, value)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    path = re.sub(r"\{[^}]+\}", "nobody", path)
    return requests.request(method, f"{farm.url}/api/v1{path}", headers=headers, timeout=180)


@pytest.mark.parametrize(("method", "template"), OPERATIONS)
def test_who_may(farm: Farm, tokens: dict[str, str], method: str, template: str) -> None:
    assert ask(farm, method, template, None).status_code == 401
    assert ask(farm, method, template, "not-a-token").status_code == 401
    for agent in ("agent", "their-agent"):
        answer = ask(farm, method, template, tokens[agent])
        assert (answer.status_code == 403) == ((method, template) not in AGENTS), f"{agent}: {answer.text}"
    if method != "get":
        answer = ask(farm, method, template, tokens["viewer"])
        assert answer.status_code == 403, answer.text


@pytest.mark.parametrize(
    "template", [template for method, template in OPERATIONS if method == "get" and any(n in template for n in OF_ONE)]
)
def test_what_is_not_theirs_is_not_there(farm: Farm, tokens: dict[str, str], template: str) -> None:
    answer = ask(farm, "get", template, tokens["stranger"])
    assert answer.status_code == 404, answer.text


@pytest.mark.parametrize("template", [template for method, template in OPERATIONS if method == "get"])
def test_nothing_tells_strangers_of_the_job(farm: Farm, tokens: dict[str, str], template: str) -> None:
    answer = ask(farm, "get", template, tokens["stranger"])
    assert "spoken" not in answer.text and "to look at it" not in answer.text

# SPDX-License-Identifier: Apache-2.0
"""The pages of a shared farm in a real browser: what waits, who has which board, nights, racks, health."""

import json
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from playwright.sync_api import Page, Route, expect

from tests.support.farm import ROOT, Farm
from tests.support.processes import wait_until
from tests.support.rack_peer import RackPeer, peer_image
from tests.system.web.conftest import PageMaker

Json = dict[str, Any]
AXE = ROOT / "web/node_modules/axe-core/axe.min.js"
BOARDS = 64
END = "require: {tests: 4}\nretries: 0\nend: {silence: 1s}\n"
SCHEDULE = {
    "name": "nightly",
    "when": "yearly",
    "boards": 2,
    "retries": 0,
    "matrix": {"suites": ["smoke"], "types": ["simulated"], "images": ["drop:main"]},
}


class Shared:
    """A farm of two simulated racks and one that a test speaks for; one board fails always, another is leased."""

    def __init__(self, farm: Farm) -> None:
        self.farm = farm
        farm.start_daemon()
        (farm.dir / "peer.hex").write_bytes(peer_image())
        self.image = farm.api("POST", "images?name=peer.hex", data=peer_image()).json()["sha256"]
        (farm.dir / "smoke.yaml").write_text("name: smoke\nversion: 1\nrequire: {tests: 4}\nend: {silence: 1s}\n")
        (farm.dir / "nightly.yaml").write_text(yaml.safe_dump(SCHEDULE))
        self.simulate("pass")
        for argv in (
            ("suites", "--put", "smoke.yaml"),
            ("drop", "main", "peer.hex"),
            ("schedule", "add", "nightly.yaml"),
        ):
            done = farm.cli(*argv)
            assert done.returncode == 0, done.stderr
        self.nights = [self.night()]
        assert farm.api("POST", f"nights/{self.nights[0]}/accept").status_code == 200
        self.simulate("fail")
        self.nights.append(self.night())
        self.simulate("pass")
        golden = {"text": f"name: golden\n{END}runs: [{{type: simulated, image: peer.hex}}]\n", "images": self.images}
        assert farm.api("POST", "golden", json=golden).status_code == 200
        self.lease = self.lease_board(board="sim1-1", why="the clock drifts", for_ms=(7 * 60 + 25) * 60_000)
        wait_until("the lease", lambda: farm.get(f"leases/{self.lease['id']}")["lease"]["state"] == "held")
        # a board that is leased is none of those that tell whether it is the board or the firmware
        self.failing = self.submit("fails", "sim1-4")
        self.lease_board(type="simulated", why="a demonstration", from_us=int((time.time() + 72_000) * 1e6))
        self.waiting = self.submit("waits for the leased board", "sim1-1", 3)

    @property
    def images(self) -> Json:
        return {"peer.hex": self.image}

    def simulate(self, outcome: str) -> None:
        self.farm.end(self.farm.agent)
        script = {
            "rack-boards": BOARDS // 2,
            "outcomes": {outcome: 1},
            "boards": [{"from": 4, "outcomes": {"fail": 1}}, {"from": 7, "tags": ["scope"]}],
        }
        self.farm.start_simulated(BOARDS, script)
        wait_until("the boards", lambda: [one["state"] for one in self.farm.boards().values()].count("free") == BOARDS)

    def night(self) -> int:
        number = int(json.loads(self.farm.cli("schedule", "run-now", "nightly", "--json").stdout)["night"])
        wait_until("the summary", lambda: self.farm.get(f"nights/{number}")["night"]["summary"])
        return number

    def submit(self, name: str, board: str, count: int = 1) -> Json:
        runs = f"runs: [{{board: {board}, image: peer.hex, count: {count}}}]\n"
        answer = self.farm.api("POST", "jobs", json={"text": f"name: {name}\n{END}{runs}", "images": self.images})
        assert answer.status_code == 201, answer.text
        return dict(answer.json()["job"])

    def lease_board(self, **more: Any) -> Json:
        detached = {"for_ms": 3_600_000, "grace_ms": 0}  # however long the tests take: it has no client
        answer = self.farm.api("POST", "leases", json={**detached, **more})
        assert answer.status_code == 201, answer.text
        return dict(answer.json()["lease"])


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    farm = Farm(tmp_path_factory.mktemp("shared"))
    try:
        yield Shared(farm)
    finally:
        farm.stop()


@pytest.fixture
def peer(shared: Shared) -> Iterator[RackPeer]:
    token = (shared.farm.state / "agent.token").read_text().strip()
    with RackPeer(shared.farm.url, token) as made:
        made.hello(["p1"])
        yield made


def go(page: Page, fragment: str) -> None:
    page.evaluate("fragment => { location.hash = fragment }", fragment)


def test_the_boards_of_a_large_farm_are_found(shared: Shared, peer: RackPeer, open_page: PageMaker) -> None:
    page = open_page(shared.farm)
    squares = page.locator(".squares a")
    expect(squares).to_have_count(BOARDS + 1)
    find = page.get_by_role("searchbox", name="Find boards")
    find.fill("SIM2 scope")
    expect(page.get_by_text("No board is like that.")).to_be_visible()
    find.fill("scope simulated")
    expect(squares).to_have_count(1)
    find.fill("p1")
    expect(squares).to_have_attribute("data-state", "free")
    peer.send({"type": "board", "name": "p1", "state": "recovering", "reason": "no contact", "unique_id": ""})
    expect(squares).to_have_attribute("data-state", "recovering")
    find.fill("")
    page.get_by_role("button", name="leased").click()
    expect(squares).to_have_count(1)
    squares.click()
    expect(page.locator("[data-board-page]")).to_have_attribute("data-board-page", "sim1-1")


def test_what_waits_is_shown_with_its_reasons(shared: Shared, open_page: PageMaker) -> None:
    page = open_page(shared.farm, "#/queue")
    waits = page.locator(".wait", has_text="waits for the leased board")
    expect(waits).to_have_count(3)
    expect(waits.first).to_contain_text("for board sim1-1: leased · expected ")
    expect(waits.first.locator(".span-bar")).to_be_visible()
    waits.first.get_by_role("button", name="Why run").click()
    expect(waits.first.locator("[data-why='it has another run']")).to_contain_text("1 board sim1-1, until")
    expect(waits.first.locator("[data-why='another board was asked for']")).to_contain_text("more")
    another = shared.submit("comes later", "sim1-1")
    row = page.locator(".wait", has_text="comes later")
    expect(row).to_have_count(1)
    shared.farm.api("POST", f"jobs/{another['id']}/cancel")
    expect(row).to_have_count(0)


def test_boards_over_time(shared: Shared, open_page: PageMaker) -> None:
    page = open_page(shared.farm, "#/timeline/1h/sim1")
    leased = page.locator("[data-lane=sim1-1]")
    expect(leased.locator("[data-look=lease]")).to_have_count(1)
    expect(page.locator(".usage [data-org=default]")).to_contain_text("100 %")
    rack = page.get_by_label("Rack", exact=True)
    rack.select_option("sim2")
    expect(page.locator(".lane")).to_have_count(BOARDS // 2)
    expect(page.locator("[data-lane=sim2-9]")).to_be_visible()
    page.get_by_role("link", name="15 min").click()
    expect(page.get_by_role("link", name="15 min")).to_have_attribute("aria-current", "true")
    expect(rack).to_have_value("sim2")
    job = shared.submit("drawn while one looks", "sim2-9")
    bar = page.locator(f"[data-lane=sim2-9] [data-run='{job['runs'][0]['id']}']")
    expect(bar).to_have_attribute("data-look", "good")
    bar.hover()
    expect(page.locator(".tip")).to_contain_text("drawn while one looks")
    bar.click()
    expect(page.locator(".run-page h1")).to_contain_text(str(job["runs"][0]["id"]))


def test_who_has_which_board_until_when(shared: Shared, open_page: PageMaker) -> None:
    page = open_page(shared.farm, "#/leases")
    held = page.locator(f'[data-lease="{shared.lease["id"]}"]')
    expect(held).to_have_attribute("data-state", "held")
    expect(held).to_contain_text(re.compile("the clock drifts · ends in 7:[012]"))
    expect(page.locator("[data-state=reserved]")).to_contain_text("a demonstration · from")
    held.get_by_role("button", name="30 min longer").click()
    expect(held).to_contain_text(re.compile("ends in 7:[345]"))
    other = shared.lease_board(board="sim2-1", why="for a minute")
    row = page.locator(f'[data-lease="{other["id"]}"]')
    expect(row).to_have_attribute("data-state", "held")
    row.get_by_role("button", name="End").click()
    row.get_by_role("button", name="Really end it?").click()
    expect(row).to_have_count(0)
    go(page, f"#/runs/{shared.lease['run']}")
    expect(page.get_by_role("heading", name="sim1-1")).to_contain_text("lease")
    expect(page.locator('[data-step="hold"]')).to_have_attribute("data-state", "open")
    expect(page.get_by_role("heading", name="Cases")).to_have_count(0)


def test_nights_and_what_changed(shared: Shared, open_page: PageMaker) -> None:
    first, second = shared.nights
    page = open_page(shared.farm, "#/nights")
    nightly = page.locator("[data-schedule=nightly]")
    expect(nightly.locator(".strip a")).to_have_count(2)
    expect(nightly).to_contain_text("next ")
    nightly.get_by_role("link", name=f"Night {second},").click()
    expect(page.locator(".page-head .chip")).to_contain_text("1 new failure, 3 unchanged")
    expect(page.get_by_role("link", name=f"night {first}")).to_be_visible()
    expect(page.locator(".matrix .cell")).to_have_text("✗ 1 of 4")
    failure = page.locator("[data-kind=new-failure] li")
    expect(failure).to_contain_text("smoke, main on simulated")
    page.get_by_role("button", name="Accept this night").click()
    page.get_by_role("button", name="Compare later nights with it?").click()
    expect(page.get_by_text("Accepted by")).to_be_visible()
    failure.get_by_role("link").click()
    expect(page.locator(".run-page")).to_have_attribute("data-outcome", "failed")


def test_a_rack_is_drained_and_resumed(shared: Shared, open_page: PageMaker) -> None:
    page = open_page(shared.farm, "#/racks")
    rack = page.locator("[data-rack=sim2]")
    expect(rack.locator(".squares a")).to_have_count(BOARDS // 2)
    shared.farm.api("POST", "agents/sim2/drain", json={"why": "new cables"})
    expect(rack).to_contain_text("It is drained by admin: new cables")
    rack.get_by_role("button", name="Resume").click()
    expect(rack.get_by_role("button", name="Drain")).to_be_visible()
    assert {one["name"]: one["draining"] for one in shared.farm.get("agents")["agents"]}["sim2"] is None


def rung(name: str, result: str, took_us: int = 0, text: str = "") -> Json:
    return {"rung": name, "result": result, "cause": "none", "text": text, "took_us": took_us}


def test_a_boards_health_and_recoveries(shared: Shared, peer: RackPeer, open_page: PageMaker) -> None:
    page = open_page(shared.farm, "#/boards/p1", expected=("422",))
    health = page.get_by_role("region", name="Health")
    expect(health).to_contain_text("none for its type")
    begun_at_us = time.time_ns() // 1_000
    said = {
        "type": "recovery",
        "board": "p1",
        "begun_at_us": begun_at_us,
        "cause": "probe",
        "text": "the probe does not answer",
    }
    tried = [rung("look", "failed", 900_000, "no contact")]
    peer.send({**said, "ended_at_us": 0, "end": "climbing", "rungs": tried})
    expect(page.locator("[data-recovery=climbing]")).to_contain_text("the probe does not answer")
    tried += [rung("line-reset", "helped", 2_500_000)]
    peer.send({**said, "ended_at_us": begun_at_us + 4_000_000, "end": "helped", "rungs": tried})
    expect(page.locator("[data-recovery=helped]")).to_contain_text("line-reset helped, after 4.0 s")
    expect(page.locator("[data-rung=look]")).to_contain_text("no contact")
    page.get_by_role("button", name="Quarantine").click()
    expect(page.get_by_role("alert")).to_contain_text("why")
    page.get_by_label("Why").fill("its cable is loose")
    page.get_by_role("button", name="Quarantine").click()
    expect(page.locator(".page-head .chip")).to_contain_text("quarantined")
    expect(health).to_contain_text("quarantined by admin")
    expect(page.locator("[data-decision='board.quarantined']")).to_contain_text("its cable is loose")
    expect(page.get_by_label("Why")).to_have_value("")
    page.get_by_label("Why").fill("mended")
    page.get_by_role("button", name="Release").click()
    assert peer.receive("recover")["board"] == "p1"
    expect(page.locator("[data-decision='board.released']")).to_contain_text("mended")


def test_the_keyboard_goes_from_bar_to_bar(shared: Shared, open_page: PageMaker) -> None:
    page = open_page(shared.farm, "#/timeline/1h/sim1")
    track = page.locator('[data-lane="sim1-4"] .lane-track')
    track.locator("[data-run]").first.wait_for()
    track.focus()
    for key in ("Home", "ArrowRight", "End"):
        page.keyboard.press(key)
        expect(page.locator(".tip strong")).to_be_visible()
    run = re.search(r"[Rr]un (\d+)", track.get_attribute("aria-valuetext") or "")
    assert run, "it says which run it was, or of several the worst"
    page.keyboard.press("Enter")
    expect(page.locator(".run-page h1")).to_contain_text(f"Run {run[1]}")


def test_a_board_that_a_person_has_says_whose_it_is(shared: Shared, open_page: PageMaker) -> None:
    card = open_page(shared.farm).locator('.board[data-board="sim1-1"]')
    expect(card).to_contain_text("admin")
    expect(card).to_contain_text("the clock drifts")
    expect(card).to_contain_text("left")


@pytest.mark.parametrize("width", [390, 1280])
def test_a_large_night_is_readable(shared: Shared, open_page: PageMaker, width: int) -> None:
    """Thirty images on six board types: what is well steps back, the rest stands with its names beside it."""
    number = shared.nights[1]
    page = open_page(shared.farm, width=width)

    def enlarge(route: Route) -> None:
        answer = route.fetch()
        night = answer.json()["night"]
        cell = {**night["summary"]["cells"][0], "passed": 50, "failed": 0, "missing": 0, "ignored": 1}
        night["summary"]["cells"] = [
            {**cell, "image": f"firmware/{image}.elf", "type": kind, "failed": 3 if image == 17 and kind == "b2" else 0}
            for image in range(30)
            for kind in ("b1", "b2", "nucleo-f446re", "b-l475e-iot01a", "stm32f429-discovery", "nrf52840-dk")
        ]
        route.fulfill(response=answer, json={"night": night})

    page.route(f"**/api/v1/nights/{number}", enlarge)
    go(page, f"#/nights/{number}")
    expect(page.locator(".matrix .cell")).to_have_count(6)
    expect(page.locator(".matrix .tone-bad")).to_have_text("✗ 3 of 54")
    page.get_by_role("button", name="Show 29 images").click()
    expect(page.locator(".matrix .cell")).to_have_count(180)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # The name stays beside what is scrolled to.
    page.locator(".matrix .cell").nth(179).scroll_into_view_if_needed()
    expect(page.get_by_role("rowheader", name="firmware/29.elf")).to_be_in_viewport()
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run().then(found => found.violations)")
    assert not [f"{one['id']}: {node['html'][:120]}" for one in found for node in one["nodes"]]


def test_board_or_firmware(shared: Shared, open_page: PageMaker) -> None:
    page = open_page(shared.farm, f"#/runs/{shared.failing['runs'][0]['id']}")
    expect(page.locator("[data-origin=this-board]")).to_contain_text("another board passes")
    expect(page.locator(".witness .chip")).to_contain_text(["passed", "failed", "failed"])
    page.locator(".witness a").first.click()
    expect(page.locator(".run-page h1")).to_contain_text("board or firmware?")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_every_page_fits_and_can_be_used_by_everyone(
    shared: Shared, open_page: PageMaker, width: int, scheme: str
) -> None:
    page = open_page(shared.farm, width=width, color_scheme=scheme)
    pages = {
        "#/": ".squares a",
        "#/queue": ".wait",
        "#/leases": "[data-lease]",
        "#/timeline/24h/sim1": ".lane-track [data-look=lease]",
        "#/nights": ".strip a",
        f"#/nights/{shared.nights[1]}": ".matrix",
        "#/racks": ".squares a",
        "#/boards/sim1-4": ".decision",
        "#/boards/sim1-5": ".ledger-day",
        f"#/runs/{shared.failing['runs'][0]['id']}": ".witness .chip",
        f"#/runs/{shared.lease['run']}": "[data-step=hold]",
    }
    for fragment, ready in pages.items():
        go(page, fragment)
        page.locator(ready).first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, fragment
        page.evaluate(AXE.read_text())
        found = page.evaluate("axe.run().then(found => found.violations)")
        told = [f"{one['id']}: {node['html'][:120]}" for one in found for node in one["nodes"]]
        assert not told, f"{fragment}: {told}"

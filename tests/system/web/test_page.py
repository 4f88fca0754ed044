# SPDX-License-Identifier: Apache-2.0
"""The page in a real browser against the real daemon."""

import re
import signal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.support.farm import FIRMWARE, ROOT, Farm
from tests.support.processes import wait_until
from tests.support.rack_peer import RackPeer
from tests.system.web.conftest import ANY_IMAGE, PageMaker

Json = dict[str, Any]
AXE = ROOT / "web/node_modules/axe-core/axe.min.js"
# What the browser says of a page whose daemon is gone: of the live connection or of a question on its way, as it comes.
LOST = ("WebSocket", "net::ERR_")
# And of a page that is left while its live connection is not made yet.
LEFT = "closed before the connection is established"


def submit(farm: Farm, runs: int = 1, name: str = "shown live", retries: int = 0) -> int:
    image = farm.dir / "smallest.bin"
    image.write_bytes(0x20001000.to_bytes(4, "little") + (0x41).to_bytes(4, "little") + bytes(56) + b"\xfe\xe7")
    return farm.submit(
        {
            "name": name,
            "require": {"cases": ["Hello.boots"]},
            "retries": retries,
            "runs": [{"type": "peer", "image": image.name, "count": runs}],
        }
    )


def case(rack: RackPeer, assign: Json, name: str, verdict: str, message: str, offset: int, end: int) -> None:
    rack.event(
        assign,
        "case",
        group="Hello",
        name=name,
        verdict=verdict,
        message=message,
        required=True,
        waived_ignore=False,
        offset=offset,
        end=end,
        begun_at_us=1_000,
        ended_at_us=3_000,
    )


def console_text(page: Page) -> str:
    return "\n".join(page.locator(".console .line").all_text_contents())


def test_a_token_is_asked_for_checked_and_kept_out_of_sight(farm: Farm, open_page: PageMaker) -> None:
    page = open_page(farm, login=False, expected=("401", LEFT))
    page.get_by_label("Token").fill("assay_wrong")
    page.get_by_role("button", name="Enter").click()
    expect(page.get_by_role("alert")).to_have_text("This token is not accepted.")
    page.get_by_label("Token").fill(farm.token)
    page.get_by_role("button", name="Enter").click()
    expect(page.locator(".connection [role=status]")).to_have_text("live")
    assert farm.token not in page.url
    page.reload()
    expect(page.get_by_role("heading", name="Boards")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Token")).to_be_visible()
    assert page.evaluate("sessionStorage.length") == 0


def test_a_link_with_a_token_logs_in_and_hides_it(farm: Farm, open_page: PageMaker) -> None:
    page = open_page(farm)
    expect(page.locator(".connection [role=status]")).to_have_text("live")
    assert page.evaluate("location.hash") == "#/"
    assert farm.token not in page.evaluate("JSON.stringify(history.state) + location.href")


def test_a_token_that_is_removed_ends_the_visit(farm: Farm, open_page: PageMaker) -> None:
    made = farm.cli("tokens", "add", "visitor", "--role", "viewer").stdout.strip()
    page = open_page(farm, login=False, expected=("WebSocket", "401"))
    page.get_by_label("Token").fill(made)
    page.get_by_role("button", name="Enter").click()
    expect(page.locator(".connection [role=status]")).to_have_text("live")
    assert farm.cli("tokens", "remove", "visitor").returncode == 0
    expect(page.get_by_text("This token is not accepted.")).to_be_visible()


def test_the_overview_shows_what_happens_without_a_reload(farm: Farm, rack: RackPeer, open_page: PageMaker) -> None:
    page = open_page(farm)
    page.evaluate("window.same = true")
    board = page.locator('[data-board="p1"]')
    expect(board).to_have_attribute("data-state", "free")
    number = submit(farm, runs=3)
    first, second = rack.receive("assign"), rack.receive("assign")
    expect(board).to_have_attribute("data-state", "running")
    expect(page.get_by_role("heading", name="Waiting")).to_contain_text("1 run")
    by_board = {first["board"]: first, second["board"]: second}
    rack.event(by_board["p1"], "step.begun", step="flash", phase="forward", row=4)
    expect(board).to_contain_text("flash")
    expect(board.get_by_role("link", name="Run")).to_have_attribute("href", f"#/runs/{by_board['p1']['run']}")
    row = page.locator(f'[data-job="{number}"]')
    expect(row).to_have_attribute("data-outcome", "running")
    for assign in (first, second):
        rack.end(assign)
    rack.end(rack.receive("assign"), "failed", "case-failed")
    expect(row).to_have_attribute("data-outcome", "failed")
    expect(page.get_by_role("heading", name="Waiting")).to_have_count(0)
    expect(board).to_have_attribute("data-state", "free")
    assert page.evaluate("window.same"), "the page was never loaded again"


def test_a_rack_that_goes_is_seen_going(farm: Farm, open_page: PageMaker) -> None:
    token = (farm.state / "agent.token").read_text().strip()
    with RackPeer(farm.url, token, agent="peer2") as leaving:
        leaving.hello(["q1"])
        page = open_page(farm)
        expect(page.locator('[data-board="q1"]')).to_have_attribute("data-state", "free")
    expect(page.locator('[data-board="q1"]')).to_have_attribute("data-state", "offline")


def test_a_run_is_seen_step_by_step_and_byte_by_byte(farm: Farm, rack: RackPeer, open_page: PageMaker) -> None:
    submit(farm)
    assign = rack.receive("assign")
    rack.step(assign, "power-on", 0)
    page = open_page(farm, f"#/runs/{assign['run']}")
    expect(page.locator('[data-step="power-on"]')).to_have_attribute("data-state", "ended")
    rack.event(assign, "step.begun", step="capture", phase="forward", row=7)
    expect(page.locator('[data-step="capture"]')).to_have_attribute("data-state", "open")
    rack.print(assign, b"\x1b[32mTEST(Hello, boots) PASS\x1b[0m\r\nTEST(Hel")
    expect(page.locator(".console .line").last).to_have_text("TEST(Hel")
    rack.print(assign, b"lo, fails)h.c:1::FAIL: Expected <1> Was &2\r\n")
    case(rack, assign, "boots", "pass", "", 0, 34)
    case(rack, assign, "fails", "fail", "Expected <1> Was &2", 34, 86)
    expect(page.locator(".console .line").nth(1)).to_have_text("TEST(Hello, fails)h.c:1::FAIL: Expected <1> Was &2")
    expect(page.locator('[data-case="Hello.fails"]')).to_contain_text("Expected <1> Was &2")
    expect(page.locator(".console .line.case-fail")).to_have_count(1)
    expect(page.locator(".console .fg-2")).to_have_text("TEST(Hello, boots) PASS")
    took = page.locator('[data-step="capture"] .step-took')
    before = took.text_content()
    expect(took).not_to_have_text(before or "")  # it grows while it is under way
    rack.event(
        assign,
        "step.ended",
        step="capture",
        phase="forward",
        row=7,
        cause="none",
        text="complete",
        took_us=1_234_000,
    )
    expect(took).to_have_text("1.2 s")
    rack.end(assign, "failed", "case-failed")
    expect(page.locator(".run-page")).to_have_attribute("data-outcome", "failed")
    expect(page.locator(".lead")).to_have_text("said by a test")
    page.get_by_role("button", name="Hello.boots").click()
    expect(page.locator(".console .shown")).to_have_text("TEST(Hello, boots) PASS")
    expect(page.locator(".run-first [data-case]")).to_have_count(1)
    expect(page.locator(".run-rest [data-case]")).to_have_count(1)


def test_a_lost_daemon_is_shown_and_nothing_is_lost_or_told_twice(farm: Farm, open_page: PageMaker) -> None:
    token = (farm.state / "agent.token").read_text().strip()
    with RackPeer(farm.url, token) as rack:
        rack.hello(["p1"])
        submit(farm)
        assign = rack.receive("assign")
        rack.step(assign, "power-on", 0)
        rack.wait_ack(assign["run"], rack.print(assign, b"one\r\ntwo\r\nthr"))
        page = open_page(farm, f"#/runs/{assign['run']}", expected=LOST)
        expect(page.locator(".console .line").last).to_have_text("thr")
        farm.end(farm.daemon, signal.SIGKILL)
        expect(page.locator(".connection [role=status]")).to_have_text("reconnecting")
    farm.start_daemon(*ANY_IMAGE)
    with RackPeer(farm.url, token) as rack:
        last = 3
        rack.hello(["p1"], runs=[{"run": assign["run"], "fence": assign["fence"], "last": last, "ended": False}])
        rack.sent[assign["run"]] = last
        rack.console[assign["run"]] = b"one\r\ntwo\r\nthr"
        rack.print(assign, b"ee\r\nfour\r\n")
        rack.step(assign, "flash", 1)
        expect(page.locator(".connection [role=status]")).to_have_text("live")
        expect(page.locator('[data-step="flash"]')).to_be_visible()
        expect(page.locator(".console .line").last).to_have_text("four")
        assert console_text(page) == "one\ntwo\nthree\nfour"
        expect(page.locator("[data-step]")).to_have_count(2)
        rack.end(assign)
        expect(page.locator(".run-page")).to_have_attribute("data-outcome", "passed")


def test_a_long_console_stays_at_its_end_until_the_reader_goes_up(
    farm: Farm, rack: RackPeer, open_page: PageMaker
) -> None:
    submit(farm)
    assign = rack.receive("assign")
    page = open_page(farm, f"#/runs/{assign['run']}")
    for block in range(20):
        rack.print(assign, b"".join(b"line %d of a long console\r\n" % (block * 500 + i) for i in range(500)))
    expect(page.locator(".console .line")).to_have_count(10_000)
    last = page.locator(".console .line").last
    expect(last).to_be_in_viewport()
    page.locator(".console").focus()
    page.keyboard.press("Home")
    expect(page.get_by_role("button", name="Follow the end")).to_be_visible()
    rack.print(assign, b"one more\r\n")
    expect(page.locator(".console .line")).to_have_count(10_001)
    expect(page.locator(".console .line").first).to_be_in_viewport()
    page.get_by_role("button", name="Follow the end").click()
    expect(page.locator(".console .line").last).to_be_in_viewport()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save").click()
    assert Path(saved.value.path()).read_bytes() == rack.console[assign["run"]]
    rack.end(assign)


def test_a_job_shows_every_attempt_and_can_be_cancelled(farm: Farm, rack: RackPeer, open_page: PageMaker) -> None:
    number = submit(farm, retries=1)
    rack.end(rack.receive("assign"), "infrastructure", "probe")
    second = rack.receive("assign")
    rack.step(second, "power-on", 0)
    page = open_page(farm, f"#/jobs/{number}")
    expect(page.locator("[data-run]")).to_have_count(2)
    expect(page.locator(".superseded")).to_contain_text("tried again")
    page.get_by_role("button", name="Cancel job").click()
    expect(page.get_by_role("button", name="No", exact=True)).to_be_focused()
    page.get_by_role("button", name="No", exact=True).click()
    page.get_by_role("button", name="Cancel job").click()
    page.get_by_role("button", name="Yes, cancel it").click()
    rack.receive("cancel")
    rack.end(second, "cancelled", "cancelled")
    expect(page.locator(".page-head .chip")).to_contain_text("cancelled")
    expect(page.get_by_role("button", name="Cancel job")).to_have_count(0)
    with page.expect_download() as saved:
        page.get_by_role("button", name="JUnit").click()
    assert "<testsuites" in Path(saved.value.path()).read_text()


def test_a_run_that_waits_says_for_what(farm: Farm, rack: RackPeer, open_page: PageMaker) -> None:
    number = submit(farm, runs=3)
    assigns = [rack.receive("assign"), rack.receive("assign")]
    busy = {assign["run"] for assign in assigns}
    waiting = next(run["id"] for run in farm.job(number)["runs"] if run["id"] not in busy)
    page = open_page(farm, f"#/runs/{waiting}")
    expect(page.locator(".lead")).to_contain_text("Waiting: for a board of type peer: 2 running")
    for assign in assigns:
        rack.end(assign)
    rack.step(rack.receive("assign"), "power-on", 0)
    expect(page.locator('[data-step="power-on"]')).to_be_visible()
    expect(page.locator(".lead")).to_have_count(0)
    farm.cli("cancel", str(number))


def test_a_board_shows_what_ran_on_it(farm: Farm, rack: RackPeer, open_page: PageMaker) -> None:
    submit(farm, name="seen from the board")
    assign = rack.receive("assign")
    page = open_page(farm)
    page.locator(f'[data-board="{assign["board"]}"]').get_by_role("link", name=assign["board"], exact=True).click()
    row = page.locator(f'li[data-run="{assign["run"]}"]')
    expect(row).to_contain_text("seen from the board")
    expect(row).to_have_attribute("data-outcome", "assigned")
    expect(page.locator(".page-head .chip")).to_contain_text("running")
    rack.step(assign, "power-on", 0)
    expect(row).to_have_attribute("data-outcome", "running")
    rack.end(assign, "failed", "case-failed")
    expect(row).to_have_attribute("data-outcome", "failed")
    expect(page.locator(".page-head .chip")).to_contain_text("free")
    expect(page.locator(".strip a").last).to_have_attribute("href", f"#/runs/{assign['run']}")
    row.get_by_role("link").click()
    expect(page.locator(".run-page")).to_have_attribute("data-outcome", "failed")


def test_older_runs_of_a_board_can_be_reached(farm: Farm, open_page: PageMaker) -> None:
    token = (farm.state / "agent.token").read_text().strip()
    with RackPeer(farm.url, token, agent="peer3") as rack:
        rack.hello(["old1"])
        image = farm.dir / "old.bin"
        image.write_bytes(0x20001000.to_bytes(4, "little") + (0x41).to_bytes(4, "little") + bytes(56) + b"\xfe\xe7")
        where = {"board": "old1", "image": image.name, "count": 52}
        number = farm.submit({"name": "many", "require": {"cases": ["Hello.boots"]}, "retries": 0, "runs": [where]})
        for _ in range(52):
            rack.end(rack.receive("assign"))
        farm.wait_job(number)
        page = open_page(farm, "#/boards/old1")
        expect(page.locator("li[data-run]")).to_have_count(50)
        page.get_by_role("button", name="Older runs").click()
        expect(page.locator("li[data-run]")).to_have_count(52)
        expect(page.get_by_role("button", name="Older runs")).to_have_count(0)


def test_a_finished_job_is_sealed_by_those_who_may(farm: Farm, rack: RackPeer, open_page: PageMaker) -> None:
    number = submit(farm)
    assign = rack.receive("assign")
    page = open_page(farm, f"#/jobs/{number}", expected=("500", LEFT))
    expect(page.get_by_role("button", name="Seal this job")).to_have_count(0)
    rack.end(assign)
    page.route("**/seal", lambda route: route.fulfill(status=500, json={"error": {"message": "the disk broke"}}))
    page.get_by_role("button", name="Seal this job").click()
    expect(page.get_by_role("alert")).to_have_text("It could not be sealed: the disk broke")
    page.unroute("**/seal")
    page.get_by_role("button", name="Seal this job").click()
    with page.expect_download() as saved:
        page.get_by_role("button", name=f"Save job-{number}.evidence.tar").click()
    assert saved.value.path().read_bytes() == farm.api("GET", f"jobs/{number}/evidence").content
    summary = farm.api("POST", f"jobs/{number}/seal").json()
    expect(page.locator("[data-stage=sealed]")).to_contain_text(summary["key"])
    viewer = farm.cli("tokens", "add", "onlooker", "--role", "viewer").stdout.strip()
    page.evaluate("sessionStorage.clear()")
    page.goto(f"{farm.url}/?again#token={viewer}")
    page.locator("header.bar").wait_for()
    page.evaluate("fragment => { location.hash = fragment }", f"#/jobs/{number}")
    expect(page.get_by_role("heading", name="Runs")).to_be_visible()
    expect(page.get_by_role("button", name="Seal this job")).to_have_count(0)


def test_on_a_narrow_screen_each_part_is_one_touch_away(farm: Farm, rack: RackPeer, open_page: PageMaker) -> None:
    submit(farm)
    assign = rack.receive("assign")
    rack.print(assign, b"TEST(Hello, boots) PASS\r\n")
    for number in range(60):
        case(rack, assign, f"passes{number}", "pass", "", 0, 25)
    case(rack, assign, "fails", "fail", "at the very end", 0, 25)
    rack.end(assign, "failed", "case-failed")
    page = open_page(farm, f"#/runs/{assign['run']}", width=390, height=844)
    expect(page.locator(".run-page")).to_have_attribute("data-outcome", "failed")
    expect(page.locator('[data-case="Hello.fails"]')).to_be_in_viewport()
    expect(page.locator('[data-case="Hello.passes59"]')).not_to_be_in_viewport()
    jump = page.get_by_role("navigation", name="Parts of this page")
    jump.get_by_role("button", name="Cases").click()
    expect(page.locator('[data-case="Hello.passes0"]')).to_be_in_viewport()
    jump.get_by_role("button", name="Console").click()
    expect(page.locator(".console .line").first).to_be_in_viewport()
    expect(jump).to_be_in_viewport()


def test_a_degraded_farm_is_told_and_its_recovery_too(farm: Farm, open_page: PageMaker) -> None:
    page = open_page(farm, expected=(LEFT,))
    trouble: list[str | None] = ["the disk is full"]

    def answer(route: Route) -> None:
        route.fulfill(json={**farm.get("farm"), "degraded": trouble[0]})

    page.route("**/api/v1/farm", answer)
    page.clock.install()
    page.reload()
    banner = page.locator(".banner")
    expect(banner).to_contain_text("degraded: the disk is full")
    trouble[0] = None
    page.clock.fast_forward(10_000)
    expect(banner).to_have_count(0)
    trouble[0] = "the disk is full again"
    page.clock.fast_forward(10_000)
    expect(banner).to_contain_text("again")


@pytest.mark.takes(15)
def test_older_jobs_can_be_reached(farm: Farm, open_page: PageMaker) -> None:
    token = (farm.state / "agent.token").read_text().strip()
    with RackPeer(farm.url, token) as known:
        known.hello(["p1"])
    numbers = [submit(farm, name=f"one of many {i}") for i in range(32)]
    try:
        page = open_page(farm)
        rows = page.locator("[data-job]")
        expect(rows).to_have_count(30)
        expect(page.locator(f'[data-job="{numbers[0]}"]')).to_have_count(0)
        page.get_by_role("button", name="Older jobs").click()
        expect(page.locator(f'[data-job="{numbers[0]}"]')).to_contain_text("one of many 0")
        numbers.append(submit(farm, name="the latest"))
        expect(rows.first).to_contain_text("the latest")
        expect(page.locator(f'[data-job="{numbers[1]}"]')).to_be_visible()
    finally:
        for number in numbers:
            farm.api("POST", f"jobs/{number}/cancel")


def test_what_is_not_there_is_said(farm: Farm, open_page: PageMaker) -> None:
    page = open_page(farm, "#/jobs/999999", expected=("404",))
    expect(page.get_by_role("heading", name="There is no job 999999")).to_be_visible()
    page.evaluate("location.hash = '#/moon'")
    expect(page.get_by_role("heading", name="Nothing here")).to_be_visible()
    page.get_by_role("link", name="Go to the overview").click()
    expect(page.get_by_role("heading", name="Boards")).to_be_visible()


def test_the_theme_follows_the_system_until_one_is_chosen(farm: Farm, open_page: PageMaker) -> None:
    page = open_page(farm, color_scheme="dark", expected=(LEFT,))
    background = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(background)
    page.get_by_role("button", name="Use the light theme").click()
    light = page.evaluate(background)
    assert light != dark
    page.reload()
    expect(page.get_by_role("button", name="Use the dark theme")).to_be_visible()
    assert page.evaluate(background) == light


def artefact(farm: Farm, run: int, name: str) -> str:
    answer = farm.api("GET", f"runs/{run}/artefacts/{name}")
    return answer.text if answer.status_code == 200 else ""  # it comes after the run's end


@pytest.fixture(scope="module")
def finished_job(real_farm: Farm) -> Json:
    return real_farm.run_job(
        {
            "name": "a suite, and an image that fails a case",
            "suite": "reference",
            "runs": [
                {
                    "type": "microbit",
                    "image": str(FIRMWARE / "suite-microbit.elf"),
                    "require": {"summaries": 1, "parameters": {"broker": "lab-2"}},
                },
                {"type": "microbit", "image": str(FIRMWARE / "fails-microbit.elf")},
            ],
        }
    )


def test_a_real_run_on_a_board_behind_openocd(real_farm: Farm, finished_job: Json, open_page: PageMaker) -> None:
    good, bad = finished_job["runs"]
    page = open_page(real_farm, f"#/runs/{good['id']}")
    expect(page.locator(".run-page")).to_have_attribute("data-outcome", "passed")
    expect(page.locator('[data-parameter="broker"]')).to_contain_text("lab-2")
    steps = page.locator("[data-step]").evaluate_all("rows => rows.map(row => row.dataset.step)")
    assert [step for step in ("power-on", "attach", "flash", "reset", "capture", "judge") if step not in steps] == []
    on_board = {run["id"]: run for run in real_farm.get("boards/mb1/runs")["runs"]}
    assert on_board[good["id"]]["flash_written"], "a new board holds nothing"
    saved = real_farm.api("GET", f"runs/{good['id']}/console").text
    wait_until("the whole console", lambda: len(console_text(page).split()) >= len(saved.split()))
    expect(page.locator(".console .line").first).to_contain_text("ASSAY microbit")
    assert console_text(page).split() == saved.split()
    page.evaluate("id => { location.hash = `#/runs/${id}` }", bad["id"])
    backtrace = wait_until("the backtrace", lambda: artefact(real_farm, bad["id"], "backtrace.txt"))
    expect(page.locator(".remains")).to_have_text(backtrace)
    expect(page.get_by_role("button", name="Save core.elf")).to_be_enabled(timeout=90_000)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save core.elf").click()
    assert download.value.path().read_bytes()[:4] == b"\x7fELF"
    page.get_by_role("button", name="Input.fails").click()
    expect(page.locator(".console .shown")).to_contain_text("TEST(Input, fails)")
    expect(page.locator(".console .shown")).to_be_in_viewport()


def test_a_run_is_watched_live_on_a_real_board(real_farm: Farm, open_page: PageMaker) -> None:
    page = open_page(real_farm)
    board = page.locator('[data-board="mb1"]')
    expect(board).to_have_attribute("data-state", "free")
    job = {
        "name": "hangs",
        "suite": "reference",
        "end": {"silence": "10m", "limit": "10m"},  # it is watched for as long as that takes
        "retries": 0,
        "runs": [{"type": "microbit", "image": str(FIRMWARE / "hangs-microbit.elf")}],
    }
    number = real_farm.submit(job)
    board.get_by_role("link", name="Run").click()
    expect(page.locator('[data-step="capture"]')).to_have_attribute("data-state", "open")
    expect(page.locator(".console .line").last).to_contain_text("TEST(Input, hangs)")
    expect(page.locator(".run-page")).to_have_attribute("data-outcome", "running")
    assert real_farm.api("POST", f"jobs/{number}/cancel").status_code == 200
    expect(page.locator(".run-page")).to_have_attribute("data-outcome", "cancelled")

    number = real_farm.submit({**job, "end": {"silence": "5s"}})
    run = real_farm.get(f"jobs/{number}")["runs"][0]["id"]
    page.evaluate("id => { location.hash = `#/runs/${id}` }", run)
    expect(page.locator(".run-page")).to_have_attribute("data-outcome", "failed")
    expect(page.locator(".remains")).to_contain_text("case_hangs")
    expect(page.locator('[data-case="Input.hangs"]')).to_have_attribute("data-verdict", "crashed")
    page.get_by_role("button", name="Input.hangs").click()  # it never ended, and so did its line
    expect(page.locator(".console .shown")).to_have_text("TEST(Input, hangs)")
    expect(page.locator(".console .line.case-crashed")).to_have_text("TEST(Input, hangs)")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_every_page_fits_and_can_be_used_by_everyone(
    real_farm: Farm, finished_job: Json, open_page: PageMaker, width: int, scheme: str
) -> None:
    """Nothing is wider than the screen, and axe finds nothing to object to: contrast, names, roles, order."""
    page = open_page(real_farm, width=width, color_scheme=scheme)
    pages = {
        "#/": ".board",
        f"#/jobs/{finished_job['id']}": ".run-row",
        "#/boards/mb1": ".strip a",
        f"#/runs/{finished_job['runs'][1]['id']}": ".console .line",
    }
    for fragment, ready in pages.items():
        page.evaluate("fragment => { location.hash = fragment }", fragment)
        page.locator(ready).first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, fragment
        fits = "all => all.every(it => it.scrollWidth <= it.parentElement.clientWidth)"
        assert page.locator(".cases").evaluate_all(fits), fragment  # in its card, not only on the screen
        page.evaluate(AXE.read_text())
        found = page.evaluate("axe.run().then(found => found.violations)")
        told = [f"{one['id']}: {node['html'][:120]}" for one in found for node in one["nodes"]]
        assert not told, f"{fragment}: {told}"


def test_the_keyboard_reaches_everything(real_farm: Farm, finished_job: Json, open_page: PageMaker) -> None:
    page = open_page(real_farm, f"#/runs/{finished_job['runs'][1]['id']}")
    expect(page.locator(".console .line").first).to_contain_text("ASSAY microbit")
    expect(page.get_by_role("button", name="Save core.elf")).to_be_enabled()  # what is on its way cannot be reached
    reached = []
    for _ in range(150):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("document.activeElement.textContent.trim().slice(0, 40) || document.activeElement.className")
        )
        if re.search("ASSAY microbit", reached[-1]):
            break
    assert reached[0] == "Skip to content"
    assert "Input.fails" in reached
    assert any(name.startswith("Save core.elf") for name in reached)
    assert re.search("ASSAY microbit", reached[-1]), "the console can be scrolled by keyboard"

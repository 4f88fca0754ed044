# SPDX-License-Identifier: Apache-2.0
"""The report page as a browser shows it: as the daemon serves it, under the policy that forbids it everything."""

import sqlite3
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser

from tests.support.farm import Farm
from tests.system.reports.conftest import Fill, add_case, add_job, add_run, finish_run

HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>"


def fill(db: sqlite3.Connection) -> None:
    add_job(db, 1, "failed", "case-failed", f"a long name {HOSTILE} " + "x" * 120)
    add_run(db, 1, 1)
    for serial in range(1, 60):
        add_case(db, 1, serial, "Group_" + "g" * 60, f"case_{serial}_" + "n" * 60, "pass" if serial % 7 else "fail")
    db.execute("UPDATE case_result SET message = ? WHERE serial = 7", (HOSTILE * 5,))
    for row in range(1, 6):
        db.execute(
            "INSERT INTO step (run, serial, org, step, phase, row, ended, cause, text, begun_at_us, took_us)"
            " VALUES (1, ?, 'default', ?, 'forward', ?, 1, 'none', '', ?, 12000)",
            (100 + row, f"step-{row}", row, 1763823002000000 + row * 12000),
        )
    db.execute(
        "INSERT INTO measurement VALUES (1, 3, 0, 'default', 'microbit', ?, ?, 'latency', 'us', 14.2, 'out', NULL,"
        " 13.3, 'median 12.1', 0, 0)",
        ("Group_" + "g" * 60, "case_3_" + "n" * 60),
    )
    finish_run(db, 1, "failed", "case-failed")


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_whole_and_alone(
    farm_with: Callable[[Fill], Farm],
    browser: Browser,
    width: int,
    scheme: str,
) -> None:
    farm = farm_with(fill)
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
        extra_http_headers={"Authorization": f"Bearer {farm.token}"},
    )
    said: list[str] = []
    asked: list[str] = []
    page = context.new_page()
    page.on("console", lambda message: said.append(message.text))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{farm.url}/api/v1/jobs/1/report?format=html")
    assert page.locator("section.run").count() == 1
    assert page.locator("ol.all li").count() == 59
    assert page.locator(".case.bad").count() == 8
    assert page.locator("figure svg circle").count() >= 1
    assert page.locator("svg[aria-label=steps] rect").count() == 5
    assert page.locator("img, script").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert len(page.pdf(format="A4")) > 10_000
    assert [url for url in asked if not url.endswith("favicon.ico")] == [asked[0]]
    assert [text for text in said if "favicon" not in text] == []
    context.close()

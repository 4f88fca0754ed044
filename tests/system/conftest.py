# SPDX-License-Identifier: Apache-2.0
"""One browser (Debian's Chromium) for all tests of a process: Playwright cannot run twice in one."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.support.farm import BUILD

TIMEOUT_MS = 90_000


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    assert chromium, "Chromium is not installed: see script/packages.txt"
    assert (BUILD / "web/app.js").exists(), "the page is not built: target web"
    with sync_playwright() as playwright:
        expect.set_options(timeout=TIMEOUT_MS)
        running = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield running
        running.close()

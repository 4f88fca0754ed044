# SPDX-License-Identifier: Apache-2.0
"""Pages of farms in the browser. A browser that complains fails the test."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.support.farm import Farm, virtual_board
from tests.support.rack_peer import RackPeer

PageMaker = Callable[..., Page]
TIMEOUT_MS = 90_000
ANY_IMAGE = ("--image-trial-boards", "0")  # images are as bad as a test wants them


@pytest.fixture
def open_page(browser: Browser) -> Iterator[PageMaker]:
    """open_page(farm, "#/jobs/1", width=390) gives a page that is logged in. What the browser warns of
    (a refused style or script above all) fails the test, but for messages that hold one of the expected texts."""
    contexts: list[BrowserContext] = []
    pages: list[Page] = []
    complaints: list[str] = []
    allowed: list[str] = []

    def make(
        farm: Farm,
        fragment: str = "#/",
        width: int = 1440,
        height: int = 900,
        login: bool = True,
        expected: tuple[str, ...] = (),
        **more: Any,
    ) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, **more)
        contexts.append(context)
        allowed.extend(expected)
        page = context.new_page()
        pages.append(page)
        page.set_default_timeout(TIMEOUT_MS)
        page.on(
            "console",
            lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None,
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{farm.url}/#token={farm.token}" if login else farm.url)
        if login:
            page.locator("header.bar").wait_for()
            page.evaluate("fragment => { location.hash = fragment }", fragment)
        return page

    yield make
    for page in pages:
        page.unroute_all(behavior="ignoreErrors")  # a question may be on its way
    for context in contexts:
        context.close()
    assert not [text for text in complaints if not any(fine in text for fine in allowed)]


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    """A daemon alone; racks come as a test wants them."""
    shared = Farm(tmp_path_factory.mktemp("web"))
    try:
        shared.start_daemon(*ANY_IMAGE)
        yield shared
    finally:
        shared.stop()


@pytest.fixture
def rack(farm: Farm) -> Iterator[RackPeer]:
    """A rack of two boards whose every word the test chooses."""
    with RackPeer(farm.url, (farm.state / "agent.token").read_text().strip()) as peer:
        peer.hello(["p1", "p2"])
        yield peer


@pytest.fixture(scope="module")
def real_farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    """The whole farm, with a virtual board behind OpenOCD."""
    shared = Farm(tmp_path_factory.mktemp("realweb"), boards=[virtual_board("mb1", "microbit")])
    try:
        yield shared.start()
    finally:
        shared.stop()

# SPDX-License-Identifier: Apache-2.0
"""A viewer of the live websocket."""

import base64
import json
import time
from collections.abc import Callable
from typing import Any

from tests.support.socket_peer import Json, SocketPeer


class Viewer(SocketPeer):
    """Collects what it is told: events in order, consoles by run, gaps, and every other message."""

    def __init__(self, url: str, token: str | None, header: bool = True, **more: Any) -> None:
        headers = {"Authorization": f"Bearer {token}"} if header and token else {}
        self.events: list[Json] = []
        self.gaps: list[Json] = []
        self.others: list[Json] = []
        self.console: dict[int, bytes] = {}
        # A reader that stands still on purpose is no dead one, so nobody pings.
        super().__init__(url, "/api/v1/live", "assay-live-1", headers, max_size=16 << 20, ping_interval=None, **more)
        if token and not header:
            self.send({"token": token})

    def subscribe(self, topic: str, subscription: str = "x", **more: Any) -> Json:
        self.send({"subscribe": topic, "id": subscription, **more})
        return self.wait_other(lambda message: message.get("id") == subscription)

    def take(self, timeout_s: float) -> None:
        """Reads one message and sorts it."""
        message = json.loads(self.socket.recv(timeout=timeout_s))
        if "events" in message:
            self.events += message["events"]
        elif "gap" in message:
            self.gaps.append(message["gap"])
        elif "console" in message:
            piece = message["console"]
            seen = self.console.get(piece["run"], b"")
            assert piece["offset"] == len(seen), f"at {len(seen)}, told {piece['offset']}"
            self.console[piece["run"]] = seen + base64.b64decode(piece["data"])
        else:
            self.others.append(message)

    def wait(self, what: str, condition: Callable[[], bool], timeout_s: float = 180) -> None:
        end = time.monotonic() + timeout_s
        while not condition():
            try:
                self.take(max(0.0, end - time.monotonic()))
            except TimeoutError:
                raise AssertionError(
                    f"gave up after {timeout_s:g} s waiting for {what}; {len(self.events)} events, "
                    f"last {self.events[-1:]}, gaps {self.gaps}, others {self.others[-3:]}"
                ) from None

    def wait_other(self, fits: Callable[[Json], bool], timeout_s: float = 180) -> Json:
        found: list[Json] = []

        def there() -> bool:
            found.extend(message for message in self.others if fits(message))
            self.others = [message for message in self.others if not fits(message)]
            return bool(found)

        self.wait("an answer", there, timeout_s)
        return found[0]

    def wait_event(self, fits: Callable[[Json], bool], timeout_s: float = 180) -> Json:
        self.wait("an event", lambda: any(fits(event) for event in self.events), timeout_s)
        return next(event for event in self.events if fits(event))

    def wait_events(self, count: int, timeout_s: float = 180) -> None:
        self.wait(f"{count} events", lambda: len(self.events) >= count, timeout_s)

    def wait_console(self, run: int, expected: bytes, timeout_s: float = 180) -> None:
        """Waits for as many bytes, then compares."""
        self.wait("the console", lambda: len(self.console.get(run, b"")) >= len(expected), timeout_s)
        assert self.console[run] == expected

    def seqs(self) -> list[int]:
        return [event["seq"] for event in self.events]

# SPDX-License-Identifier: Apache-2.0
"""What both ends that tests speak by hand share: one websocket that is opened, written to and closed."""

import contextlib
import json
from types import TracebackType
from typing import Any, Self

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

Json = dict[str, Any]

OPEN_LIMIT_S = 180


class SocketPeer:
    """A context of its connection."""

    def __init__(self, url: str, path: str, protocol: str, headers: dict[str, str], **more: Any) -> None:
        self.stack = contextlib.ExitStack()
        connection = connect(
            url.replace("http", "ws") + path,
            subprotocols=[Subprotocol(protocol)],
            additional_headers=headers,
            open_timeout=OPEN_LIMIT_S,
            **more,
        )
        self.socket: ClientConnection = self.stack.enter_context(connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            self.stack.close()

    def send(self, message: Json) -> None:
        self.socket.send(json.dumps(message))

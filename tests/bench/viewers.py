# SPDX-License-Identifier: Apache-2.0
"""Whether viewers slow the farm down: the time from an agent's console bytes to one viewer, and from a submit's
POST to the agent's assign, with more and more other viewers of the same things.

    ASSAY_BUILD_DIR=build/release build/venv/bin/python -m tests.bench.viewers [VIEWERS…]

The others are read by a process of their own, at the lowest priority, that throws away what it reads."""

import argparse
import base64
import multiprocessing
import os
import selectors
import socket
import statistics
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

from tests.support.farm import Farm
from tests.support.live import Viewer
from tests.support.rack_peer import RackPeer, peer_image


def frame(text: str) -> bytes:
    """A masked text frame, with a mask of zeros."""
    data = text.encode()
    assert len(data) < 126
    return bytes([0x81, 0x80 | len(data), 0, 0, 0, 0]) + data


def open_viewer(port: int, token: str, topics: list[str]) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port))
    key = base64.b64encode(os.urandom(16)).decode()
    client.sendall(
        f"GET /api/v1/live HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Protocol: assay-live-1\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    )
    assert client.recv(4096).startswith(b"HTTP/1.1 101")
    for i, topic in enumerate(topics):
        client.sendall(frame(f'{{"subscribe":"{topic}","id":"{i}"}}'))
    return client


def read_all(port: int, token: str, topics: list[str], count: int, control: Connection) -> None:
    """Keeps count viewers until told to end. Real ones have processors of their own, so these take as little of ours as
    they can: the lowest priority, and what came is dropped in the kernel (MSG_TRUNC), never copied."""
    os.nice(19)
    nowhere = bytearray(1 << 22)
    selector = selectors.DefaultSelector()
    for _ in range(count):
        client = open_viewer(port, token, topics)
        client.setblocking(False)
        selector.register(client, selectors.EVENT_READ)
    selector.register(control, selectors.EVENT_READ)
    control.send(count)
    while True:
        for key, _ in selector.select():
            if key.fileobj is control:
                return
            assert isinstance(key.fileobj, socket.socket)
            key.fileobj.recv_into(nowhere, 0, socket.MSG_TRUNC)


def measure(farm: Farm, peer: RackPeer, sha256: str, others: int) -> None:
    body = {
        "text": "name: bench\nretries: 0\nrequire: {tests: 1}\nruns:\n  - {type: peer, image: peer.hex}\n",
        "images": {"peer.hex": sha256},
    }
    farm.api("POST", "jobs", json=body)
    assign = peer.receive("assign")
    run = assign["run"]
    here, there = multiprocessing.Pipe()
    child = multiprocessing.Process(
        target=read_all, args=(farm.port, farm.token, ["farm", f"run:{run}"], others, there), daemon=True
    )
    child.start()
    here.recv()
    console, dispatch = [], []
    with Viewer(farm.url, farm.token) as viewer:
        viewer.subscribe(f"run:{run}", after=0)
        for i in range(200):
            begun = time.perf_counter()
            peer.print(assign, b"%d\n" % i)
            viewer.wait_console(run, peer.console[run])
            console.append((time.perf_counter() - begun) * 1e3)
            time.sleep(0.005)  # the pace of a real console
    peer.wait_ack(run, peer.end(assign))
    for _ in range(50):
        begun = time.perf_counter()
        farm.api("POST", "jobs", json=body)
        assign = peer.receive("assign")
        dispatch.append((time.perf_counter() - begun) * 1e3)
        peer.wait_ack(assign["run"], peer.end(assign))
    here.send(0)
    child.join(10)
    print(
        f"{others:6} others   console to viewer: median {statistics.median(console):7.2f} ms, "
        f"p99 {sorted(console)[197]:7.2f} ms   submit to assign: median {statistics.median(dispatch):7.2f} ms"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("viewers", type=int, nargs="*", default=[0, 10, 100, 500])
    with tempfile.TemporaryDirectory() as directory:
        farm = Farm(Path(directory))
        farm.start_daemon()
        try:
            with RackPeer(farm.url, (farm.state / "agent.token").read_text().strip()) as peer:
                peer.hello(["b1"])
                kept = farm.api("POST", "images?name=peer.hex", data=peer_image())
                for others in parser.parse_args().viewers:
                    measure(farm, peer, kept.json()["sha256"], others)
        finally:
            farm.stop()


if __name__ == "__main__":
    main()

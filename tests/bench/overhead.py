# SPDX-License-Identifier: Apache-2.0
"""The farm against the bare tool: submit-to-verdict of an image, over a hand-written script that calls
`openocd … program verify reset` and reads the console to the summary, taken in turn on the same kind of virtual board.

    ASSAY_BUILD_DIR=build/release build/venv/bin/python -m tests.bench.overhead [--runs N]

Prints medians and the ratio farm/bare, pair by pair, from the second run on. At most 1.0 means the farm is no slower
than the bare tool. The best of each is what remains on a busy host of what an idle one would show.

The farm's board is switched on for each run, the bare one once: its emulator has translated the image's code already.
--cold switches it off and on before each run too, outside of the time taken, so that both translate it."""

import argparse
import json
import os
import re
import select
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from tests.support.desk_board import DeskBoard
from tests.support.farm import FIRMWARE, ROOT, Farm, virtual_board
from tests.system.farm.test_verdicts import suite_job

TARGET_OF_TYPE = {
    "microbit": ["-f", "target/nrf51.cfg"],
    "netduinoplus2": ["-f", "target/stm32f4x.cfg"],
    "mps2-an385": ["-f", str(ROOT / "share/openocd/mps2-an385.cfg")],
}
# A board with flash is programmed; one that runs from RAM is loaded, and reset again to take its vectors from there.
RAM_TYPES = {"mps2-an385"}
SUMMARY = re.compile(rb"\n\d+ Tests \d+ Failures \d+ Ignored \r?\n(OK|FAIL)")


class BareBoard:
    """A virtual board of one's own, switched on once, as on a desk."""

    def __init__(self, directory: Path, board_type: str) -> None:
        self.board = DeskBoard(directory, board_type)
        assert self.board.control("power on")["ok"]
        self.console = os.open(self.board.ready["console"], os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)

    def drain(self) -> None:
        while select.select([self.console], [], [], 0)[0] and os.read(self.console, 65536):
            pass

    def script(self, image: Path) -> str:
        if self.board.board_type in RAM_TYPES:
            return f"init; reset halt; load_image {image}; verify_image {image}; reset run; shutdown"
        return f"program {image} verify reset exit"

    def run(self, image: Path, cold: bool = False) -> float:
        """Seconds from starting openocd to the summary on the console."""
        if cold:
            assert self.board.control("power cycle")["ok"]
        self.drain()
        begun = time.perf_counter()
        subprocess.run(
            [
                "openocd",
                *self.board.openocd_args(),
                *("-c", "gdb_port disabled; tcl_port disabled; telnet_port disabled"),
                *TARGET_OF_TYPE[self.board.board_type],
                *("-c", self.script(image)),
            ],
            check=True,
            capture_output=True,
        )
        text = b""
        while not SUMMARY.search(text):
            assert select.select([self.console], [], [], 30)[0], f"no summary: {text[-300:]!r}"
            text += os.read(self.console, 65536)
        return time.perf_counter() - begun

    def stop(self) -> None:
        os.close(self.console)
        self.board.stop()


def farm_run(farm: Farm, body: bytes) -> float:
    """Seconds from submitting to knowing the verdict, as a client does it: one POST, then the live events."""
    from websockets.sync.client import connect

    url = farm.url.replace("http", "ws") + "/api/v1/live"
    headers = {"Authorization": f"Bearer {farm.token}"}
    with connect(url, subprotocols=["assay-live-1"], additional_headers=headers) as live:  # type: ignore[list-item]
        live.send(json.dumps({"id": "f", "subscribe": "farm"}))
        json.loads(live.recv())
        begun = time.perf_counter()
        answer = farm.api("POST", "jobs", data=body)
        assert answer.status_code == 201, answer.text
        number = answer.json()["job"]["id"]
        while True:
            for event in json.loads(live.recv(timeout=60)).get("events", []):
                if event["type"] == "job.finished" and event["job"] == number:
                    took = time.perf_counter() - begun
                    assert farm.job(number)["verdict"] == "passed", farm.job(number)
                    return took


def measure(board_type: str, runs: int, directory: Path, settle: str | None, cold: bool) -> None:
    image = FIRMWARE / f"suite-{board_type}.elf"
    farm_dir = directory / "farm"
    farm_dir.mkdir()
    farm = Farm(farm_dir, boards=[virtual_board("b", board_type)]).start()
    bare = BareBoard(directory / "bare", board_type)
    try:
        sha = farm.api("POST", "images", params={"name": image.name}, data=image.read_bytes()).json()["sha256"]
        job = {**suite_job("suite", board_type), **({"end": {"settle": settle}} if settle else {})}
        text = json.dumps(job)
        path = job["runs"][0]["image"]
        body = json.dumps({"file": "bench.json", "text": text, "images": {path: sha}}).encode()
        pairs = [(farm_run(farm, body), bare.run(image, cold)) for _ in range(runs + 1)][1:]
    finally:
        bare.stop()
        farm.stop()
    ratios = sorted(ours / theirs for ours, theirs in pairs)
    print(
        f"{board_type:14} farm {statistics.median(p[0] for p in pairs) * 1e3:7.1f} ms"
        f"  bare openocd {statistics.median(p[1] for p in pairs) * 1e3:7.1f} ms"
        f"  ratio median {statistics.median(ratios):.3f}  min {ratios[0]:.3f}  max {ratios[-1]:.3f}  ({runs} pairs)"
        f"  best of each {min(p[0] for p in pairs) * 1e3:.1f} / {min(p[1] for p in pairs) * 1e3:.1f} ms"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--settle", help="as in a job file, instead of the default")
    parser.add_argument("--cold", action="store_true", help="switch the bare board off and on before each run")
    parser.add_argument("--type", action="append", choices=sorted(TARGET_OF_TYPE))
    arguments = parser.parse_args()
    os.chdir(ROOT)
    for board_type in arguments.type or sorted(TARGET_OF_TYPE):
        with tempfile.TemporaryDirectory() as directory:
            measure(board_type, arguments.runs, Path(directory), arguments.settle, arguments.cold)


if __name__ == "__main__":
    main()

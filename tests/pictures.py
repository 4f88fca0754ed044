# SPDX-License-Identifier: Apache-2.0
"""Takes the pictures of docs/images from a farm at work: python -m tests.pictures [--all DIR] [--seconds N]

Four virtual boards run the reference suite by night, three racks of simulated ones the jobs of three organisations.
With --all each page is taken in both themes, wide and narrow, into DIR instead."""

import argparse
import json
import random
import tempfile
import time
from functools import partial
from pathlib import Path

import yaml
from playwright.sync_api import Browser, sync_playwright

from tests.support.farm import FIRMWARE, ROOT, Farm, virtual_board
from tests.support.processes import wait_until
from tests.support.rack_peer import peer_image

IMAGES = ROOT / "docs/images"
TYPES = ("microbit", "netduinoplus2", "mps2-an385")
ORGANISATIONS = ("kernel", "radio", "sensors")
RACKS = {"name": "bench", "rack-boards": 8, "steps": {"capture": {"uniform": ["3s", "12s"]}}}
NIGHTLY = {
    "name": "nightly",
    "when": "Mon..Fri 22:00 Europe/Berlin",
    "retries": 0,
    "matrix": {"suites": ["reference"], "types": list(TYPES), "images": ["drop:main/{type}.elf"]},
}


class Stage:
    """The farm, and what is done on it so that there is something to see."""

    def __init__(self, directory: Path) -> None:
        boards = [
            virtual_board(f"{kind[:4]}-{i}", kind) for kind in TYPES for i in range(1, 3 if kind == "microbit" else 2)
        ]
        self.farm = Farm(directory, rack={"rack": "lab-1", "boards": boards})
        self.virtual = len(boards)
        self.tokens: dict[str, str] = {}
        self.failed = 0  # a run worth a picture

    def start(self) -> None:
        farm = self.farm
        farm.start_daemon()
        farm.start_agent()
        wait_until("the virtual boards", lambda: self.free() == self.virtual, 120)
        self.lab, farm.agent = farm.agent, None
        script = {
            **RACKS,
            "boards": [{"from": 5, "outcomes": {"fail": 1}}, {"from": 9, "outcomes": {"pass": 4, "fail": 1}}],
        }
        farm.agent_state = farm.dir / "bench"
        farm.start_simulated(24, script)
        wait_until("the simulated boards", lambda: self.free() == self.virtual + 24, 60)
        (farm.dir / "peer.hex").write_bytes(peer_image())
        for name in ORGANISATIONS:
            self.cli("org", "add", name)
            made = self.cli("tokens", "add", f"{name}-ci", "--org", name)
            (farm.dir / f"{name}.token").write_text(made.split()[-1] + "\n")
        self.cli("tokens", "add", "ann")

    def stop(self) -> None:
        self.farm.end(self.lab)
        self.farm.stop()

    def free(self) -> int:
        return [one["state"] for one in self.farm.boards().values()].count("free")

    def cli(self, *argv: str) -> str:
        done = self.farm.cli(*argv)
        assert done.returncode == 0, f"{argv}: {done.stderr}"
        return str(done.stdout)

    def nights(self) -> None:
        """One that is accepted, and one after a build that broke something."""
        (self.farm.dir / "nightly.yaml").write_text(yaml.safe_dump(NIGHTLY, sort_keys=False))
        self.cli("schedule", "add", "nightly.yaml")
        for number, broken in enumerate(("", "", "microbit"), start=1):
            for kind in TYPES:
                image = FIRMWARE / f"{'fails' if kind == broken else 'suite'}-{kind}.elf"
                (self.farm.dir / f"{kind}.elf").write_bytes(image.read_bytes())
            self.cli("drop", "main", *(f"{kind}.elf" for kind in TYPES))
            night = int(json.loads(self.cli("schedule", "run-now", "nightly", "--json"))["night"])
            wait_until("the night", partial(self.summary, night), 300)
            if number == 2:
                self.cli("nights", "accept", str(night))
            self.night = night
        changes = self.farm.get(f"nights/{self.night}")["night"]["summary"]["comparison"]["changes"]
        self.failed = changes[0]["run"]

    def summary(self, night: int) -> object:
        return self.farm.get(f"nights/{night}")["night"]["summary"]

    def work(self, seconds: float) -> None:
        """Jobs of three organisations, and two people."""
        draw = random.Random(4)
        self.cli("lease", "simulated", "--detach", "--for", "30m", "--why", "the clock drifts")
        self.cli("boards", "quarantine", "bench2-7", "--why", "its relay sticks")
        self.cli("racks", "drain", "bench3", "--why", "a new power supply")
        at = int((time.time() + 5_400) * 1e6)
        wish = {"type": "microbit", "for_ms": 3_600_000, "why": "a demonstration", "from_us": at}
        assert self.farm.api("POST", "leases", json=wish).status_code == 201
        end = time.monotonic() + seconds
        number = 0
        while time.monotonic() < end:
            number += 1
            who = draw.choice((*ORGANISATIONS, ORGANISATIONS[0]))
            runs = [{"type": "simulated", "image": "peer.hex", "count": draw.randint(1, 8)}]
            job = {"name": f"{who} change {4_100 + number}", "retries": 0, "require": {"tests": 4}, "runs": runs}
            (self.farm.dir / "job.yaml").write_text(yaml.safe_dump(job))
            self.cli("submit", "job.yaml", "--token-file", f"{who}.token")
            time.sleep(draw.uniform(1, 4))
        job = {"name": "waits", "retries": 0, "require": {"tests": 4}, "runs": [dict(runs[0], count=60)]}
        (self.farm.dir / "job.yaml").write_text(yaml.safe_dump(job))
        self.cli("submit", "job.yaml", "--token-file", "kernel.token")


def take(
    browser: Browser,
    stage: Stage,
    fragment: str,
    path: Path,
    width: int = 1280,
    height: int = 900,
    dark: bool = False,
    whole: bool = False,
) -> None:
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light")
    page = context.new_page()
    page.goto(f"{stage.farm.url}/#token={stage.farm.token}" if fragment else stage.farm.url)
    if fragment:
        page.locator("header.bar").wait_for()
        page.evaluate("to => { location.hash = to }", fragment)
    page.wait_for_timeout(2_500)  # what is drawn when it is there
    page.screenshot(path=str(path), full_page=whole)
    context.close()


def pages_of(stage: Stage) -> dict[str, str]:
    job = stage.farm.get("jobs?limit=1")["jobs"][0]["id"]
    return {
        "overview": "#/",
        "timeline": "#/timeline/15m",
        "queue": "#/queue",
        "leases": "#/leases",
        "nights": "#/nights",
        "night": f"#/nights/{stage.night}",
        "racks": "#/racks",
        "board": "#/boards/bench1-5",
        "real-board": "#/boards/micr-1",
        "leased-board": "#/boards/bench1-1",
        "job": f"#/jobs/{job}",
        "run": f"#/runs/{stage.failed}",
        "nothing": "#/nowhere",
        "no-run": "#/runs/999999",
        "sign-in": "",
    }


def take_all(browser: Browser, stage: Stage, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for name, fragment in pages_of(stage).items():
        for width in (1280, 390):
            for dark in (False, True):
                file = target / f"{name}-{width}-{'dark' if dark else 'light'}.png"
                take(browser, stage, fragment, file, width=width, height=900, dark=dark, whole=True)


def take_ours(browser: Browser, stage: Stage) -> None:
    pages = pages_of(stage)
    take(browser, stage, pages["timeline"], IMAGES / "timeline.png", height=860)
    take(browser, stage, pages["overview"], IMAGES / "overview.png", height=860, dark=True)
    take(browser, stage, pages["night"], IMAGES / "night.png", height=760)
    take(browser, stage, pages["run"], IMAGES / "run.png", height=1180)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", type=Path, metavar="DIR")
    parser.add_argument("--seconds", type=float, default=420, help="how long the farm works before")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="assay-pictures-") as directory, sync_playwright() as playwright:
        stage = Stage(Path(directory))
        try:
            stage.start()
            stage.nights()
            stage.work(options.seconds)
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            if options.all:
                take_all(browser, stage, options.all)
            else:
                take_ours(browser, stage)
            browser.close()
        finally:
            stage.stop()


if __name__ == "__main__":
    main()

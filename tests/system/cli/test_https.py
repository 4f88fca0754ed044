# SPDX-License-Identifier: Apache-2.0
"""A farm behind a TLS proxy: requests, what is live, leases, images and artefacts go through it; nothing goes to a
daemon whose certificate is not good."""

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.farm import BUILD, FIRMWARE, PATIENT, Farm, virtual_board
from tests.support.processes import wait_until
from tests.support.tls_front import Authority, tls_front

LIMIT_S = 180
END = {"when": "summary", **PATIENT, "settle": "20ms"}


@dataclass
class Site:
    farm: Farm
    authority: Authority
    stranger: Authority
    url: str

    def assay(self, *argv: str | Path, url: str = "", **env: str) -> subprocess.CompletedProcess[str]:
        """`assay` as on another host: no state directory, the address and the token in the environment."""
        return subprocess.run(
            [str(word) for word in (BUILD / "bin/assay", *argv)],
            env={**os.environ, "ASSAY_URL": url or self.url, "ASSAY_TOKEN": self.farm.token, **env},
            capture_output=True,
            text=True,
            timeout=300,
            stdin=subprocess.DEVNULL,
            cwd=self.farm.dir,
        )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    directory = tmp_path_factory.mktemp("https")
    farm = Farm(directory, boards=[virtual_board("mb", "microbit")])
    authority, stranger = Authority(directory, "authority"), Authority(directory, "stranger")
    try:
        farm.start_daemon()
        with tls_front(authority, farm.port) as url:
            farm.start_agent("--daemon", url, "--ca-file", str(authority.file))
            farm.wait_idle()
            yield Site(farm, authority, stranger, url)
            farm.end(farm.agent)
    finally:
        farm.stop()


def test_a_job_from_its_images_to_its_core_file(site: Site) -> None:
    fails = FIRMWARE / "fails-microbit.elf"
    job = {"name": "far", "require": {"summaries": 1}, "end": END, "runs": [{"type": "microbit", "image": str(fails)}]}
    done = site.assay("--ca-file", site.authority.file, "submit", site.farm.write_job(job), "--wait", "--no-color")
    assert done.returncode == 1, done.stdout + done.stderr
    run = site.farm.get("jobs/1")["runs"][0]["id"]
    wait_until("the core file to be there", lambda: site.farm.api("GET", f"runs/{run}/artefacts/core.elf").ok)
    trust = {"ASSAY_CA_FILE": str(site.authority.file)}
    fetched = site.assay("core", str(run), **trust)
    assert (site.farm.dir / fetched.stdout.strip()).read_bytes()[:4] == b"\x7fELF", fetched.stderr
    watched = site.assay("watch", "run", str(run), "--json", **trust)
    assert "run.finished" in watched.stdout, watched.stderr


def test_a_leased_board(site: Site) -> None:
    client = subprocess.Popen(
        [BUILD / "bin/assay", "--json", "lease", "mb", "--for", "5m", "--console-port", "0"],
        env={
            **os.environ,
            "ASSAY_URL": site.url,
            "ASSAY_TOKEN": site.farm.token,
            "ASSAY_CA_FILE": str(site.authority.file),
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )
    try:
        assert client.stdout
        granted = json.loads(client.stdout.readline())
        with socket.create_connection(("127.0.0.1", granted["console_port"]), LIMIT_S):
            wait_until("the board to have a client", lambda: site.farm.get("leases")["leases"][0]["clients"] == 1)
        ended = site.assay("lease", "end", str(granted["lease"]), "--ca-file", site.authority.file)
        assert ended.returncode == 0, ended.stderr
        assert client.wait(LIMIT_S) == 0
    finally:
        client.kill()
        client.communicate()


@pytest.mark.parametrize("words", [("farm",), ("watch",)], ids=["http", "live"])
def test_who_is_not_trusted_gets_nothing(site: Site, words: tuple[str, ...]) -> None:
    authority, stranger = site.authority.file, site.stranger.file
    cases: list[tuple[str, list[str | Path], str]] = [
        (site.url, ["--ca-file", stranger], f"cannot be trusted: .* (by the authorities in {stranger})"),
        (site.url, [], "cannot be trusted: .* (by this machine's authorities; --ca-file names others)"),
        (site.url.replace("127.0.0.1", "localhost"), ["--ca-file", authority], "cannot be trusted"),
        (site.farm.url.replace("http", "https"), ["--ca-file", authority], "cannot reach assayd at https"),
    ]
    for url, more, text in cases:
        done = site.assay(*more, *words, url=url)
        assert (done.returncode, done.stdout) == (5, ""), done.stderr
        assert all(part in done.stderr for part in text.split(".*")), done.stderr


def test_a_file_of_authorities_that_is_not_there(site: Site) -> None:
    done = site.assay("--ca-file", "nowhere.pem", "farm")
    assert (done.returncode, done.stderr) == (2, "assay: cannot read nowhere.pem: No such file or directory\n")
    agent = f"{BUILD}/bin/assay-agent --simulate 1 --daemon {site.url} --state-dir other --ca-file nowhere.pem"
    ended = subprocess.run(agent.split(), capture_output=True, text=True, cwd=site.farm.dir, timeout=300)
    assert ended.returncode == 2 and "cannot read nowhere.pem" in ended.stderr, ended.stderr


def test_an_agent_does_not_tell_its_token_to_just_anybody(site: Site) -> None:
    log = site.farm.dir / "strange.log"
    with log.open("wb") as out:
        agent = subprocess.Popen(
            [
                *(BUILD / "bin/assay-agent", "--simulate", "1", "--state-dir", "strange", "--daemon", site.url),
                *("--token-file", site.farm.state / "agent.token", "--ca-file", site.stranger.file),
            ],
            stdin=subprocess.DEVNULL,
            stderr=out,
            cwd=site.farm.dir,
        )
    try:
        wait_until("the agent to say why", lambda: "the farm's certificate is not good" in log.read_text())
        assert set(site.farm.boards()) == {"mb"}
    finally:
        agent.terminate()
        assert agent.wait(LIMIT_S) == 0

# SPDX-License-Identifier: Apache-2.0
"""kill -9 of assayd, the agent, OpenOCD, QEMU or the virtual board at random moments, many times: nothing acknowledged
is lost, no run stays open, no board stays leased, no child stays behind, and the farm goes on by itself."""

import os
import random
import sqlite3
import time

import pytest

from tests.support.farm import Farm, virtual_board
from tests.support.processes import kill
from tests.system.farm.conftest import FarmMaker
from tests.system.farm.test_verdicts import suite_job

ROUNDS = int(os.environ.get("ASSAY_CHAOS_ROUNDS", "12"))
VICTIMS = ["assayd", "assay-agent", "openocd", "qemu-system-arm", "assay-vboard"]
GOOD_IMAGE = {"passed", "infrastructure"}  # a good image may pass or be disturbed; anything else would be a lie


def kill_one(farm: Farm, victim: str, dice: random.Random) -> None:
    assert farm.agent is not None and farm.daemon is not None
    if victim == "assayd":
        farm.daemon.kill()
        farm.daemon.wait()
        farm.start_daemon()
    elif victim == "assay-agent":
        farm.agent.kill()
        farm.agent.wait()
        farm.start_agent()
    else:
        pids = farm.children(victim)
        if pids:
            kill(dice.choice(pids))


@pytest.mark.takes(35)
def test_random_kills(make_farm: FarmMaker) -> None:
    seed = int(os.environ.get("ASSAY_CHAOS_SEED", str(random.randrange(1 << 30))))
    print(f"seed {seed}: repeat with ASSAY_CHAOS_SEED={seed}")
    dice = random.Random(seed)
    farm = make_farm(boards=[virtual_board("mb1", "microbit"), virtual_board("f4", "netduinoplus2")]).start()
    acknowledged = []
    for round_number in range(ROUNDS):
        board_type = dice.choice(["microbit", "netduinoplus2"])
        job = suite_job("suite", board_type)
        job["retries"] = 5
        acknowledged.append(farm.submit(job))
        # A moment anywhere within a run: the sleep chooses the instant of the fault, nothing waits on it.
        time.sleep(dice.uniform(0, 1.5))
        victim = VICTIMS[round_number % len(VICTIMS)]
        kill_one(farm, victim, dice)

    for number in acknowledged:
        done = farm.wait_job(number)
        assert {run["verdict"] for run in done["runs"]} <= GOOD_IMAGE, (number, [run["text"] for run in done["runs"]])
        assert done["verdict"] in GOOD_IMAGE
    farm.wait_idle(120)
    for board_type in ("microbit", "netduinoplus2"):
        assert farm.run_job(suite_job("suite", board_type))["verdict"] == "passed"
    farm.stop()  # fails when a child stays behind
    with sqlite3.connect(f"file:{farm.state}/assay.db?mode=ro", uri=True) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("SELECT count(*) FROM run WHERE state <> 'finished'").fetchone() == (0,)
        low, high, count = database.execute("SELECT min(seq), max(seq), count(*) FROM event").fetchone()
        assert high - low + 1 == count, "event numbers have gaps"

# SPDX-License-Identifier: Apache-2.0
"""Firmware of somebody else: FreeRTOS with lwIP that logs into its own results for a minute.

ASSAY_SLOW=1 lets every way to misbehave come in the second minute instead of after some seconds.
"""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.support.farm import IMAGES, PATIENT, UNTIL_SILENT, Farm, virtual_board
from tests.support.strangers import (
    BEHAVES,
    BITTEN,
    FAILS_LATE,
    FAULTS_LATE,
    FLOODS,
    SEMIHOSTS,
    STOPS_IN_A_LINE,
    EchoServers,
    Settings,
    echo_servers,
    with_settings,
)
from tests.system.farm.conftest import FarmMaker

Json = dict[str, Any]
SLOW = os.environ.get("ASSAY_SLOW") == "1"
LONG_S = 90 if SLOW else 50
SHORT_S = 90 if SLOW else 6
BOARDS = 3
ECHOED_BYTES = 64 + 40000 + 3 * 1400 + 12 * 500  # by one run's transport suite

CASES = [
    "Full_Board.Ram_Is_Cold",
    "Full_Board.Tick_Agrees_With_Timer",
    "Full_DHCP.Controller_Starts",
    "Full_DHCP.Gives_An_Address",
    "Full_TransportInterfaceTest.TransportSendRecv_Small",
    "Full_TransportInterfaceTest.TransportSendRecv_Large",
    "Full_TransportInterfaceTest.TransportSendRecv_Datagrams",
    "Full_TransportInterfaceTest.TransportConnect_Many",
]

# misbehaviour, seconds, verdict, cause, the case it is about and that case's verdict
VARIANTS = [
    (BEHAVES, LONG_S, "passed", "all-required-seen", "", ""),
    (FAILS_LATE, SHORT_S, "failed", "case-failed", f"Full_Soak.Second_{SHORT_S:03}", "fail"),
    (FAULTS_LATE, SHORT_S, "failed", "crash", f"Full_Soak.Second_{SHORT_S * 2 // 3 + 1:03}", "crashed"),
    (BITTEN, SHORT_S, "failed", "reboot", f"Full_Soak.Second_{SHORT_S * 2 // 3 + 1:03}", "crashed"),
    (STOPS_IN_A_LINE, SHORT_S, "failed", "hang", f"Full_Soak.Second_{SHORT_S * 2 // 3 + 1:03}", "crashed"),
    (SEMIHOSTS, SHORT_S, "failed", "crash", f"Full_Soak.Second_{SHORT_S * 2 // 3 + 1:03}", "crashed"),
    (FLOODS, 3, "passed", "all-required-seen", "", ""),
    (BEHAVES, 3, "passed", "all-required-seen", "", ""),  # on boards whose RAM the others used
    (FAILS_LATE, 3, "failed", "case-failed", "Full_Soak.Second_003", "fail"),
]
GROUPS_BY_NAME = len(VARIANTS) - 1  # no number of anything: the verdict waits for the groups' summaries


def lwip_job(directory: Path, servers: EchoServers, number: int) -> Json:
    misbehaviour, seconds = VARIANTS[number][:2]
    settings = Settings(servers.tcp_port, servers.udp_port, seconds, misbehaviour)
    image = with_settings(IMAGES / "lwip-mps2-an385.elf", settings, directory / f"lwip-{number}.elf")
    groups = [
        "Full_Board",
        {"name": "Full_TransportInterfaceTest", "cases": 4},
        {"name": "Full_Soak", "cases": seconds},
    ]
    require = {"cases": CASES[2:4], "groups": groups, "tests": len(CASES) + seconds, "summaries": 4}
    silence = (UNTIL_SILENT if VARIANTS[number][5] == "crashed" else PATIENT)["silence"]
    return {
        "name": f"lwip {number}",
        "require": {"groups": ["Full_DHCP", "Full_Soak"]} if number == GROUPS_BY_NAME else require,
        "end": {"when": "required", "silence": silence, "limit": f"{seconds + 300}s"},
        "runs": [{"type": "mps2-an385", "image": str(image)}],
    }


def difference_from_truth(number: int, job: Json) -> str:
    """Empty when the verdict is the one this variant deserves."""
    _, seconds, verdict, cause, culprit, culprit_verdict = VARIANTS[number]
    (run,) = job["runs"]
    cases = {f"{case['group']}.{case['name']}": case["verdict"] for case in run["cases"]}
    told = f"variant {number}: {run['verdict']} {run['cause']}: {run['text']}; {cases}"
    if (run["verdict"], run["cause"]) != (verdict, cause):
        return told
    last = int(culprit[-3:]) - 1 if culprit else seconds
    if culprit and cases.pop(culprit, None) != culprit_verdict:
        return told
    expected = CASES + [f"Full_Soak.Second_{i:03}" for i in range(1, last + 1)]
    return "" if cases == dict.fromkeys(expected, "pass") else told


@pytest.mark.takes(70)
def test_an_rtos_with_a_network_stack_is_judged_by_what_it_did(make_farm: FarmMaker) -> None:
    if not (IMAGES / "lwip-mps2-an385.elf").exists():
        assert not shutil.which("cargo"), "cargo is here, but the lwIP image was not built: see CMake's output"
        pytest.skip("the image needs cargo, 1.85 or later, to fetch the sources of FreeRTOS and lwIP")
    boards = [virtual_board(f"an{i}", "mps2-an385") for i in range(BOARDS)]
    for board in boards:
        board["virtual"]["nic"] = "user"
    farm: Farm = make_farm(boards=boards).start()
    with echo_servers() as servers:
        numbers = [farm.submit(lwip_job(farm.dir, servers, i)) for i in range(len(VARIANTS))]
        jobs = [farm.wait_job(number, LONG_S * 4 + 120) for number in numbers]
    wrong = [difference_from_truth(i, job) for i, job in enumerate(jobs)]
    assert not any(wrong), "\n".join(filter(None, wrong))
    assert servers.bytes_echoed >= len(VARIANTS) * ECHOED_BYTES
    flood = jobs[[variant[0] for variant in VARIANTS].index(FLOODS)]["runs"][0]
    console = farm.api("GET", f"runs/{flood['id']}/console").content
    assert len(console) > 1_000_000
    for line in (1, 8000, 15999):
        assert b"flood %d abc" % line in console, f"line {line} of the flood is lost"

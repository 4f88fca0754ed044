# SPDX-License-Identifier: Apache-2.0
"""Power, death, lockup, reset, time and the console: what happens to a board that a farm must survive."""

import os
import select
import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.processes import wait_until
from tests.system.vboard.bench import FLASH_CHIPS, LIMIT, Board, OpenOcd, symbol

Images = Callable[..., Path]
Boards = Callable[..., Board]
OpenOcds = Callable[..., OpenOcd]
QEMU_LIMIT_S = 5  # VM_LIMIT_MS: after which a machine that does not answer is dead
TRIES = 5  # to be faster than that


def children(pid: int) -> list[int]:
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_alive(pid: int) -> bool:
    try:
        return ") Z" not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


def wait_gone(pids: list[int]) -> None:
    end = time.monotonic() + LIMIT
    while any(is_alive(p) for p in pids):
        assert time.monotonic() < end, [p for p in pids if is_alive(p)]
        time.sleep(0.01)


def test_no_power_no_target(chip: str, make_board: Boards, make_openocd: OpenOcds) -> None:
    board = make_board(chip)
    openocd = make_openocd(board)
    assert openocd.process.wait(LIMIT) != 0
    assert "unable to connect to the target" in openocd.text()
    assert "target voltage may be too low" in openocd.text()


def test_openocd_outlives_power_cycles(chip: str, image: Images, make_board: Boards, make_openocd: OpenOcds) -> None:
    board = make_board(chip)
    board.power("on")
    openocd = make_openocd(board)
    for _ in range(3):
        openocd.run("halt")
        board.power("off")
        openocd.fails("read_memory 0xe000ed00 32 1")
        board.power("on")
        name = openocd.run("target current").strip()
        end = time.monotonic() + LIMIT
        while openocd.tcl(f"catch {{{name} arp_examine; halt; wait_halt 60000}}") != "0":
            assert time.monotonic() < end, openocd.text()[-2000:]
        openocd.load_and_run(board, image(chip, "clock"))
        board.wait_console(b"hello\r\n")
    status = board.status()
    assert status["power_ons"] == 4
    assert status["stlink_clients"] == 1


def test_the_next_machine_waits_while_the_board_is_on(chip: str, make_board: Boards) -> None:
    board = make_board(chip)
    pid = board.process.pid

    def spares() -> set[int]:
        return set(children(pid)) - {board.status()["qemu_pid"]}

    for _ in range(2):
        board.power("on")
        wait_until("a spare", spares)
        running = int(board.status()["qemu_pid"])
        (spare,) = spares()
        board.power("cycle")
        assert board.status()["qemu_pid"] == spare
        assert not is_alive(running)
        board.power("off")
        assert len(children(pid)) == 1


def test_power_is_cold(make_board: Boards, make_openocd: OpenOcds) -> None:
    board = make_board("mps2-an385")
    board.power("on")
    openocd = make_openocd(board)
    openocd.run("halt; mww 0x20000000 0x12345678")
    openocd.run("reset halt")
    assert openocd.word(0x20000000) == 0x12345678  # a reset keeps RAM
    openocd.stop()
    board.power("cycle")
    assert make_openocd(board).word(0x20000000) == 0


def test_killed_qemu(chip: str, make_board: Boards, make_openocd: OpenOcds, image: Images) -> None:
    board = make_board(chip)
    board.power("on")
    openocd = make_openocd(board)
    openocd.load_and_run(board, image(chip, "clock"))
    board.wait_console(b"hello\r\n")
    os.kill(board.status()["qemu_pid"], signal.SIGKILL)
    status = board.wait_status(state="dead")
    assert "signal 9" in status["reason"]
    assert status["qemu_pid"] == 0
    openocd.fails("read_memory 0xe000ed00 32 1")
    board.power("cycle")
    assert board.status()["state"] == "on"
    name = openocd.run("target current").strip()
    end = time.monotonic() + LIMIT
    while openocd.tcl(f"catch {{{name} arp_examine; halt; wait_halt 60000}}") != "0":
        assert time.monotonic() < end
    if chip != "mps2-an385":
        openocd.run(f"verify_image {image(chip, 'clock')}")


def test_stopped_qemu_is_found_out(make_board: Boards, make_openocd: OpenOcds) -> None:
    """The probe answers that it failed, and the board is dead until its next power cycle."""
    board = make_board("stm32f405")
    board.power("on")
    openocd = make_openocd(board)
    openocd.run("halt")
    os.kill(board.status()["qemu_pid"], signal.SIGSTOP)
    openocd.fails("read_memory 0x20000000 32 1")
    assert "did not answer" in board.wait_status(state="dead")["reason"]
    board.power("cycle")
    assert board.status()["state"] == "on"


def test_status_comes_while_qemu_does_not_answer(make_board: Boards) -> None:
    board = make_board("stm32f405")
    board.power("on")
    for _ in range(TRIES):
        qemu = board.status()["qemu_pid"]
        stopped = time.monotonic()
        os.kill(qemu, signal.SIGSTOP)
        first, second = board.status(), board.status()
        os.kill(qemu, signal.SIGCONT)
        in_time = time.monotonic() - stopped < QEMU_LIMIT_S
        if in_time:
            break
        board.power("cycle")  # a host so slow that it was right to give the machine up
    assert in_time, "this host is too slow to tell"
    assert first["state"] == "on", "a silence of milliseconds is no death"
    assert 0 < first["unanswered_ms"] < second["unanswered_ms"] < 1000 * QEMU_LIMIT_S
    wait_until("QEMU to answer", lambda: "unanswered_ms" not in board.status())
    assert board.status()["state"] == "on"
    os.kill(qemu, signal.SIGSTOP)
    board.status()
    # found out by the board itself, though nobody asks on
    wait_until("the end of QEMU", lambda: not is_alive(qemu))
    assert "did not answer" in board.wait_status(state="dead")["reason"]


def test_slow_qemu_is_waited_for(chip: str, image: Images, make_board: Boards, make_openocd: OpenOcds) -> None:
    """A host that is too busy to run QEMU for a while is no death of the board's."""
    board = make_board(chip)
    board.power("on")
    openocd = make_openocd(board)
    openocd.load_and_run(board, image(chip, "clock"))
    for _ in range(TRIES):
        qemu = board.status()["qemu_pid"]
        in_time = halt_while_it_stands_still(openocd, qemu)
        if in_time:
            break
        board.power("cycle")  # a host so slow that it was right to give the machine up
        openocd.stop()
        openocd = make_openocd(board)
        openocd.load_and_run(board, image(chip, "clock"))
    assert in_time, "this host is too slow to tell"
    openocd.run("reg msp; resume")
    board.wait_console(b"worked\r\n")
    assert board.status()["qemu_pid"] == qemu


def halt_while_it_stands_still(openocd: OpenOcd, qemu: int) -> bool:
    """Halts the core of a machine that runs on after two seconds only; False when it was held up for longer than the
    board waits for it."""
    held_s: list[float] = []
    stopped = time.monotonic()

    def go_on() -> None:
        os.kill(qemu, signal.SIGCONT)
        held_s.append(time.monotonic() - stopped)

    os.kill(qemu, signal.SIGSTOP)
    back = threading.Timer(2, go_on)
    back.start()
    answer = openocd.tcl("catch {halt; wait_halt 60000}")
    back.join()
    assert answer == "0" or held_s[0] > QEMU_LIMIT_S, openocd.text()[-2000:]
    return answer == "0"


SLEEPS = ["", "TICKING", "MASKED", "IN_FAULT", "WIDE"]


@pytest.mark.parametrize("sleep", SLEEPS)
def test_sleeping_core_is_halted(
    chip: str, sleep: str, image: Images, make_board: Boards, make_openocd: OpenOcds
) -> None:
    """A core in WFI stands like any other: all registers are there, it steps, and goes where it is sent."""
    if sleep == "WIDE" and chip == "nrf51":
        pytest.skip("a Cortex-M0 has no 32-bit WFI")
    program = image(chip, "sleep", *([sleep] if sleep else []))
    doze = symbol(program, "doze")
    board = make_board(chip)
    board.power("on")
    openocd = make_openocd(board)
    openocd.load_and_run(board, program)
    board.wait_console(b"sleeping\r\n")
    end = time.monotonic() + LIMIT
    while openocd.run("halt; wait_halt 60000") and not doze < openocd.reg("pc") <= doze + 16:
        assert time.monotonic() < end, openocd.text()[-2000:]
        openocd.run("resume")
    for i in range(20):
        openocd.run("resume")
        time.sleep(0.003 * (i % 7))  # another instant each time
        openocd.run("halt; wait_halt 60000")
        assert openocd.reg("msp") == openocd.reg("sp")
        pc = openocd.reg("pc")
        if sleep != "TICKING":  # the tick may be what was halted
            assert doze < pc <= doze + 16
            openocd.run("step")
            assert openocd.reg("pc") != pc
    assert openocd.word(symbol(program, "naps")) >= 5, "entering debug state ends a WFI"
    openocd.set_reg("pc", symbol(program, "elsewhere"))
    openocd.run("resume")
    board.wait_console(b"elsewhere\r\n")
    assert board.status()["state"] == "on"


def test_image_that_sleeps_leaves_the_board_usable(
    flash_chip: str, image: Images, make_board: Boards, make_openocd: OpenOcds
) -> None:
    program = image(flash_chip, "sleep")
    board = make_board(flash_chip)
    board.power("on")
    openocd = make_openocd(board)
    openocd.load(board, program)
    openocd.stop()
    for _ in range(3):
        board.power("cycle")
        board.wait_console(b"sleeping\r\n")
        openocd = make_openocd(board)
        openocd.run("halt; wait_halt 60000")
        openocd.reg("psp")
        openocd.stop()
    assert board.status()["state"] == "on"


def test_lockup(chip: str, make_board: Boards, make_openocd: OpenOcds, image: Images) -> None:
    board = make_board(chip)
    board.power("on")
    openocd = make_openocd(board)
    openocd.run("poll off")
    openocd.load_and_run(board, image(chip, "fault", "HOW=1"))
    board.wait_console(b"fault\r\n")
    status = board.wait_status(cpu="lockup")
    assert status["lockups"] == 1
    assert "Lockup" in status["reason"]
    assert status["state"] == "on"
    assert status["lockup_registers"]["R07"] == "0xabcd0123"
    assert openocd.word(0xE000EDF0) & (1 << 19)  # S_LOCKUP
    openocd.tcl("catch {poll}")  # OpenOCD halts a core it finds locked up
    openocd.run("halt; wait_halt 60000")
    assert openocd.reg("pc") == 0xFFFFFFFE
    assert openocd.reg("r7") == 0xABCD0123
    if chip == "mps2-an385":
        openocd.load_and_run(board, image(chip, "clock"))
    else:
        openocd.run("reset run")  # the flash is still there
        board.wait_console(b"start\r\nfault\r\n")
        board.wait_status(lockups=2)
        openocd.load_and_run(board, image(chip, "clock"))
    board.wait_console(b"hello\r\n")
    assert board.status()["cpu"] == "running"


def test_a_second_lockup_tells_of_itself(chip: str, make_board: Boards, make_openocd: OpenOcds, image: Images) -> None:
    """The next machine was started before the first one locked up: what is in the log by then is not its own."""
    board = make_board(chip)
    board.power("on")
    openocd = make_openocd(board)
    openocd.run("poll off")
    for number, mark in enumerate(("0xabcd0123", "0x11112222", "0x33334444"), 1):
        openocd.load_and_run(board, image(chip, "fault", "HOW=1", f"MARK={mark}u"))
        board.wait_console(b"fault\r\n")
        assert board.wait_status(cpu="lockup")["lockups"] == number
        assert board.status()["lockup_registers"]["R07"] == mark


def test_firmware_resets_are_counted(chip: str, make_board: Boards, make_openocd: OpenOcds, image: Images) -> None:
    board = make_board(chip)
    board.power("on")
    openocd = make_openocd(board)
    openocd.run("poll off")
    openocd.load_and_run(board, image(chip, "fault", "HOW=2"))
    for _ in range(5):
        board.wait_console(b"start\r\nfault\r\n")
    assert board.status()["resets"] >= 4
    openocd.word(0xE000EDF0)  # reading it clears it
    before = board.status()["resets"]
    end = time.monotonic() + LIMIT
    while board.status()["resets"] <= before:
        assert time.monotonic() < end
    assert openocd.word(0xE000EDF0) & (1 << 25)  # S_RESET_ST
    status = board.status()
    assert status["resets_since_start"] == status["resets"]
    openocd.load_and_run(board, image(chip, "clock"))
    board.wait_console(b"hello\r\n")
    assert board.status()["resets_since_start"] == 0  # those were the resets of the image before


def test_vector_catch(chip: str, make_board: Boards, make_openocd: OpenOcds, image: Images) -> None:
    board = make_board(chip)
    board.power("on")
    openocd = make_openocd(board)
    elf = image(chip, "fault")
    openocd.run("cortex_m vector_catch hard_err")
    openocd.load(board, elf)
    openocd.run("cortex_m vector_catch hard_err; resume; wait_halt 60000")
    assert openocd.reg("pc") == symbol(elf, "Fault") & ~1
    assert board.status()["console_bytes"] == len("start\r\n")  # halted before its first instruction
    openocd.run("resume")  # and the handler runs
    board.wait_console(b"start\r\nfault\r\n")


def test_reset_line(make_board: Boards, make_openocd: OpenOcds, image: Images) -> None:
    board = make_board("stm32f405")
    board.power("on")
    openocd = make_openocd(board, "reset_config srst_only srst_nogate")
    openocd.load_and_run(board, image("stm32f405", "clock"))
    board.wait_console(b"hello\r\n")
    openocd.run("adapter assert srst")
    openocd.run("adapter deassert srst")
    board.wait_console(b"hello\r\n")
    assert board.status()["resets"] == 0  # not the firmware's doing


def test_nothing_stays_behind(make_board: Boards) -> None:
    board = make_board("nrf51")
    board.power("on")
    pid = board.process.pid
    kids = children(pid)
    assert kids
    board.process.kill()
    board.process.wait(LIMIT)
    wait_gone(kids)


def test_orderly_end(make_board: Boards) -> None:
    board = make_board("nrf51")
    board.power("on")
    kids = children(board.process.pid)
    board.process.send_signal(signal.SIGTERM)
    assert board.process.wait(LIMIT) == 0
    wait_gone(kids)


def test_one_supervisor_for_a_directory(make_board: Boards, tmp_path: Path) -> None:
    make_board("nrf51", directory=tmp_path / "same")
    with pytest.raises(AssertionError, match="exit status 1"):
        make_board("nrf51", directory=tmp_path / "same")


def test_virtual_time_does_not_leak(chip: str, make_board: Boards, make_openocd: OpenOcds, image: Images) -> None:
    """The firmware's own ratio of work to time is the same with fifty halts in it as without."""
    board = make_board(chip)
    board.power("on")
    openocd = make_openocd(board)
    elf = image(chip, "clock")
    ticks, loops = symbol(elf, "ticks"), symbol(elf, "loops")
    openocd.load_and_run(board, elf)
    board.wait_console(b"worked\r\n")

    def sample() -> tuple[int, int]:
        openocd.run("halt")
        return openocd.word(ticks), openocd.word(loops)

    def ratio(one: tuple[int, int], two: tuple[int, int]) -> float:
        return (two[1] - one[1]) / (two[0] - one[0])

    def run_for(ticks_more: int) -> None:
        """Lets virtual time pass, however fast the host is."""
        openocd.run("resume")
        start = openocd.word(ticks)
        end = time.monotonic() + LIMIT
        while openocd.word(ticks) < start + ticks_more:
            assert time.monotonic() < end
            time.sleep(0.002)

    first = sample()
    run_for(300)
    second = sample()
    for _ in range(50):
        run_for(2)
        openocd.run("halt; reg; step")
    third = sample()
    assert third[0] - second[0] >= 100
    assert ratio(second, third) == pytest.approx(ratio(first, second), rel=0.05)


def test_the_firmware_is_never_ahead_of_the_host(
    chip: str, make_board: Boards, make_openocd: OpenOcds, image: Images
) -> None:
    """Two seconds of the firmware, one asleep and one busy, have passed for the host too when they have for it. A board
    that a busy host kept waiting catches up, so what holds at any load is what has passed since its power came on."""
    board = make_board(chip)
    power_on = time.monotonic()
    board.power("on")
    openocd = make_openocd(board)
    openocd.load_and_run(board, image(chip, "clock"))
    board.wait_console(b"slept\r\n")
    slept = time.monotonic()
    board.wait_console(b"worked\r\n")
    worked = time.monotonic()
    assert slept - power_on > 0.98
    assert worked - power_on > 1.96


def test_console_nobody_reads(chip: str, make_board: Boards, make_openocd: OpenOcds, image: Images) -> None:
    """The firmware is not held up, and nothing is lost up to the size of the backlog."""
    board = make_board(chip)
    board.power("on")
    openocd = make_openocd(board)
    openocd.load_and_run(board, image(chip, "chatter"))
    total = 4000 * len("line=00000000\r\n") + len("end\r\n")
    assert board.wait_status(console_bytes=total)["console_dropped"] == 0
    out = board.wait_console(b"end\r\n")
    assert len(out) == total
    assert out.startswith(b"line=00000000\r\nline=00000001\r\n")
    assert openocd.word(0xE000ED00)


def test_console_backlog_has_an_end(make_board: Boards, make_openocd: OpenOcds, image: Images) -> None:
    board = make_board("mps2-an385")
    board.power("on")
    openocd = make_openocd(board)
    lines = 80000
    openocd.load_and_run(board, image("mps2-an385", "chatter", f"LINES={lines}"))
    total = lines * 15 + 5
    status = board.wait_status(console_bytes=total)
    assert 0 < status["console_dropped"] < total - (1 << 20) + 1
    out = b""
    while len(out) < total - status["console_dropped"]:
        assert select.select([board.console], [], [], LIMIT)[0]
        out += os.read(board.console, 65536)
    assert out.startswith(b"line=00000000\r\n")


def test_console_name_stays(make_board: Boards) -> None:
    board = make_board("nrf51")
    name = board.ready["console"]
    for _ in range(2):
        board.power("on")
        assert str((board.dir / "console").readlink()) == name
        board.power("off")
    assert str((board.dir / "console").readlink()) == name


def test_console_takes_input_and_tcp(make_board: Boards, make_openocd: OpenOcds, image: Images) -> None:
    board = make_board("mps2-an385", "--console", "tcp")
    board.power("on")
    host, port = board.ready["console"].removeprefix("tcp:").split(":")
    openocd = make_openocd(board)
    openocd.load_and_run(board, image("mps2-an385", "chatter", "LINES=3"))
    with socket.create_connection((host, int(port)), LIMIT) as s:
        out = b""
        while not out.endswith(b"end\r\n"):
            out += s.recv(4096)
        s.sendall(b"ping")
        echo = b""
        while echo != b"ping":
            echo += s.recv(16)
    with socket.create_connection((host, int(port)), LIMIT) as s:  # and the next one
        s.sendall(b"x")
        assert s.recv(1) == b"x"


def test_control_refuses_what_it_does_not_know(make_board: Boards) -> None:
    board = make_board("nrf51")
    assert board.control("power maybe")["ok"] is False
    assert board.control("")["ok"] is False
    assert board.status()["ok"] is True


@pytest.mark.parametrize("options", [["--chip", "z80"], ["--nic", "user"], ["--console", "carrier-pigeon"]])
def test_bad_options(options: list[str], make_board: Boards) -> None:
    with pytest.raises(AssertionError, match="exit status 2"):
        make_board("nrf51", *options)


def test_network(make_board: Boards) -> None:
    for nic in ("user", "isolated"):
        board = make_board("mps2-an385", "--nic", nic)
        board.power("on")
        argv = Path(f"/proc/{board.status()['qemu_pid']}/cmdline").read_text()
        assert "user,model=lan9118" in argv
        assert ("restrict=on" in argv) == (nic == "isolated")


def test_a_directory_whose_name_no_socket_could_have(
    chip: str, tmp_path: Path, image: Images, make_board: Boards, make_openocd: OpenOcds
) -> None:
    """A socket's name has 107 bytes; and a comma means something to QEMU."""
    deep = tmp_path / ("d" * 150) / ("with, comma " * 12)
    deep.mkdir(parents=True)
    assert len(str(deep)) > 300
    board = make_board(chip, directory=deep)
    board.power("on")
    openocd = make_openocd(board)
    openocd.load_and_run(board, image(chip, "clock"))
    board.wait_console(b"hello\r\n")
    board.power("cycle")
    if chip in FLASH_CHIPS:
        board.wait_console(b"hello\r\n")  # the contents were copied out and come back

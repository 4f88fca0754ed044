# SPDX-License-Identifier: Apache-2.0
"""assay-agent scan, over trees as the kernel and udev lay them out for some probes."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.farm import BUILD, ROOT

TYPES = ROOT / "share/board-types"


class Host:
    """A host's /sys and /dev."""

    def __init__(self, root: Path) -> None:
        self.sys, self.dev = root / "sys", root / "dev"
        (self.sys / "bus/usb/devices").mkdir(parents=True)
        (self.dev / "serial/by-id").mkdir(parents=True)

    def device(self, path: str, id_vendor: str, id_product: str, **texts: str) -> Path:
        """Real devices are links into /sys/devices; each level of hubs is a folder in the one above."""
        real = self.sys / "devices/pci0000:00/usb1" / path
        real.mkdir(parents=True)
        for name, text in {"idVendor": id_vendor, "idProduct": id_product, **texts}.items():
            (real / name).write_text(text + "\n")
        (self.sys / "bus/usb/devices" / path).symlink_to(real)
        return real

    def interface(self, device: Path, number: int, text: str = "") -> Path:
        folder = device / f"{device.name}:1.{number}"
        folder.mkdir()
        if text:
            (folder / "interface").write_text(text + "\n")
        (self.sys / "bus/usb/devices" / folder.name).symlink_to(folder)
        return folder

    def acm(self, interface: Path, tty: str, by_id: str = "") -> None:
        (interface / "tty" / tty).mkdir(parents=True)
        if by_id:
            (self.dev / "serial/by-id" / by_id).symlink_to(f"../../{tty}")

    def scan(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [BUILD / "bin/assay-agent", "scan", "--sysfs", self.sys, "--dev", self.dev, *arguments]
        return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)

    def boards(self, *arguments: str) -> dict[str, Any]:
        done = self.scan(*arguments)
        assert done.returncode == 0, done.stderr
        rack = yaml.safe_load(done.stdout)
        return {board["name"]: board for board in rack["boards"]}


@pytest.fixture
def host(tmp_path: Path) -> Host:
    host = Host(tmp_path)
    (host.sys / "bus/usb/devices/usb1").mkdir()
    host.device("1-1", "05e3", "0608", product="USB2.0 Hub")
    return host


def nucleo(host: Host, path: str, serial: str, tty: str) -> None:
    device = host.device(path, "0483", "374b", product="STM32 STLink", manufacturer="ST", serial=serial)
    host.interface(device, 0, "ST-Link Debug")
    host.interface(device, 1, "ST-Link VCP Ctrl")
    host.acm(device / f"{path}:1.1", tty, f"usb-STMicroelectronics_STM32_STLink_{serial}-if01")


def test_probes_of_several_makers_become_boards(host: Host) -> None:
    nucleo(host, "1-1.2", "066DFF515049657187212124", "ttyACM0")
    nucleo(host, "1-1.10", "066DFF515049657187219999", "ttyACM1")
    dap = host.device("1-3", "0d28", "0204", product="BBC micro:bit", serial="9904360254704e45")
    host.interface(dap, 0, "mbed CMSIS-DAP")
    host.acm(host.interface(dap, 1), "ttyACM2", "usb-Arm_BBC_micro:bit_9904-if01")
    jlink = host.device("1-4", "1366", "1015", product="J-Link", serial="000683441234")
    host.acm(host.interface(jlink, 0), "ttyACM3", "usb-SEGGER_J-Link_000683441234-if00")
    host.acm(host.interface(jlink, 2), "ttyACM4", "usb-SEGGER_J-Link_000683441234-if02")
    host.device("1-5", "046d", "c31c", product="USB Keyboard")
    boards = host.boards()
    assert set(boards) == {"stlink-87212124", "stlink-87219999", "dap-54704e45", "jlink-83441234"}
    first = boards["stlink-87212124"]
    assert first["openocd"]["interface"] == "interface/stlink.cfg"
    assert first["openocd"]["args"] == ["-c", "adapter serial 066DFF515049657187212124"]
    assert first["probe-serial"] == "066DFF515049657187212124"
    assert first["console"]["device"].endswith("usb-STMicroelectronics_STM32_STLink_066DFF515049657187212124-if01")
    assert first["hub"] == "usb-1-1"
    assert boards["dap-54704e45"]["openocd"]["interface"] == "interface/cmsis-dap.cfg"
    assert "hub" not in boards["dap-54704e45"]
    assert boards["jlink-83441234"]["console"]["device"].endswith("-if00")
    text = host.scan().stdout
    assert "or console" in text and "uhubctl" in text and "keyboard" not in text.lower()


def test_what_it_cannot_tell_it_says(host: Host) -> None:
    host.device("1-1.1", "0483", "3748", product="STM32 STLink", serial="Q?f\x06Iu")
    dap = host.device("1-1.3", "2e8a", "000c", product="Debugprobe on Pico (CMSIS-DAP)", serial="E6614103E7")
    host.acm(host.interface(dap, 1), "ttyACM0")
    cable = host.device("1-2", "0403", "6001", product="FT232R USB UART", serial="A50285BI")
    (host.interface(cable, 0) / "ttyUSB0/tty/ttyUSB0").mkdir(parents=True)
    (host.dev / "serial/by-id/usb-FTDI_FT232R_A50285BI-if00-port0").symlink_to("../../ttyUSB0")
    done = host.scan()
    assert done.returncode == 0
    assert "not made of letters and digits" in done.stdout
    assert "ttyACM0 has no stable name" in done.stdout
    assert "usb-FTDI_FT232R_A50285BI-if00-port0 (FT232R USB UART) on USB 1-2 belongs to no probe" in done.stdout
    assert "to be filled in: USB does not tell" in done.stdout
    assert set(host.boards()) == {"stlink-1-1.1", "dap-614103e7"}


def test_the_file_is_one_that_the_agent_reads(host: Host, tmp_path: Path) -> None:
    rack = tmp_path / "rack.yaml"
    nucleo(host, "1-1.2", "066DFF515049657187212124", "ttyACM0")
    done = host.scan("--rack", str(rack))
    assert done.returncode == 0, done.stderr
    assert "1 boards" in done.stdout
    check = [str(BUILD / "bin/assay-agent"), "--check", str(rack), "--types-dir", str(tmp_path)]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "unknown" in done.stderr and len(done.stderr.splitlines()) == 1, done.stderr
    text = rack.read_text()
    rack.write_text(text.replace("type: unknown", "type: microbit"))
    check[-1] = str(TYPES)
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    done = host.scan("--rack", str(rack))
    assert done.returncode == 2
    assert "--force" in done.stderr
    assert host.scan("--rack", str(rack), "--force").returncode == 0
    assert rack.read_text() == text


def test_a_probe_that_does_not_answer_is_no_end(host: Host) -> None:
    nucleo(host, "1-1.2", "066DFF515049657187212124", "ttyACM0")
    done = host.scan("--probe")
    assert done.returncode == 0, done.stderr
    assert "the probe was asked, but: " in done.stdout


def test_a_serial_number_is_no_command(host: Host, tmp_path: Path) -> None:
    host.device("1-1.1", "0483", "374b", product="STM32 STLink", serial="x; exec touch owned")
    command: list[str | Path] = [BUILD / "bin/assay-agent", "scan", "--sysfs", host.sys, "--dev", host.dev, "--probe"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "the probe was asked, but: it cannot be named by its serial number" in done.stdout
    assert not (tmp_path / "owned").exists()


def test_without_usb_or_probes_it_says_so(host: Host, tmp_path: Path) -> None:
    done = host.scan()
    assert done.returncode == 3
    assert "no debug probe among 1 USB devices" in done.stderr
    host.sys = tmp_path / "nowhere"
    done = host.scan()
    assert done.returncode == 3
    assert "shows no USB" in done.stderr


def test_options_of_scan_are_its_own() -> None:
    command = [str(BUILD / "bin/assay-agent"), "--rack", "x.yaml", "--force"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "--force" in done.stderr

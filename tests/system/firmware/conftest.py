# SPDX-License-Identifier: Apache-2.0
"""Where the built images are."""

import os
import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def build_dir() -> Path:
    return Path(os.environ.get("ASSAY_BUILD_DIR", ROOT / "build" / "dev"))


@pytest.fixture(scope="session")
def firmware(build_dir: Path) -> Path:
    """The folder of the reference suite and the test inputs."""
    folder = build_dir / "firmware"
    assert (folder / "suite-microbit.elf").exists(), f"no images in {folder}: build the target firmware"
    return folder


@pytest.fixture(scope="session")
def images(build_dir: Path) -> Path:
    """The folder of the images of strangers."""
    folder = build_dir / "images"
    assert (folder / "kernel-microbit.elf").exists(), f"no images in {folder}: build the target images"
    return folder


@pytest.fixture(scope="session")
def rtos_images(images: Path) -> Path:
    """As above, with those that need the RTOS sources, which cargo fetches when CMake configures."""
    if not (images / "rtos-microbit.elf").exists():
        assert not shutil.which("cargo"), "cargo is here, but the FreeRTOS images were not built: see CMake's output"
        pytest.skip("the FreeRTOS images need cargo, 1.85 or later, to fetch the kernel's sources")
    return images

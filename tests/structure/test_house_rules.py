# SPDX-License-Identifier: Apache-2.0
"""Small rules of the house that a script can hold: first lines, function length, banned calls, promises in code."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BANNED = re.compile(r"\b(strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atol|system|popen|alloca)\s*\(")
PROMISES = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")


def tracked(*patterns: str) -> list[Path]:
    out = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", *patterns],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [ROOT / name for name in out.stdout.split()]


def function_lengths(path: Path) -> list[tuple[int, int]]:
    """(first line, lines) of each function body that begins with '{' in column 0."""
    lengths, start = [], 0
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line == "{":
            start = number
        elif line == "}" and start:
            lengths.append((start, number - start - 1))
            start = 0
    return lengths


def test_c_files_begin_with_licence_and_purpose() -> None:
    wrong = []
    for path in tracked("*.c", "*.h"):
        lines = path.read_text().splitlines()
        if lines[:1] != ["/* SPDX-License-Identifier: Apache-2.0 */"] or not lines[1].startswith("/* "):
            wrong.append(str(path.relative_to(ROOT)))
    assert not wrong, "no licence line and purpose: " + ", ".join(wrong)


def test_no_function_over_100_lines() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: {length} lines"
        for path in tracked("*.c")
        for line, length in function_lengths(path)
        if length > 100
    ]
    assert not wrong, "\n".join(wrong)


def test_ninetieth_percentile_of_function_length() -> None:
    folders = ("core", "sim", "daemon", "agents")
    lengths = sorted(
        length
        for path in tracked("*.c")
        if path.relative_to(ROOT).parts[0] in folders
        for _, length in function_lengths(path)
    )
    assert len(lengths) > 100
    assert lengths[len(lengths) * 9 // 10] < 45


def test_no_banned_calls() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in tracked("*.c", "*.h")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if BANNED.search(line) and not line.lstrip().startswith(("*", "/*"))
    ]
    assert not wrong, "\n".join(wrong)


def test_no_promises_left_in_code() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked("*.c", "*.h", "*.ts", "*.tsx", "script/*")
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if PROMISES.search(line)
    ]
    assert not wrong, "\n".join(wrong)

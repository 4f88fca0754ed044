#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Puts bugs into a copy of the step engine, one at a time; the simulator must catch every one."""

import argparse
import concurrent.futures
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
ENGINE = ROOT / "core/farm/steps.c"
OTHERS = [
    ROOT / "core/verdict/verdict.c",
    ROOT / "core/base/log.c",
    ROOT / "core/base/err.c",
    *sorted((ROOT / "tests/sim").glob("*.c")),
]

# (what is wrong, the engine's text, the text in its place)
MUTANTS = [
    (
        "undone first to last",
        "\twhile (steps->at > 0) {\n\t\tsteps->at--;\n"
        "\t\tif (steps->began[steps->at] && steps->rows[steps->at].undo)\n"
        "\t\t\treturn true;\n\t}",
        "\tfor (steps->at = 0; steps->at < steps->row_count; steps->at++) {\n"
        "\t\tif (steps->began[steps->at] && steps->rows[steps->at].undo) {\n"
        "\t\t\tsteps->began[steps->at] = false;\n\t\t\treturn true;\n\t\t}\n\t}",
    ),
    (
        "a failed row is not undone",
        "\t\tif (!went_well(result))\n\t\t\tnote_failure(",
        "\t\tif (!went_well(result))\n\t\t\tsteps->began[row] = false, note_failure(",
    ),
    ("undo although start refused", "rc == 0 || row->undo_refused", "true"),
    ("no undo of a start that refused half-way", "rc == 0 || row->undo_refused", "rc == 0"),
    (
        "a later failure hides the first",
        "\tif (failed(steps))\n\t\treturn;\n\tsteps->outcome.first",
        "\tsteps->outcome.first",
    ),
    (
        "a cancel hides a failure",
        "\tsteps->cancel_wanted = true;",
        "\tsteps->cancel_wanted = true;\n\tsteps->outcome.first.cause = CAUSE_CANCELLED;",
    ),
    (
        "a success won against a cancel is lost",
        "\tif (steps->timed_out) {\n\t\ttimeout_result(steps, result, &late);",
        "\tif (steps->cancel_wanted && went_well(result)) {\n"
        "\t\tlate = (struct step_result){.cause = CAUSE_CANCELLED};\n"
        "\t\tresult = &late;\n\t}\n\tif (steps->timed_out) {\n\t\ttimeout_result(steps, result, &late);",
    ),
    (
        "a cancel after the last row changes the verdict",
        "\t\tsteps->phase = STEP_BACK;\n",
        "\t\tif (steps->cancel_wanted)\n"
        "\t\t\tnote_failure(steps, 0, &(struct step_result){.cause = CAUSE_CANCELLED});\n"
        "\t\tsteps->phase = STEP_BACK;\n",
    ),
    ("rows go on after a cancel", "if (!failed(steps) && !steps->cancel_wanted)", "if (!failed(steps))"),
    (
        "a cancel during the walk back aborts the undo",
        "\tif (steps->phase == STEP_BACK || steps->state == STATE_ENDED || steps->cancel_wanted)",
        "\tif (steps->state == STATE_ENDED || steps->cancel_wanted)",
    ),
    (
        "the cancel does not reach the running row",
        "\tif (steps->state == STATE_RUNNING)\n\t\tcancel_row(steps);",
        "",
    ),
    (
        "told twice that it is over",
        "\t\tsteps->ports.all_done(steps->ports.context);",
        "\t\tif (steps->outcome.lost)\n\t\t\tsteps->ports.all_done(steps->ports.context);\n"
        "\t\tsteps->ports.all_done(steps->ports.context);",
    ),
    (
        "over from inside begin",
        "\t\telse\n\t\t\tmove(steps, STATE_ENDING);",
        "\t\telse if (steps->outcome.stale == 0 && steps->row_count < 2) {\n"
        "\t\t\tmove(steps, STATE_ENDING);\n"
        "\t\t\tmove(steps, STATE_ENDED);\n\t\t\tsteps->ports.all_done(steps->ports.context);\n\t\t} else\n"
        "\t\t\tmove(steps, STATE_ENDING);",
    ),
    (
        "a timer is left armed",
        "\tdefault:\n\t\treturn -1;",
        "\tcase STATE_ENDED:\n\t\treturn now_us(steps) + 1;\n\tdefault:\n\t\treturn -1;",
    ),
    (
        "the timer of a row that is done goes on",
        "\tsteps->due_us = due_us;\n\tsteps",
        "\tif (due_us < 0)\n\t\treturn;\n\tsteps->due_us = due_us;\n\tsteps",
    ),
    ("a stale completion is taken", "serial != steps->serial || !awaits_done(steps)", "!awaits_done(steps)"),
    ("stale completions are not counted", "\t\tsteps->outcome.stale++;\n", ""),
    ("every call has the same serial", "\tsteps->serial++;\n", ""),
    (
        "a time-out is forgotten when the row comes back",
        "\tif (steps->timed_out) {\n\t\ttimeout_result(steps, result",
        "\tif (false) {\n\t\ttimeout_result(steps, result",
    ),
    (
        "the limit kills at once",
        "\tif (!row->abort) {\n\t\tkill_row(steps);",
        "\tif (true) {\n\t\tkill_row(steps);",
    ),
    (
        "a hanging undo is waited for without end",
        "\tcase STATE_KILLING:\n\t\tgive_up_row(steps);",
        "\tcase STATE_KILLING:\n\t\tif (steps->phase == STEP_BACK)\n\t\t\tbreak;\n\t\tgive_up_row(steps);",
    ),
    (
        "a failing undo ends the walk back",
        "\t\t\tsteps->outcome.teardown_failed = true;",
        "\t\t\tsteps->outcome.teardown_failed = true, steps->at = 0;",
    ),
    (
        "a failing undo is a failure of the run",
        "\t\t\tsteps->outcome.teardown_failed = true;",
        "\t\t\tsteps->outcome.teardown_failed = true, note_failure(steps, row, result);",
    ),
    (
        "an always row is skipped after a failure",
        "\tif (row->always)\n",
        "\tif (row->always && !failed(steps))\n",
    ),
    (
        "an always row runs without what it needs",
        "return !row->needs_row || row_began(steps, row->needs_row);",
        "return true;",
    ),
    ("a lost row is not told", "\tsteps->outcome.lost = true;\n", ""),
]


def build_and_play(source: str, directory: pathlib.Path, compiler: str, runs: int) -> subprocess.CompletedProcess[str]:
    """Builds the simulator around this engine and plays it."""
    directory.mkdir()
    engine = directory / "steps.c"
    engine.write_text(source)
    program = directory / "sim"
    command = [compiler, "-std=c17", "-D_GNU_SOURCE", f"-I{ROOT}", "-O1", "-w", str(engine)]
    subprocess.run([*command, *map(str, OTHERS), "-o", str(program)], check=True)
    try:
        return subprocess.run([program, str(runs), "1"], capture_output=True, text=True, timeout=100, check=False)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess([], 124, "BROKEN: does not end", "")


def judge(result: subprocess.CompletedProcess[str]) -> str:
    """What the simulator said of the bug; empty when it saw nothing."""
    if result.returncode == 0:
        return ""
    for line in result.stdout.splitlines():
        if line.startswith("BROKEN: "):
            return line[8:]
    return f"ended by signal {-result.returncode}" if result.returncode < 0 else f"exit {result.returncode}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cc", default=os.environ.get("CC", "cc"))
    parser.add_argument("--runs", type=int, default=30000, help="random runs a mutant")
    arguments = parser.parse_args()
    source = ENGINE.read_text()

    for what, old, _ in MUTANTS:
        if source.count(old) != 1:
            print(
                f"cannot put in: {what}: its place stands {source.count(old)} times in steps.c",
                file=sys.stderr,
            )
            return 1
    with tempfile.TemporaryDirectory(prefix="assay-mutants-") as temporary:
        directory = pathlib.Path(temporary)
        sound = build_and_play(source, directory / "sound", arguments.cc, arguments.runs)
        if sound.returncode != 0:
            print(f"the engine as it is does not pass:\n{sound.stdout}{sound.stderr}", file=sys.stderr)
            return 1
        with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
            played = [
                pool.submit(
                    build_and_play,
                    source.replace(old, new),
                    directory / str(number),
                    arguments.cc,
                    arguments.runs,
                )
                for number, (_, old, new) in enumerate(MUTANTS)
            ]
            verdicts = [judge(future.result()) for future in played]
    for (what, _, _), verdict in zip(MUTANTS, verdicts, strict=True):
        print(f"{'caught' if verdict else 'MISSED':6}  {what:52}  {verdict}")
    missed = verdicts.count("")
    print(f"{len(MUTANTS) - missed} of {len(MUTANTS)} bugs caught")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Puts bugs into a copy of the step engine, one at a time; the simulator must catch every one."""

import sys

from tests.support.mutants import ROOT, Bug, Oracle, Round, hunt

LIBRARY = ["core/farm/steps.c", "core/verdict/verdict.c", "core/base/log.c", "core/base/err.c"]
SIM = Oracle(sorted((ROOT / "tests/sim").glob("*.c")), ["30000", "1"], ["30000", "1"])

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

if __name__ == "__main__":
    bugs = [Bug(what, "core/farm/steps.c", before, after) for what, before, after in MUTANTS]
    sys.exit(hunt(__doc__, LIBRARY, [Round([SIM], bugs)]))

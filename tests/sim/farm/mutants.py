#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Puts bugs into copies of the farm's sources, one at a time; the simulated world must catch every one, and the
unit tests those that the world does not see. Without a bug none may find anything."""

import sys

from tests.support.mutants import ROOT, Oracle, Round, hunt, in_folder

FOLDERS = ("base", "plan", "health", "verdict", "parse", "image", "spec", "judge", "calendar", "night", "farm")
UNIT = ROOT / "tests/unit/core"
SUPPORT = sorted((UNIT / "farm").glob("support_*.c"))

# A world ends the search that finds it out; the rarest bug takes about a hundred. The farm as it is goes through others
# than those that farm_sim itself, sanitised, begins with.
WORLDS = Oracle(sorted((ROOT / "tests/sim/farm").glob("*.c")), ["200", "6000", "1"], ["60", "8000", "1001"])

# (what is wrong, the file, its text, the text in its place)
MUTANTS = [
    ("a fence is given twice", "lease.c", "farm->last_fence += by;", ""),
    (
        "every board counts fences of its own",
        "lease.c",
        "board->record.fence = farm->last_fence;",
        "board->record.fence += by;",
    ),
    ("a start forgets the largest fence", "board.c", "farm->last_fence = record->fence;", "farm->last_fence = 0;"),
    (
        "the time it was down is lost",
        "board_time.c",
        "record->kind, record->since_us);\n\t\tmove",
        "record->kind, farm_unix(farm));\n\t\tmove",
    ),
    ("a day that is over is not kept", "board_time.c", "\t(void)add_record(keeper->farm, keeper->board, day);\n", ""),
    ("told before it is durable", "outbox.c", "farm->open || number > farm->durable_change", "farm->open"),
    ("a further attempt after a cancel", "run.c", "run->job->record.cancel_wanted || job_is_late", "job_is_late"),
    ("one attempt too many", "run.c", "<= run->job->record.retries &&", "<= run->job->record.retries + 1 &&"),
    ("a repeated event counts twice", "agent_event.c", "event->n <= run->record.have", "event->n < run->record.have"),
    (
        "the first attempt decides the job",
        "job.c",
        "\t\tret_runs[run->record.index] = run;",
        "\t\tif (!ret_runs[run->record.index])\n\t\t\tret_runs[run->record.index] = run;",
    ),
    ("a lost agent's runs stay open", "run.c", "now >= grace_end_us(farm, run)", "false"),
    (
        "an assign that is no more is sent",
        "outbox.c",
        "!run || run->record.state != RUN_IS_ASSIGNED",
        "!run",
    ),
    (
        "event numbers begin again after a restart",
        "build.c",
        "farm->last_seq = records->last_seq;",
        "farm->last_seq = 0;",
    ),
    ("events under an old fence are taken", "agent_event.c", "run->record.fence == event->fence && ", ""),
    (
        "a board is free before its run has ended",
        "run.c",
        "\tevent_run(farm, EVENT_RUN_STARTED, run);",
        "\tplan_run_end(farm->plan, &run->plan, farm_now(farm), true);\n\tevent_run(farm, EVENT_RUN_STARTED, run);",
    ),
    ("a run that has a board is not resumed in the plan", "build.c", "\t\trun_plan_resume(farm, run);\n", ""),
    (
        "a rack's limit is not kept",
        "agent.c",
        "\tplan_place_set_tokens(farm->plan, &agent->plan, hello->limit);\n",
        "",
    ),
    (
        "another organisation's rack serves everybody",
        "planning.c",
        "strcmp(name, ORG_DEFAULT) == 0 ? NULL : &org_get(farm, name)->plan",
        "NULL",
    ),
    (
        "a board out of order is given out",
        "planning.c",
        "\t\treturn PLAN_BOARD_QUARANTINED;",
        "\t\treturn PLAN_BOARD_READY;",
    ),
    ("a step stays open when its run is taken away", "run.c", "\tclose_step(farm, run, text);\n", ""),
    ("waiting runs are not cancelled", "run.c", "run->record.state == RUN_IS_QUEUED || (", "false || ("),
    (
        "a board is not free after a run",
        "run.c",
        "\t\tif (board->agent_state == BOARD_RUNNING)",
        "\t\tboard->listed = false;\n\t\tif (board->agent_state == BOARD_RUNNING)",
    ),
    (
        "a lost assign is not sent again",
        "agent.c",
        "\t\tif (!run->assign_queued)\n\t\t\toutbox_assign(farm, run);\n",
        "",
    ),
    (
        "the board's fence is not stored with the lease",
        "board.c",
        "\tboard_keep(farm, board);\n\tevent_board(",
        "\tevent_board(",
    ),
    (
        "what is in a flash is forgotten",
        "build.c",
        "\t\tboard_image_load(farm, &records->board_images[i]);\n",
        "\t\t;\n",
    ),
    ("whose image is tried is forgotten", "images.c", "\ttrial_load_board(farm, board, record);\n", ""),
    ("a strike is not stored", "images.c", "\t\tkeep(farm, entry, false);\n\t\tbreak;", "\t\tbreak;"),
    ("a late lease is told of twice", "hold.c", "!hold || hold->record.late", "!hold"),
    (
        "what is given back too late waits for ever",
        "run.c",
        "\tif (job_is_late(farm, run->job))\n\t\ttiming_look(farm, run->job);",
        "\t;",
    ),
    ("nothing is on trial", "trials.c", "return is_over(trial) ? NULL : &trial->quota;", "return NULL;"),
    (
        "what is known of an image is not kept",
        "trials.c",
        "\t*(struct tried_image_record *)change_add(farm->open, RECORD_TRIED_IMAGE) = trial->record;\n",
        "",
    ),
    (
        "an image that is held has boards",
        "run.c",
        "run->held_back = run_image_held(farm, run) != NULL;",
        "run->held_back = false;",
    ),
    ("what waited is told after a refusal", "rewind.c", "\tlist_move_all(&farm->outbox, &owed);\n", ""),
    ("refused submits run all the same", "outbox.c", "job && job->record.state != JOB_FINISHED", "false && job"),
    ("an asked step's end ends the open one", "agent_event.c", "\tif (step != &alone) {\n\t\trun->", "\t{\n\t\trun->"),
]

# What goes back to what is stored; the world only sees that something must.
REWINDING = [
    ("a refusal ends no run", "rewind.c", "\t\tend_barred(farm);\n", ""),
    ("an end that is refused is tried for ever", "rewind.c", "barred->times > 1", "false"),
    ("a refusal is told as one to be tried again", "rewind.c", "&refusal->err, &later", "&later, &later"),
]

# Of images on trial.
TRYING = [
    (
        "a strike takes no place",
        "trials.c",
        "image_trial_boards, struck, trial->to_tell)",
        "image_trial_boards, 0, trial->to_tell)",
    ),
    (
        "a board that has to tell takes no place",
        "trials.c",
        "image_trial_boards, struck, trial->to_tell)",
        "image_trial_boards, struck, 0)",
    ),
    (
        "that its run ended is enough",
        "images.c",
        "\ttrial_flashed(farm, board, run);\n",
        "\ttrial_flashed(farm, board, run);\n\ttrial_passed(farm, board);\n",
    ),
    (
        "a board that fell out speaks for it",
        "images.c",
        "\tif (!board->record.fell_out)\n\t\ttrial_passed",
        "\ttrial_passed",
    ),
    ("the next run has another board", "run.c", "\t\tboard_plan_image(farm, board);\n", ""),
    (
        "a rack that is not heard of keeps places",
        "trials.c",
        "\treturn run->record.state == RUN_IS_ASSIGNED && farm_now",
        "\treturn false && farm_now",
    ),
    (
        "a rack that is gone keeps places",
        "trials.c",
        "\tif (!run->board->agent->record.online)\n\t\treturn true;\n",
        "",
    ),
    ("a release lets nobody go", "images.c", "\t\ttrials_release(farm, org, on_trial);\n", ""),
]

# Of leases, one situation at a time.
LEASING = [
    ("anybody is at a lease", "hold.c", "strcmp(who->name, hold->record.holder) != 0 || ", ""),
    ("the old holder stays in", "hold_asks.c", "\thold->client = ++farm->last_client;\n", ""),
    (
        "nobody is cut off when it is handed over",
        "hold_asks.c",
        "\tfarm->ports.lease_cut(farm->ports.context, job, text);\n",
        "",
    ),
    ("a dead client's lease goes on", "hold.c", "now >= grace_end_us(farm, hold)", "false"),
    ("a client that comes back is not seen", "hold.c", "\thold->clients++;\n", ""),
    (
        "a late word of an old client counts",
        "hold.c",
        "hold->client != client || hold->clients == 0",
        "hold->clients == 0",
    ),
    ("a lease may be of any length", "hold_asks.c", "for_ms >= 1000 && for_ms <= room_ms", "for_ms >= 1000"),
    (
        "a lease lasts until people's clock says so",
        "hold.c",
        "(hold->end_us - farm_now(farm)) / 1000",
        "(hold->record.until_us - farm_unix(farm)) / 1000",
    ),
    ("the agent does not hear of more time", "hold_asks.c", "\toutbox_extend(farm, run);\n", ""),
    (
        "the agent that comes back does not hear of more time",
        "agent.c",
        "\t\toutbox_extend(farm, run); /* the last",
        "\t\t; /* the last",
    ),
    ("an agent may hold a board for ever", "hold.c", "1000 * hold_left_ms(farm, hold) + HOLD_SLACK_US", "NEVER_US / 2"),
    ("a person is handed another board", "run.c", "run->job->hold && run->job->hold->record.granted_at_us", "false"),
    (
        "what is reserved may be had by others",
        "hold_asks.c",
        "planning_try(farm, spec, hold, &earliest_us) == 0",
        "true",
    ),
    (
        "others' reservations are extended into",
        "hold_asks.c",
        "planning_extend(farm, run, for_ms, &room_ms) == 0",
        "true",
    ),
    ("a reserved lease begins at once", "planning.c", "hold && hold->record.from_us && ", "false && "),
]

# In judging, where a bug makes a verdict better than it should be.
JUDGING = [
    ("an ask without leave is granted", "collector_events.c", "collector->asks >= collector->end->asks", "false"),
    ("every boot is an asked one", "collector_events.c", "collector->asked_boots > 0", "true"),
    ("a result behind a boot counts not", "collector_events.c", "began || was_cut_off(collector, event)", "began"),
    ("strictness ends at a boot", "collector_results.c", "again && origin == RESULT_ENDED", "false"),
    ("values before a boot count behind it", "collector_results.c", "\t\ttarget->measurement_count = 0;\n", "\t\t;\n"),
    ("a value in another unit will do", "collector_measure.c", "strcmp(measurement->unit, limit->unit) == 0", "true"),
    ("the last value alone is judged", "collector_measure.c", "if (weighs_more(cause, worst)) {", "{"),
    (
        "further values are not looked at",
        "collector_measure.c",
        "!limit || measure_judge(limit, &judged) == CAUSE_NONE",
        "true",
    ),
    (
        "ignoring is failing at the baseline stage",
        "judge_absent.c",
        "collector_expects_failure(collector, key)",
        "false",
    ),
    (
        "what must fail may pass",
        "judge_rules.c",
        "standing == STANDING_UNEXPECTED_PASS",
        "standing == STANDING_UNEXPECTED_PASS && false",
    ),
    ("what was lost proves that nothing is missing", "judge_rules.c", "rules[i].absence || !judging->lossy", "false"),
    ("a regression is none", "judge_rules.c", "fault == CAUSE_REGRESSION &&", "fault == CAUSE_NONE && false &&"),
]

if __name__ == "__main__":
    rounds = [
        Round([WORLDS], in_folder("core/farm", MUTANTS)),
        Round([Oracle([UNIT / "farm/test_rewind.c", *SUPPORT])], in_folder("core/farm", REWINDING)),
        Round([Oracle([UNIT / "farm/test_trials.c", *SUPPORT])], in_folder("core/farm", TRYING)),
        Round([Oracle([UNIT / "farm/test_hold.c", *SUPPORT])], in_folder("core/farm", LEASING)),
        Round([Oracle([UNIT / "judge/test_judge_asked.c"])], in_folder("core/judge", JUDGING)),
    ]
    sys.exit(hunt(__doc__, [f"core/{folder}/*.c" for folder in FOLDERS], rounds))

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Puts bugs into copies of the plan's sources, one at a time; the random farms must catch every one, and the unit tests
those that break no law. Without a bug none may find anything."""

import sys

from tests.support.mutants import ROOT, Oracle, Round, hunt, in_folder

UNIT = ROOT / "tests/unit/core/plan"
TESTS = [Oracle([test, *UNIT.glob("support_*.c")]) for test in sorted(UNIT.glob("test_*.c"))]

# A world ends the search that finds it out.
WORLDS = Oracle(sorted((ROOT / "tests/sim/plan").glob("*.c")), ["1500", "1000", "1"], ["60", "1000", "1"])

# (what is wrong, the file, its text, the text in its place)
MUTANTS = [
    (
        "an organisation's place is lost elsewhere",
        "share.c",
        "\tif (is_before(reserve, place.start))\n\t\tplace.start = reserve;\n",
        "",
    ),
    (
        "clocks run ahead of who was served",
        "share.c",
        "later_of(above->clock, cost->served_at)",
        "later_of(above->clock, at->start)",
    ),
    ("a cap holds one too many", "party.c", "org->kept + more > org->cap", "org->kept + more > org->cap + 1"),
    (
        "boards kept for a gang do not count for the cap",
        "party.c",
        "org->in_use + org->kept + more",
        "org->in_use + more",
    ),
    ("a room under the cap wakes nobody", "start.c", "\tif (was_full)\n\t\tplan_org_resume(plan, org);\n", ""),
    ("a hub forgets its host's tokens", "place.c", "(!place->parent || has_token(place->parent))", "true"),
    (
        "a token given back opens nothing",
        "place.c",
        "if (has_token(place) != was_open)",
        "if (was_open && !has_token(place))",
    ),
    (
        "kept tokens are given out",
        "place.c",
        "place->in_use + place->kept < place->tokens",
        "place->in_use < place->tokens",
    ),
    (
        "a job goes on beyond its limit",
        "queue.c",
        "job->running >= job->max_parallel",
        "job->running > job->max_parallel",
    ),
    ("what was parked stays so", "start.c", "\t\tplan_job_unpark(plan, job, now_us);\n", "\t\t;\n"),
    ("a held job is not held", "queue.c", "return job->held_until_us != INT64_MIN;", "return false;"),
    ("a closed window is open", "queue.c", " || now_us >= ask->job->closes_us", ""),
    ("another's board fits", "class.c", "board->owner && board->owner != visible", "false"),
    (
        "traits are not looked at",
        "class.c",
        "if (!has_trait(&board->traits,",
        "if (false && !has_trait(&board->traits,",
    ),
    (
        "a new class knows only free boards",
        "class.c",
        "\tif (board->at != PLAN_AT_NOTHING)\n\t\tplan_fit_set_at",
        "\tif (0)\n\t\tplan_fit_set_at",
    ),
    ("a free board wakes nobody", "class.c", "\tif (at != PLAN_AT_NOTHING)\n\t\tplan_class_touch(plan, class);\n", ""),
    (
        "a waiting run wakes nobody",
        "queue.c",
        "\t\tplan_flow_enter(plan, flow, now_us);\n\tplan_class_touch(plan, flow->class);\n",
        "\t\tplan_flow_enter(plan, flow, now_us);\n",
    ),
    (
        "who stood behind a gang is forgotten",
        "queue.c",
        "\tif (plan_rank_first(&flow->asks)) {\n\t\tplan_class_touch(plan, flow->class);\n",
        "\tif (plan_rank_first(&flow->asks)) {\n",
    ),
    ("age is no matter", "stand.c", "\tif (now_us < class->age_us)\n", "\tif (true)\n"),
    (
        "only the first of a class grows old",
        "stand.c",
        "next_us < class->age_us ? next_us : class->age_us",
        "PLAN_NEVER",
    ),
    ("weights are no matter", "share.c", "return us / (int64_t)share->weight;", "return us / 100;"),
    ("nobody is charged", "share.c", "charge > 0 ? charge : 1", "0"),
    (
        "ties go to the last",
        "share.c",
        "(a.turn > b.turn) - (a.turn < b.turn)",
        "(a.turn < b.turn) - (a.turn > b.turn)",
    ),
    (
        "who begins to wait starts at nought",
        "share.c",
        "\t\tat->finish = later_of(at->finish, share->parent->level[level].clock);\n",
        "",
    ),
    ("guarantees are no matter", "turn.c", "org->in_use + org->kept < org->guaranteed", "false"),
    ("an organisation is passed over", "turn.c", "org_place(flow)) <= 0", "org_place(flow)) > 0"),
    (
        "the loudest is last",
        "turn.c",
        "level = PLAN_BANDS; !best && level-- > 0;",
        "level = 0; !best && level < PLAN_BANDS; level++",
    ),
    (
        "a gang begins in part",
        "claim.c",
        "\t\tif (claim->part[i].board->at != PLAN_AT_KEPT)\n\t\t\treturn false;\n",
        "\t\tif (claim->part[i].board->at == PLAN_AT_KEPT)\n\t\t\treturn true;\n",
    ),
    ("a part of a gang is enough", "match.c", "\t\t\tall = false;\n", "\t\t\t;\n"),
    (
        "two parts may have one board",
        "match.c",
        "while (part < match->count && match->taken[part] != board)",
        "while (part < match->count)",
    ),
    ("a gang overloads a hub", "match.c", "\tif (has_room(board)) {", "\tif (true) {"),
    ("gaps are filled with what does not end in time", "turn.c", "ask->limit_us > offer->limit_us", "false"),
    ("what is lost stays kept", "board.c", "\t\tplan_claim_unassign(plan, board->claim);\n", "\t\t;\n"),
    ("gaps stay empty", "turn.c", "if (!turn.flow && !list_empty(&class->kept))", "if (false)"),
    ("anybody is pre-empted", "board.c", "run->ask->job->is_preemptible && ", ""),
    ("an equal is pre-empted", "turn.c", "flow->band <= offer->band", "flow->band < offer->band"),
    (
        "a disbanded claim keeps its room",
        "claim.c",
        "\t\torg_of(claim)->kept--;\n\t\tplan_ask_count_out",
        "\t\tplan_ask_count_out",
    ),
    ("a gang that lacks boards is forgotten", "board.c", "\t\tplan_short_gangs_retry(plan, board->pool);\n", "\t\t;\n"),
    (
        "what was pre-empted is charged",
        "start.c",
        "is_charged ? now_us - run->started_us : 0",
        "now_us - run->started_us",
    ),
    ("what was used is forgotten in a restart", "debt.c", "if (debt->us[level] != 0)", "if (false)"),
    ("what runs have is charged twice", "debt.c", "\tparty->is_restored = true;\n", ""),
    (
        "what is promised is given out",
        "reserve.c",
        "on_board(board->reservations.next)->is_near)\n\t\treturn true;",
        "false)\n\t\treturn true;",
    ),
    (
        "what is far begins to be near too late",
        "reserve_room.c",
        "now_us + 2 * plan->limit_us",
        "now_us + plan->limit_us / 2",
    ),
    (
        "two have one board at a time",
        "reserve_room.c",
        "on_board(link) != reservation && overlaps(on_board(link), at_us, until_us)",
        "false",
    ),
    (
        "a promise forgets who has the board",
        "reserve_room.c",
        "board->run && plan_run_until_us(board->run) > at_us)",
        "false)",
    ),
    ("a promise forgets the hub", "reserve_room.c", "taken.count >= place->tokens", "false"),
    ("a promise forgets the cap", "reserve_room.c", "taken.count >= org->cap", "false"),
    ("others take the last token", "reserve.c", "place_until_us(place, place, 1)", "PLAN_NEVER"),
    (
        "others take the room under the cap",
        "reserve.c",
        "org->cap > 0 && org->reserved > 0 && plan_org_lacks_room",
        "false && plan_org_lacks_room",
    ),
    ("a gang takes the room under the cap", "next.c", "lead->job->waiting + org->reserved", "lead->job->waiting"),
    (
        "a gang that may never begin keeps it",
        "reserve.c",
        "\t\tplan_claim_disband(plan, org->gang, now_us);\n",
        "\t\t;\n",
    ),
    ("a gang takes what is promised", "match.c", "!board->claim && !plan_is_reserved(board)", "!board->claim"),
    ("a promise stands in the way for nothing", "reserve.c", "!plan_room_move(plan, first, now_us, &other)", "true"),
    (
        "who lost its board has none",
        "reserve.c",
        "\t\t\tplan_reserved_house(plan, reservation, now_us);\n\t\tplan->homeless",
        "\t\t\t;\n\t\tplan->homeless",
    ),
    ("who is late is forgotten", "board.c", "plan->homeless > 0 || ", ""),
    ("a longer run breaks a promise", "extend.c", "plan_run_until_us(run) <= latest", "true"),
    ("time that is promised wakes nobody", "reserve.c", "near_us = of_node(node)->from_us;", ";"),
    ("nobody is patient", "turn.c", "next_us - flow->since_us > now_us - weakest->started_us ||", "true ||"),
    ("who yielded yields again", "board.c", " && !run->is_spared", ""),
    (
        "who is patient is forgotten",
        "queue.c",
        "return patient_us < wake_us ? patient_us : wake_us;",
        "return wake_us;",
    ),
    ("a resumed run has no board", "queue.c", "\tplan_run_start(plan, run, board, started_us);\n", ""),
    ("later comes first", "queue.c", ".minor = ask->job->order", ".minor = -ask->job->order"),
    ("images are no matter", "choose.c", "\tif (run->ask->image)\n\t\tlook_at_image(plan, &look, class);\n", ""),
    (
        "a place saves for a gang that cannot come",
        "class.c",
        "\tif (class->served == 0)\n\t\tstop_saving(plan, class);\n",
        "",
    ),
    ("a token that is free again wakes no gang", "place.c", "\t\t\tplan_short_gangs_look(plan);\n", "\t\t\t;\n"),
    ("a gang begins when its window is over", "claim.c", "now_us >= job->closes_us", "false"),
    ("a quota is no matter", "quota.c", "ask->quota->in_use >= ask->quota->most", "false"),
    (
        "a quota has one too many",
        "quota.c",
        "ask->quota->in_use >= ask->quota->most",
        "ask->quota->in_use > ask->quota->most",
    ),
    ("who waits for a quota waits for ever", "quota.c", "\tif (quota->in_use < quota->most)\n", "\tif (false)\n"),
    ("a larger quota wakes nobody", "quota.c", "\tif (quota->in_use < most)\n", "\tif (false)\n"),
    (
        "a quota that is lifted wakes nobody",
        "quota.c",
        "\tquota->in_use = 0;\n\tunpark(",
        "\tquota->in_use = 0;\n\tif (false)\n\t\tunpark(",
    ),
    ("a claim counts in no quota", "claim.c", "\tplan_ask_count_in(run->ask);\n", ""),
    (
        "a claim is over its quota",
        "claim.c",
        "return ask->quota && ask->quota->in_use > ask->quota->most;",
        "return false;",
    ),
    ("wear is no matter", "choose.c", "board->wear >= look->best->wear", "true"),
    ("a board by name is not spared", "choose.c", "board->asked_by_name == 0", "true"),
    (
        "the first that fits yields",
        "turn.c",
        "return a->started_us > b->started_us;",
        "return a->started_us < b->started_us;",
    ),
]

if __name__ == "__main__":
    rounds = [Round([*TESTS, WORLDS], in_folder("core/plan", MUTANTS))]
    sys.exit(hunt(__doc__, ["core/base/*.c", "core/plan/*.c"], rounds))

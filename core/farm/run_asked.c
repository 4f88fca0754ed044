/* SPDX-License-Identifier: Apache-2.0 */
/* What a run is held to: resolved when it gets its board, in memory until it runs. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/farm/farm_state.h"
#include "core/farm/state_board.h"
#include "core/farm/state_job.h"
#include "core/farm/state_run.h"
#include "core/farm/state_standard.h"

void run_forget_asked(struct run *run)
{
	if (run->asked)
		asked_finish(run->asked);
	free(run->asked);
	run->asked = NULL;
}

void run_ask(struct farm *farm, struct run *run)
{
	static const struct board_type unknown;
	const struct run_spec *spec = &run->job->spec->runs[run->record.spec];
	const struct pool *pool = pool_of(run->board);
	struct baseline_place place = {.farm = farm, .org = run->record.org, .board_type = run->record.board_type};
	struct waiver_rules waivers;
	struct asked *asked = mem_alloc(sizeof(*asked));
	json_t *json;

	waivers_in_force(farm, run->record.org, run->record.board_type, &waivers);
	if (asked_resolve(&spec->require, &spec->end, pool->has_type ? &pool->type : &unknown, &waivers,
			  baseline_lookup, &place, asked))
		mem_exhausted();
	waiver_rules_finish(&waivers);
	run_forget_asked(run);
	run->asked = asked;
	json = asked_to_json(asked);
	run->record.asked = json_compact(json);
	json_decref(json);
	run_keep(farm, run);
	run->record.asked = NULL; /* the record's now */
}

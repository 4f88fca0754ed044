/* SPDX-License-Identifier: Apache-2.0 */
/* A farm with a schedule, and what becomes of its nights. */
#include "tests/unit/core/farm/support_nights.h"

#include <stdio.h>
#include <string.h>

#include "core/base/mem.h"

static const char schedule_format[] = "name: nightly\nwhen: %s\nmissed: %s\n"
				      "matrix: {suites: [smoke], types: [microbit], images: ['drop:main']}\n";
const char night_suite[] = "name: smoke\nversion: 1\nrequire: {tests: 1}\n";

/* The last record of a night that is not durable yet; with cells: that says what they came to. */
static const struct night_record *last_night_with(const struct farm_world *world, bool cells)
{
	const struct night_record *found = NULL;

	list_for_each (change_link, &world->queue) {
		const struct change *change = list_container(change_link, const struct change, link);

		list_for_each (link, &change->records) {
			const struct record *record = list_container(link, const struct record, link);

			if (record->kind == RECORD_NIGHT && (!cells || record->as.night->cells))
				found = record->as.night;
		}
	}
	return found;
}

const struct night_record *last_night(const struct farm_world *world)
{
	return last_night_with(world, false);
}

const char *last_cells(const struct farm_world *world)
{
	const struct night_record *night = last_night_with(world, true);

	assert_non_null(night);
	return night->cells;
}

void nights_begin(struct farm_world *world, const char *when, const char *missed)
{
	struct doc_problems *problems = mem_alloc(sizeof(*problems));
	json_t *files = json_pack("{s:s}", "a.elf", IMAGE_SHA);
	struct err err = {0};
	char text[400];
	int64_t version;

	farm_world_init(world);
	assert_int_equal(say_hello(world, "rack1", NULL, 0, NULL), 0);
	assert_int_equal(farm_put_suite(world->farm, &boss, "smoke", "smoke.yaml", night_suite, strlen(night_suite),
					on_done, world, problems, &err),
			 0);
	assert_int_equal(farm_add_drop(world->farm, &boss, "main", files, on_done, world, &version, &err), 0);
	(void)snprintf(text, sizeof(text), schedule_format, when, missed);
	assert_int_equal(farm_put_schedule(world->farm, &boss, "nightly", "n.yaml", text, strlen(text), on_done, world,
					   problems, &err),
			 0);
	commit_all(world);
	json_decref(files);
	free(problems);
}

void tick_at(struct farm_world *world, int64_t at_us)
{
	world->now_us = at_us;
	farm_tick(world->farm);
}

size_t waiting(const struct farm_world *world)
{
	json_t *farm = farm_status_json(world->farm, &boss);
	json_t *runs = json_object_get(farm, "runs");
	size_t count = (size_t)(json_integer_value(json_object_get(runs, "queued")) +
				json_integer_value(json_object_get(runs, "assigned")));

	json_decref(farm);
	return count;
}

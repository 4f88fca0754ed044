/* SPDX-License-Identifier: Apache-2.0 */
/* What runs are held to, in memory: suites, waivers, accepted values. */
#ifndef ASSAY_FARM_STATE_STANDARD_H
#define ASSAY_FARM_STATE_STANDARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/list.h"
#include "core/base/map.h"
#include "core/farm/farm_state.h"
#include "core/spec/spec.h"
#include "core/verdict/measure.h"

struct suite_entry {
	struct suite_record record;
	struct suite suite;
	struct map_node node; /* farm.suites by name */
};

/* suite.c */
struct suite_entry *suite_find(const struct farm *farm, const char *name);
int suite_add(struct farm *farm, const struct suite_record *record, struct doc_problems *problems);
const struct suite *suite_lookup(void *farm, const char *name);
void suite_entry_destroy(struct suite_entry *entry);

struct waiver_entry {
	struct waiver_record record;
	struct list link; /* farm.waivers, by id */
};

/* waivers.c */
void waiver_load(struct farm *farm, const struct waiver_record *record);
/* Those in force now for boards of a type, as the judge takes them; waiver_rules_finish them. */
void waivers_in_force(const struct farm *farm, const char *org, const char *board_type, struct waiver_rules *ret_rules);
void waivers_clear(struct farm *farm);

/* The accepted values of one measurement, the last BASELINE_MAX_VALUES of them. */
struct baseline_entry {
	struct accepted_record about; /* of the last one */
	struct map_node node;         /* farm.baselines by org, type, case, name and unit */
	struct {
		double value;
		int64_t run, serial;
		uint32_t index;
	} taken[BASELINE_MAX_VALUES];
	size_t count, next;
};

/* baselines.c */
void baseline_load(struct farm *farm, const struct accepted_record *record);
/* Whose baselines asked_resolve looks up: its context is one of these. */
struct baseline_place {
	const struct farm *farm;
	const char *org, *board_type;
};
bool baseline_lookup(void *place, const char *case_name, const char *name, const char *unit,
		     struct baseline *ret_baseline);
void baselines_clear(struct farm *farm);

#endif

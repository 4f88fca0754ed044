/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept of schedules, of what was dropped for them, and of the nights that came of them. */
#ifndef ASSAY_FARM_RECORD_NIGHT_H
#define ASSAY_FARM_RECORD_NIGHT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/farm/principal.h"
#include "core/farm/record_sizes.h"

/* Of a night, as core/farm/night.h says what came of it. */
#define NIGHT_STAGES(X)                                                                                                \
	X(WAITING, "waiting") /* for the one before it */                                                              \
	X(RUNNING, "running")                                                                                          \
	X(FINISHED, "finished")                                                                                        \
	X(SKIPPED, "skipped") /* its text says why */

enum night_stage {
#define X(name, text) NIGHT_IS_##name,
	NIGHT_STAGES(X)
#undef X
};

#define DELIVERY_KINDS(X)                                                                                              \
	X(WEBHOOK, "webhook")                                                                                          \
	X(MAIL, "mail")

enum delivery_kind {
#define X(name, text) DELIVERY_##name,
	DELIVERY_KINDS(X)
#undef X
};

#define DELIVERY_STATES(X)                                                                                             \
	X(PENDING, "pending")                                                                                          \
	X(DELIVERED, "delivered")                                                                                      \
	X(FAILED, "failed") /* given up; its text says why */

enum delivery_state {
#define X(name, text) DELIVERY_IS_##name,
	DELIVERY_STATES(X)
#undef X
};

const char *night_stage_name(enum night_stage stage);
const char *delivery_kind_name(enum delivery_kind kind);
const char *delivery_state_name(enum delivery_state state);
bool night_stage_parse(const char *name, enum night_stage *ret_stage);

/* Times and owners as in record_job.h. */

/* A schedule as it was put; (org, name) is its key. */
struct schedule_record {
	char org[ORG_MAX];
	char name[FARM_NAME_MAX];
	char author[PRINCIPAL_MAX]; /* in whose name its jobs are handed in */
	bool paused, removed;
	int64_t changed_at_us;
	int64_t dealt_us; /* what was due up to then has been dealt with */
	char *text;
};

/* Images dropped under a name; (org, name, version) is its key. */
struct drop_record {
	char org[ORG_MAX];
	char name[FARM_NAME_MAX];
	int64_t version; /* of the name: 1, 2, 3 … */
	char author[PRINCIPAL_MAX];
	int64_t created_at_us;
	char *files; /* JSON: {FILE: SHA-256} */
};

/* One due time of a schedule. */
struct night_record {
	int64_t id;
	char org[ORG_MAX];
	char schedule[FARM_NAME_MAX];
	enum night_stage stage;
	bool summarised;
	char text[FARM_TEXT_MAX]; /* why it is late, or was skipped */
	int64_t due_us, begun_at_us, finished_at_us;
	char *cells; /* JSON, as beginning_cells; NULL: as before */
};

/* What came of a night; never changed. */
struct summary_record {
	int64_t night;
	char org[ORG_MAX];
	int64_t before; /* the night it is compared with; 0: none */
	char *json, *text;
};

struct acceptance_record {
	int64_t night;
	char org[ORG_MAX];
	char accepted_by[PRINCIPAL_MAX];
	int64_t accepted_at_us;
};

/* A summary that somebody is to be told of; (night, number) is its key. */
struct delivery_record {
	int64_t night;
	uint32_t number;
	char org[ORG_MAX];
	enum delivery_kind kind;
	enum delivery_state state;
	char target[512];           /* a URL, or an address */
	char secret[FARM_NAME_MAX]; /* the name of the one a webhook is signed with */
	uint32_t tries;
	int64_t next_at_us;
	char text[FARM_TEXT_MAX]; /* what went wrong the last time */
};

/* A word that the farm and a receiver of webhooks share; (org, name) is its key. */
struct secret_record {
	char org[ORG_MAX];
	char name[FARM_NAME_MAX];
	char author[PRINCIPAL_MAX];
	bool removed;
	int64_t created_at_us;
	char value[129];
};

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The farm by calendar, in memory: schedules, drops, nights, and the secrets their webhooks are signed with. */
#ifndef ASSAY_FARM_STATE_NIGHT_H
#define ASSAY_FARM_STATE_NIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/json.h"
#include "core/base/list.h"
#include "core/base/map.h"
#include "core/farm/farm_state.h"
#include "core/night/schedule.h"

struct schedule_entry {
	struct list link; /* farm.schedules, by name */
	struct schedule_record record;
	struct schedule *schedule; /* NULL: its text is not readable any more */
	int64_t next_us;           /* unix; NEVER_US: it is not due again */
};

/* schedules.c */
void schedule_load(struct farm *farm, const struct schedule_record *record);
struct schedule_entry *schedule_find(const struct farm *farm, const char *org, const char *name);
void schedules_tick(struct farm *farm);
int64_t schedules_due_us(const struct farm *farm); /* monotonic; NEVER_US: nothing is */
void schedules_clear(struct farm *farm);

/* The last version under a name. */
struct drop_entry {
	struct map_node node; /* farm.drops by name */
	struct drop_record record;
	json_t *files;
};

/* drops.c */
void drop_load(struct farm *farm, const struct drop_record *record);
/* The hash of what a schedule's source stands for, and the drop that it is of (NULL: of none); else why there is
 * none. */
bool drop_resolve(const struct farm *farm, const char *org, const char *source, char ret_sha256[SHA256_HEX],
		  const struct drop_record **ret_drop, char *ret_why, size_t why_size);
void drops_clear(struct farm *farm);

/* A night that waits, runs, or whose summary is not kept yet. */
struct night_entry {
	struct list link; /* farm.nights, by id */
	struct night_record record;
	size_t open_jobs;            /* and one while it is being begun */
	struct beginning *beginning; /* NULL: it has begun */
	int64_t finished_by;         /* the change that finished it; 0: one before the start */
};

/* nights.c, nights_begin.c */
struct night_entry *night_load(struct farm *farm, const struct night_record *record);
void nights_resume(struct farm *farm); /* after everything else was loaded */
void night_job_added(struct farm *farm, int64_t night);
void night_job_finished(struct farm *farm, int64_t night);
/* A time of the schedule has come: a night begins, waits or is skipped. Returns its number. */
int64_t night_due(struct farm *farm, struct schedule_entry *entry, int64_t due_us, const char *text);
int64_t night_skip(struct farm *farm, const struct schedule_entry *entry, int64_t due_us, const char *why);
/* As skipped, but whoever is told of nights is told so. */
void night_refuse(struct farm *farm, const struct schedule_entry *entry, int64_t due_us, const char *why);
void nights_tick(struct farm *farm);
int64_t nights_due_us(const struct farm *farm); /* monotonic; NEVER_US: no night is being begun */
void nights_clear(struct farm *farm);

/* nights_begin.c: a night on its way to its jobs. NULL: the schedule cannot be read any more. */
struct beginning *beginning_create(struct farm *farm, const struct schedule_record *record, int64_t night);
/* From what was stored of it. */
struct beginning *beginning_resume(struct farm *farm, const struct schedule_record *record, int64_t night,
				   const json_t *cells);
void beginning_destroy(struct beginning *beginning); /* NULL is fine */
/* Some of it, inside a call. News: cells have a job now that had none, and must be stored with it. */
enum beginning_state { BEGINNING_GOES_ON, BEGINNING_HAS_NEWS, BEGINNING_DONE };

enum beginning_state beginning_turn(struct beginning *beginning);
int64_t beginning_due_us(const struct beginning *beginning); /* monotonic; of its next turn */
/* What each cell came to so far, as JSON text: [{"suite","image","type","source","sha256","version","dropped_by" (of
 * the drop, if any),"job","spec","specs" (its entries in the job)}], or with "why" it is not run in place of the last
 * three; neither: not dealt with yet. */
char *beginning_cells(struct beginning *beginning);
bool beginning_is_over(const json_t *cells);

struct secret_entry {
	struct list link; /* farm.secrets */
	struct secret_record record;
};

/* secrets.c */
void secret_load(struct farm *farm, const struct secret_record *record);
bool secret_known(const struct farm *farm, const char *org, const char *name);
void secrets_clear(struct farm *farm);

#endif

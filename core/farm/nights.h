/* SPDX-License-Identifier: Apache-2.0 */
/* The farm by calendar: schedules, what is dropped for them, and the nights that come of them. All of it is part of the
 * farm (farm.h) and follows its rules.
 *
 * Happy path: farm_put_schedule -> it is due (the farm's timer) -> a night: in one change its record and, of each
 * suite, a job with a run for each cell of the matrix -> the last of its jobs ends: night.changed, finished -> whoever
 * hears of it reads what came of it and hands it to farm_keep_summary -> that and a delivery for each who is to be told
 * are durable: night.summarised -> farm_keep_delivery says how each went.
 *
 * Ways it goes otherwise:
 *   a cell cannot be run           (nothing was dropped, no such suite, …) the night says why; the others run
 *   the night before has not ended by the schedule's `overlap`: the new one waits for it, or is skipped and says so
 *   who put the schedule has no token any more: nothing runs; the night says so, and whoever is told of nights is told
 *   the farm was down              by the schedule's `missed`: the last one missed runs late and says so, or is skipped
 *   the store cannot commit        nothing is begun until it can again
 *   the daemon dies                jobs, night and what was dealt with are one change: nothing is begun twice; a night
 *                                  that ended without a summary is summarised after the start */
#ifndef ASSAY_FARM_NIGHTS_H
#define ASSAY_FARM_NIGHTS_H

#include "core/farm/farm.h"

/* Of each organisation, so that none takes another's room. */
#define ORG_MAX_SCHEDULES   1000
#define ORG_MAX_DROPS       10000 /* names */
#define ORG_MAX_SECRETS     1000
#define FARM_MAX_DROP_FILES 100 /* of one drop */

/* All that change something: admins and members, in their own organisation; on_done is called once, later, when it is
 * durable. Returns 0; or, calling nothing, ERR_DENIED, ERR_NOT_FOUND, ERR_INVALID, ERR_BUSY (too many), or what
 * degrades the farm. An admin who names nothing of the own organisation means the one of that name in any other. */

/* Adds or replaces a schedule; name must equal the text's. ERR_INVALID: problems say why. What was due before is not
 * made up for. */
int farm_put_schedule(struct farm *farm, const struct principal *who, const char *name, const char *file,
		      const char *text, size_t len, on_done_fn on_done, void *context, struct doc_problems *problems,
		      struct err *err);

/* SCHEDULE_RESUME also takes a schedule over that stopped because its author's token is gone. */
enum schedule_wish { SCHEDULE_PAUSE, SCHEDULE_RESUME, SCHEDULE_REMOVE };

int farm_change_schedule(struct farm *farm, const struct principal *who, const char *name, enum schedule_wish wish,
			 on_done_fn on_done, void *context, struct err *err);
/* A night now, also of one that is paused. */
int farm_run_schedule(struct farm *farm, const struct principal *who, const char *name, on_done_fn on_done,
		      void *context, int64_t *ret_night, struct err *err);

/* A new version: {FILE: SHA-256 of an image that the farm holds}. */
int farm_add_drop(struct farm *farm, const struct principal *who, const char *name, const json_t *files,
		  on_done_fn on_done, void *context, int64_t *ret_version, struct err *err);

/* From now on a night is what others are compared with. night: as QUERY_NIGHT gives it. ERR_EXISTS: not finished, or
 * accepted already. */
int farm_accept_night(struct farm *farm, const struct principal *who, const json_t *night, on_done_fn on_done,
		      void *context, struct err *err);

/* Adds a secret of 16 to 128 printable bytes, or replaces one (without replace: ERR_EXISTS); removes one. */
int farm_put_secret(struct farm *farm, const struct principal *who, const char *name, const char *value, bool replace,
		    on_done_fn on_done, void *context, struct err *err);
int farm_remove_secret(struct farm *farm, const struct principal *who, const char *name, on_done_fn on_done,
		       void *context, struct err *err);

/* [{"name","org","author","paused","stopped","changed_at_us","next_us","night","text"}]; stopped (why it runs no more),
 * next_us and night (the one under way) may be null. name NULL: all. */
json_t *farm_schedules_json(const struct farm *farm, const struct principal *who, const char *name);
/* [{"name","org","version","author","created_at_us","files"}]: the last version of each. */
json_t *farm_drops_json(const struct farm *farm, const struct principal *who, const char *name);
/* [{"name","org","author","created_at_us"}]: never their values. */
json_t *farm_secrets_json(const struct farm *farm, const struct principal *who);

/* --- for whoever summarises and delivers --- */

/* The numbers of nights that are durably finished and not summarised, at most max. */
size_t farm_unsummarised(const struct farm *farm, int64_t *ret_nights, size_t max);
/* What such a night is compared with: "accepted", "previous" or "nothing". */
const char *farm_compare_with(const struct farm *farm, int64_t night);
/* What came of a night. Again, or of a night that is not waited for: nothing happens. */
void farm_keep_summary(struct farm *farm, int64_t night, int64_t before, const char *json, const char *text);
/* How a delivery stands now; on_done is called once, later, when that is durable. */
void farm_keep_delivery(struct farm *farm, const struct delivery_record *delivery, on_done_fn on_done, void *context);

#endif

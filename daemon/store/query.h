/* SPDX-License-Identifier: Apache-2.0 */
/* Answering queries, in a worker's thread. */
#ifndef ASSAY_STORE_QUERY_H
#define ASSAY_STORE_QUERY_H

#include "core/farm/archive.h"
#include "daemon/store/db.h"

struct query_place {
	struct db *db;
	const char *console_dir;
	const char *image_dir;
	const char *artefact_dir;
};

/* Fills answer (zeroed, fd -1). All reads of one answer see one state of the database. */
void query_answer(const struct query_place *place, const struct principal *who, const struct query *query,
		  struct answer *answer);

/* One each; return 0 or an error with answer->err filled. */
int query_jobs(const struct query_place *place, const struct principal *who, const struct query *query,
	       struct answer *answer);
int query_job(const struct query_place *place, const struct principal *who, const struct query *query,
	      struct answer *answer);
int query_report(const struct query_place *place, const struct principal *who, const struct query *query,
		 struct answer *answer);
int query_flakes(const struct query_place *place, const struct principal *who, const struct query *query,
		 struct answer *answer);
int query_cases(const struct query_place *place, const struct principal *who, const struct query *query,
		struct answer *answer);
int query_acceptable(const struct query_place *place, const struct principal *who, const struct query *query,
		     struct answer *answer);
int query_run(const struct query_place *place, const struct principal *who, const struct query *query,
	      struct answer *answer);
int query_board_runs(const struct query_place *place, const struct principal *who, const struct query *query,
		     struct answer *answer);
int query_timeline(const struct query_place *place, const struct principal *who, const struct query *query,
		   struct answer *answer);
/* Adds "origin" to a run. */
int query_add_origin(const struct query_place *place, json_t *run, struct err *err);
int query_board_history(const struct query_place *place, const struct principal *who, const struct query *query,
			struct answer *answer);
int query_board_recoveries(const struct query_place *place, const struct principal *who, const struct query *query,
			   struct answer *answer);
int query_recovery_figures(const struct query_place *place, const struct principal *who, const struct query *query,
			   struct answer *answer);
int query_events(const struct query_place *place, const struct principal *who, const struct query *query,
		 struct answer *answer);
int query_console(const struct query_place *place, const struct principal *who, const struct query *query,
		  struct answer *answer);
int query_console_times(const struct query_place *place, const struct principal *who, const struct query *query,
			struct answer *answer);
int query_image(const struct query_place *place, const struct principal *who, const struct query *query,
		struct answer *answer);
int query_image_content(const struct query_place *place, const struct principal *who, const struct query *query,
			struct answer *answer);
int query_artefacts(const struct query_place *place, const struct principal *who, const struct query *query,
		    struct answer *answer);
int query_artefact(const struct query_place *place, const struct principal *who, const struct query *query,
		   struct answer *answer);
int query_tokens(const struct query_place *place, const struct principal *who, const struct query *query,
		 struct answer *answer);

int query_nights(const struct query_place *place, const struct principal *who, const struct query *query,
		 struct answer *answer);
int query_night(const struct query_place *place, const struct principal *who, const struct query *query,
		struct answer *answer);
int query_night_summary(const struct query_place *place, const struct principal *who, const struct query *query,
			struct answer *answer);
int query_deliveries(const struct query_place *place, const struct principal *who, const struct query *query,
		     struct answer *answer);

/* query_nights.c: a night as QUERY_NIGHTS lists it, and its cells. */
int query_read_night(const struct query_place *place, const struct principal *who, int64_t id, json_t **ret_night,
		     struct err *err);
/* query_jobs.c: the job with its runs, without their details. */
int query_read_job(const struct query_place *place, const struct principal *who, int64_t id, json_t **ret_job,
		   struct err *err);
/* query_details.c: hand over at most limit rows, one at a time. Cases: those after a place; their place is put into
 * *ret_last (may be NULL). */
int query_each_step(const struct query_place *place, int64_t run, int64_t limit, reader_row_fn on_row, void *context,
		    struct err *err);
int query_each_case(const struct query_place *place, int64_t run, int64_t after, int64_t limit, reader_row_fn on_row,
		    void *context, int64_t *ret_last, struct err *err);
/* query_details.c: puts steps, cases and cases_next into the run, at most *left rows, and takes them off *left. */
int query_add_details(const struct query_place *place, json_t *run, size_t *left, struct err *err);
/* ERR_NOT_FOUND when there is no such run, or none that who may see. */
int query_may_see_run(const struct query_place *place, const struct principal *who, int64_t run, struct err *err);
/* query_artefacts.c: appends a run's artefacts. */
int query_list_artefacts(const struct query_place *place, int64_t run, json_t **artefacts, struct err *err);
/* The text of the run's backtrace, else of its registers, a heap block; NULL when it left neither. */
int query_post_mortem(const struct query_place *place, int64_t run, char **ret_text, struct err *err);
json_t *query_text(sqlite3_stmt *row, int column);
json_t *query_number(sqlite3_stmt *row, int column);

/* Whether who sees every organisation; for "(? OR org = ?)". */
int64_t query_sees_all(const struct principal *who);

#endif

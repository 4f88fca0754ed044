/* SPDX-License-Identifier: Apache-2.0 */
/* The table of queries. */
#include "daemon/store/query.h"

typedef int (*query_fn)(const struct query_place *place, const struct principal *who, const struct query *query,
			struct answer *answer);

static const query_fn queries[] = {
	[QUERY_JOBS] = query_jobs,
	[QUERY_JOB] = query_job,
	[QUERY_REPORT] = query_report,
	[QUERY_CASES] = query_cases,
	[QUERY_RUN] = query_run,
	[QUERY_BOARD_HISTORY] = query_board_history,
	[QUERY_BOARD_RUNS] = query_board_runs,
	[QUERY_TIMELINE] = query_timeline,
	[QUERY_EVENTS] = query_events,
	[QUERY_CONSOLE] = query_console,
	[QUERY_CONSOLE_TIMES] = query_console_times,
	[QUERY_IMAGE] = query_image,
	[QUERY_IMAGE_CONTENT] = query_image_content,
	[QUERY_FLAKES] = query_flakes,
	[QUERY_ARTEFACTS] = query_artefacts,
	[QUERY_ARTEFACT] = query_artefact,
	[QUERY_BOARD_RECOVERIES] = query_board_recoveries,
	[QUERY_RECOVERY_FIGURES] = query_recovery_figures,
	[QUERY_TOKENS] = query_tokens,
	[QUERY_ACCEPTABLE] = query_acceptable,
	[QUERY_NIGHTS] = query_nights,
	[QUERY_NIGHT] = query_night,
	[QUERY_NIGHT_SUMMARY] = query_night_summary,
	[QUERY_DELIVERIES] = query_deliveries,
};

int64_t query_sees_all(const struct principal *who)
{
	return who->role == ROLE_ADMIN || who->role == ROLE_AGENT;
}

void query_answer(const struct query_place *place, const struct principal *who, const struct query *query,
		  struct answer *answer)
{
	if ((size_t)query->kind >= sizeof(queries) / sizeof(queries[0])) {
		(void)err_set(&answer->err, ERR_INVALID, "no such query");
		return;
	}
	if (db_exec(place->db, "BEGIN", &answer->err))
		return;
	(void)queries[query->kind](place, who, query, answer);
	(void)db_exec(place->db, "COMMIT", NULL);
	if (!answer->err.code && !answer->json && !answer->bytes && answer->fd < 0)
		(void)err_set(&answer->err, ERR_NOMEM, "out of memory");
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Events after a number. */
#include "core/base/json.h"
#include "daemon/store/query.h"

/* What is about no job is about the farm's own boards, agents and suites, which everyone shares. */
#define SHARED "(job = 0 AND org = '" ORG_DEFAULT "')"

/* What narrows the events chooses the index. */
static const char *statement_for(const struct query *query)
{
#define EVENTS(index, narrow)                                                                                          \
	"SELECT seq, body FROM event " index " WHERE seq > ?1 AND (?2 OR org = ?3 OR " SHARED ") AND " narrow          \
	" ORDER BY seq LIMIT ?5"
	if (query->run)
		return EVENTS("INDEXED BY event_run", "run = ?4 AND run <> 0");
	if (query->job)
		return EVENTS("INDEXED BY event_job", "job = ?4 AND job <> 0");
	if (query->name[0])
		return EVENTS("INDEXED BY event_board", "board = ?4 AND board <> ''");
	return EVENTS("", "?4 = 0");
#undef EVENTS
}

static int bind(sqlite3_stmt *row, const struct principal *who, const struct query *query, int64_t limit)
{
	if (query->name[0] && !query->run && !query->job)
		return db_bind(row, "iitti", query->after, query_sees_all(who), who->org, query->name, limit);
	return db_bind(row, "iitii", query->after, query_sees_all(who), who->org, query->run ? query->run : query->job,
		       limit);
}

int query_events(const struct query_place *place, const struct principal *who, const struct query *query,
		 struct answer *answer)
{
	int64_t limit = query->limit > 0 ? query->limit : 100, newest = 0, last = query->after, count = 0;
	sqlite3_stmt *row = db_statement(place->db, statement_for(query), &answer->err);
	json_t *events = json_array();
	bool more = true;
	int rc = row ? 0 : (int)answer->err.code;

	limit = limit > ARCHIVE_MAX_ROWS ? ARCHIVE_MAX_ROWS : limit;
	if (rc == 0)
		rc = bind(row, who, query, limit);
	while (rc == 0 && (rc = db_step(place->db, row, &more, &answer->err)) == 0 && more) {
		json_t *event = NULL;

		rc = json_parse(db_text(row, 1), (size_t)sqlite3_column_bytes(row, 1), 1u << 20, &event, &answer->err);
		if (rc)
			break;
		last = db_int(row, 0);
		count++;
		json_push(&events, event);
	}
	if (row)
		sqlite3_reset(row);
	if (rc == 0)
		rc = db_get_int(place->db, "SELECT max(seq) FROM event", 0, &newest, &answer->err);
	answer->json = json_object();
	json_put(&answer->json, "events", events);
	/* fewer than asked for: all up to the newest were looked at */
	json_put(&answer->json, "seq", json_integer(count < limit && newest > last ? newest : last));
	return rc;
}

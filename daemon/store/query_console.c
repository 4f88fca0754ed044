/* SPDX-License-Identifier: Apache-2.0 */
/* A run's console: its bytes, and when they came. */
#include <stdlib.h>

#include "core/base/json.h"
#include "core/base/mem.h"
#include "daemon/store/console_short.h"
#include "daemon/store/query.h"

struct console_row {
	uint64_t total, dropped;
	bool open;
};

static int read_row(const struct query_place *place, const struct principal *who, int64_t run,
		    struct console_row *ret_row, struct err *err)
{
	sqlite3_stmt *row = db_statement(place->db,
					 "SELECT console_bytes, console_dropped, state <> 'finished' FROM run"
					 " WHERE id = ? AND (? OR org = ?)",
					 err);
	bool found = false;
	int rc = row ? db_bind(row, "iit", run, query_sees_all(who), who->org) : (int)err->code;

	if (rc == 0)
		rc = db_step(place->db, row, &found, err);
	if (rc == 0 && found) {
		ret_row->total = (uint64_t)db_int(row, 0);
		ret_row->dropped = (uint64_t)db_int(row, 1);
		ret_row->open = db_int(row, 2) != 0;
	}
	if (row)
		sqlite3_reset(row);
	if (rc == 0 && !found)
		rc = err_set(err, ERR_NOT_FOUND, "there is no run %lld", (long long)run);
	return rc;
}

/* Only bytes whose commit is known are shown, even when the file has more already. */
int query_console(const struct query_place *place, const struct principal *who, const struct query *query,
		  struct answer *answer)
{
	struct console_row row;
	uint64_t to, size;
	int rc = read_row(place, who, query->id, &row, &answer->err);

	if (rc)
		return rc;
	to = query->to && query->to < row.total ? query->to : row.total;
	size = query->from < to ? to - query->from : 0;
	if (size > ARCHIVE_MAX_CONSOLE_BYTES)
		size = ARCHIVE_MAX_CONSOLE_BYTES;
	answer->bytes = mem_alloc((size_t)size);
	rc = console_get(place->db, place->console_dir, query->id, query->from, answer->bytes, (size_t)size,
			 &answer->size_bytes, &answer->err);
	if (rc)
		return rc;
	answer->json = json_object();
	json_put(&answer->json, "run", json_integer(query->id));
	json_put(&answer->json, "from", json_integer((json_int_t)query->from));
	json_put(&answer->json, "bytes", json_integer((json_int_t)answer->size_bytes));
	json_put(&answer->json, "total", json_integer((json_int_t)row.total));
	json_put(&answer->json, "dropped", json_integer((json_int_t)row.dropped));
	json_put(&answer->json, "open", json_boolean(row.open));
	return 0;
}

int query_console_times(const struct query_place *place, const struct principal *who, const struct query *query,
			struct answer *answer)
{
	struct console_row row;
	struct console_time *times;
	size_t count;
	json_t *list;
	int rc = read_row(place, who, query->id, &row, &answer->err);

	if (rc == 0)
		rc = console_get_times(place->db, place->console_dir, query->id, &times, &count, &answer->err);
	if (rc)
		return rc;
	list = json_array();
	for (size_t i = 0; i < count && times[i].offset < row.total; i++)
		json_push(&list, json_pack("[I,I]", (json_int_t)times[i].offset, (json_int_t)times[i].at_us));
	free(times);
	answer->json = json_object();
	json_put(&answer->json, "run", json_integer(query->id));
	json_put(&answer->json, "times", list);
	return 0;
}

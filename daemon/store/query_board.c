/* SPDX-License-Identifier: Apache-2.0 */
/* What people and policies decided about a board. */
#include "core/base/json.h"
#include "daemon/store/query.h"

int query_board_history(const struct query_place *place, const struct principal *who, const struct query *query,
			struct answer *answer)
{
	sqlite3_stmt *row =
		db_statement(place->db,
			     "SELECT body FROM event INDEXED BY event_board_hold WHERE board = ?1"
			     " AND (type = 'board.quarantined' OR type = 'board.released' OR type = 'board.retired'"
			     " OR type = 'board.unretired')" /* word for word as in the index */
			     " AND (?2 OR org = ?3 OR org = '" ORG_DEFAULT "') ORDER BY seq DESC LIMIT ?4",
			     &answer->err);
	json_t *history = json_array();
	bool more = true;
	int rc = row ? db_bind(row, "titi", query->name, query_sees_all(who), who->org, (int64_t)ARCHIVE_MAX_ROWS)
		     : (int)answer->err.code;

	while (rc == 0 && (rc = db_step(place->db, row, &more, &answer->err)) == 0 && more) {
		json_t *event = NULL;

		rc = json_parse(db_text(row, 0), (size_t)sqlite3_column_bytes(row, 0), 1u << 20, &event, &answer->err);
		json_push(&history, event);
	}
	if (row)
		sqlite3_reset(row);
	answer->json = json_object();
	json_put(&answer->json, "board", json_string(query->name));
	json_put(&answer->json, "history", history);
	return rc;
}

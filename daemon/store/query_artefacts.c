/* SPDX-License-Identifier: Apache-2.0 */
/* What runs left behind: the list, and one of them. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"
#include "daemon/store/query.h"

#define COLUMNS "SELECT name, kind, size_bytes, sha256, present, created_at_us, content FROM artefact "

static json_t *artefact_json(sqlite3_stmt *row)
{
	json_t *artefact = json_object();

	json_put(&artefact, "name", query_text(row, 0));
	json_put(&artefact, "kind", query_text(row, 1));
	json_put(&artefact, "size", query_number(row, 2));
	json_put(&artefact, "sha256", query_text(row, 3));
	json_put(&artefact, "present", json_boolean(db_int(row, 4)));
	json_put(&artefact, "created_at_us", query_number(row, 5));
	return artefact;
}

int query_list_artefacts(const struct query_place *place, int64_t run, json_t **artefacts, struct err *err)
{
	sqlite3_stmt *row = db_statement(place->db, COLUMNS "WHERE run = ? ORDER BY name LIMIT 1000", err);
	bool more = true;
	int rc = row ? db_bind(row, "i", run) : (int)err->code;

	while (rc == 0 && (rc = db_step(place->db, row, &more, err)) == 0 && more)
		json_push(artefacts, artefact_json(row));
	if (row)
		sqlite3_reset(row);
	return rc;
}

int query_artefacts(const struct query_place *place, const struct principal *who, const struct query *query,
		    struct answer *answer)
{
	json_t *artefacts = json_array();
	int rc = query_may_see_run(place, who, query->id, &answer->err);

	if (rc == 0)
		rc = query_list_artefacts(place, query->id, &artefacts, &answer->err);
	answer->json = json_object();
	json_put(&answer->json, "run", json_integer(query->id));
	json_put(&answer->json, "artefacts", artefacts);
	return rc;
}

int query_post_mortem(const struct query_place *place, int64_t run, char **ret_text, struct err *err)
{
	sqlite3_stmt *row = db_statement(place->db,
					 "SELECT content FROM artefact WHERE run = ? AND content <> ''"
					 " AND kind IN ('backtrace', 'registers') ORDER BY kind LIMIT 1",
					 err);
	char *text = NULL;
	bool found = false;
	int rc = row ? db_bind(row, "i", run) : (int)err->code;

	if (rc == 0)
		rc = db_step(place->db, row, &found, err);
	if (rc == 0 && found)
		text = strdup(db_text(row, 0));
	if (rc == 0 && found && !text)
		rc = err_set(err, ERR_NOMEM, "out of memory");
	if (row)
		sqlite3_reset(row);
	if (rc == 0)
		*ret_text = text;
	return rc;
}

/* A text is in its row, a file beside the database. */
static int open_content(const struct query_place *place, sqlite3_stmt *row, struct answer *answer)
{
	const char *text = db_text(row, 6);
	char path[4400];

	if (text[0]) {
		answer->bytes = (uint8_t *)strdup(text);
		answer->size_bytes = strlen(text);
		return answer->bytes ? 0 : err_set(&answer->err, ERR_NOMEM, "out of memory");
	}
	if (!db_int(row, 4))
		return err_set(&answer->err, ERR_NOT_FOUND, "the agent has told of %s and not sent it yet",
			       db_text(row, 0));
	(void)snprintf(path, sizeof(path), "%s/%.64s", place->artefact_dir, db_text(row, 3));
	answer->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (answer->fd < 0)
		return err_set_errno(&answer->err, errno, "cannot open artefact %s", db_text(row, 0));
	return 0;
}

int query_artefact(const struct query_place *place, const struct principal *who, const struct query *query,
		   struct answer *answer)
{
	sqlite3_stmt *row;
	bool found = false;
	int rc = query_may_see_run(place, who, query->id, &answer->err);

	if (rc)
		return rc;
	row = db_statement(place->db, COLUMNS "WHERE run = ? AND name = ?", &answer->err);
	rc = row ? db_bind(row, "it", query->id, query->name) : (int)answer->err.code;
	if (rc == 0)
		rc = db_step(place->db, row, &found, &answer->err);
	if (rc == 0 && !found)
		rc = err_set(&answer->err, ERR_NOT_FOUND, "run %lld left no %.64s behind", (long long)query->id,
			     query->name);
	if (rc == 0) {
		answer->json = artefact_json(row);
		rc = open_content(place, row, answer);
	}
	if (row)
		sqlite3_reset(row);
	return rc;
}

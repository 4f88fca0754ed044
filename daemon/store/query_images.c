/* SPDX-License-Identifier: Apache-2.0 */
/* Images and tokens. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "core/base/json.h"
#include "daemon/store/query.h"

/* A rack of the farm's own runs images of every organisation, but only those that it was given: whoever handed the run
 * in was seen to hold its image, or is an admin, who may run any organisation's. */
#define OF_ITS_RUNS                                                                                                    \
	"EXISTS (SELECT 1 FROM run JOIN agent ON agent.name = run.agent WHERE run.state <> 'finished'"                 \
	" AND run.image_sha256 = image.sha256 AND agent.org = ?3)"

int query_image(const struct query_place *place, const struct principal *who, const struct query *query,
		struct answer *answer)
{
	sqlite3_stmt *row = db_statement(place->db,
					 "SELECT body, name, created_at_us, org = ?3 FROM image"
					 " WHERE sha256 = ?1 AND (?2 OR org = ?3 OR (?4 AND " OF_ITS_RUNS "))"
					 " ORDER BY org = ?3 DESC, created_at_us LIMIT 1",
					 &answer->err);
	bool found = false;
	int rc = row ? db_bind(row, "titi", query->name, (int64_t)(who->role == ROLE_ADMIN), who->org,
			       (int64_t)(who->role == ROLE_AGENT))
		     : (int)answer->err.code;

	if (rc == 0)
		rc = db_step(place->db, row, &found, &answer->err);
	if (rc == 0 && found)
		rc = json_parse(db_text(row, 0), (size_t)sqlite3_column_bytes(row, 0), 1u << 20, &answer->json,
				&answer->err);
	if (rc == 0 && found) {
		json_put(&answer->json, "name", json_text(db_text(row, 1), 256));
		json_put(&answer->json, "created_at_us", json_integer(db_int(row, 2)));
		json_put(&answer->json, "own", json_boolean(db_int(row, 3) != 0));
	}
	if (row)
		sqlite3_reset(row);
	if (rc == 0 && !found)
		rc = err_set(&answer->err, ERR_NOT_FOUND, "the farm holds no image %.64s", query->name);
	return rc;
}

int query_image_content(const struct query_place *place, const struct principal *who, const struct query *query,
			struct answer *answer)
{
	char path[4400];
	int rc = query_image(place, who, query, answer);

	if (rc)
		return rc;
	(void)snprintf(path, sizeof(path), "%s/%s", place->image_dir, query->name);
	answer->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (answer->fd < 0 && errno == ENOENT) /* the farm has it, and its file should be there */
		return err_set(&answer->err, ERR_IO, "the image's file %s is gone", path);
	if (answer->fd < 0)
		return err_set_errno(&answer->err, errno, "cannot open image %.64s", query->name);
	return 0;
}

int query_tokens(const struct query_place *place, const struct principal *who, const struct query *query,
		 struct answer *answer)
{
	sqlite3_stmt *row;
	json_t *tokens = json_array();
	bool more = true;
	int rc = 0;

	(void)query;
	if (who->role != ROLE_ADMIN) {
		json_decref(tokens);
		return err_set(&answer->err, ERR_DENIED, "only admins see tokens");
	}
	row = db_statement(place->db, "SELECT name, org, role, created_at_us, rack FROM token ORDER BY name",
			   &answer->err);
	if (!row)
		rc = (int)answer->err.code;
	while (rc == 0 && (rc = db_step(place->db, row, &more, &answer->err)) == 0 && more)
		json_push(&tokens, json_pack("{s:s,s:s,s:s,s:I,s:s}", "name", db_text(row, 0), "org", db_text(row, 1),
					     "role", db_text(row, 2), "created_at_us", (json_int_t)db_int(row, 3),
					     "rack", db_text(row, 4)));
	if (row)
		sqlite3_reset(row);
	answer->json = json_object();
	json_put(&answer->json, "tokens", tokens);
	return rc;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Taking away what is past its time, a small piece in each transaction of the writer's. What a verdict, a comparison or
 * a number rests on stays: accepted nights, the last night of each schedule, the last night of all, nights that
 * somebody is still to be told of, the newest versions of a drop, a board's last recovery; and jobs, runs, consoles and
 * evidence are not looked at. Each piece is whole by itself: whatever a crash leaves is taken the next time. */
#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"
#include "core/base/mem.h"
#include "daemon/store/store_private.h"

#define DAY_US INT64_C(86400000000)

/* At most so many rows of a kind in a piece; some milliseconds. */
#define PIECE_NIGHTS     "20"
#define PIECE_ROWS       "200"
#define PIECE_DROPS      "100"
#define PIECE_RECOVERIES "50"

#define OLD_NIGHTS                                                                                                     \
	"(SELECT id FROM night AS n WHERE due_us < ?1 AND (state = 'skipped' OR (state = 'finished' AND summarised))"  \
	" AND id < (SELECT max(id) FROM night) AND NOT EXISTS (SELECT 1 FROM night_acceptance WHERE night = n.id)"     \
	" AND NOT EXISTS (SELECT 1 FROM delivery WHERE night = n.id AND delivery.state = 'pending')"                   \
	" AND id < coalesce((SELECT max(id) FROM night AS o WHERE o.org = n.org AND o.schedule = n.schedule"           \
	" AND o.state = 'finished'), id + 1) ORDER BY id LIMIT " PIECE_NIGHTS ")"

#define OLD_RECOVERIES                                                                                                 \
	"(SELECT board, begun_at_us FROM recovery AS r WHERE begun_at_us < ?1 AND ended_at_us <> 0 AND begun_at_us <"  \
	" (SELECT max(begun_at_us) FROM recovery WHERE board = r.board) ORDER BY board, begun_at_us"                   \
	" LIMIT " PIECE_RECOVERIES ")"

struct prune_wish {
	struct wish wish;
	struct prune_limits limits;
	int64_t removed; /* rows */
	json_t *kept;
	struct ask *ask;
};

static int take(struct prune_wish *it, struct db *db, const char *sql, int64_t limit, struct err *err)
{
	int rc = db_run(db, err, sql, "i", limit);

	if (rc == 0)
		it->removed += sqlite3_changes(db->handle);
	return rc;
}

static int take_nights(struct prune_wish *it, struct db *db, int64_t before_us, struct err *err)
{
	static const char *const statements[] = {
		"DELETE FROM delivery WHERE night IN " OLD_NIGHTS,
		"DELETE FROM night_summary WHERE night IN " OLD_NIGHTS,
		"DELETE FROM night WHERE id IN " OLD_NIGHTS, /* the last, as the others look at it */
	};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sizeof(statements) / sizeof(statements[0]); i++)
		rc = take(it, db, statements[i], before_us, err);
	return rc;
}

static int take_recoveries(struct prune_wish *it, struct db *db, int64_t before_us, struct err *err)
{
	int rc =
		take(it, db, "DELETE FROM recovery_rung WHERE (board, begun_at_us) IN " OLD_RECOVERIES, before_us, err);

	return rc ? rc
		  : take(it, db, "DELETE FROM recovery WHERE (board, begun_at_us) IN " OLD_RECOVERIES, before_us, err);
}

static int count_rows(struct db *db, json_t *kept, const char *name, const char *sql, struct err *err)
{
	int64_t count = 0;
	int rc = db_get_int(db, sql, 0, &count, err);

	if (rc == 0)
		json_object_set_new(kept, name, json_integer(count));
	return rc;
}

static int count_kept(struct prune_wish *it, struct db *db, struct err *err)
{
	static const struct {
		const char *name, *sql;
	} counts[] = {
		{"nights", "SELECT count(*) FROM night"},
		{"deliveries", "SELECT count(*) FROM delivery"},
		{"drop_versions", "SELECT count(*) FROM artefact_drop"},
		{"recoveries", "SELECT count(*) FROM recovery"},
		{"database_bytes", "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"},
	};
	int rc = 0;

	it->kept = json_object();
	for (size_t i = 0; rc == 0 && i < sizeof(counts) / sizeof(counts[0]); i++)
		rc = count_rows(db, it->kept, counts[i].name, counts[i].sql, err);
	return rc;
}

static int apply(struct wish *wish, struct db *db, struct err *err)
{
	struct prune_wish *it = list_container(wish, struct prune_wish, wish);
	const struct prune_limits *limits = &it->limits;
	int rc = 0;

	it->removed = 0; /* a transaction that fails is tried again */
	json_decref(it->kept);
	it->kept = NULL;
	if (limits->delivery_days)
		rc = take(it, db,
			  "DELETE FROM delivery WHERE (night, number) IN (SELECT d.night, d.number FROM delivery AS d"
			  " JOIN night AS n ON n.id = d.night WHERE n.due_us < ?1 AND d.state <> 'pending'"
			  " LIMIT " PIECE_ROWS ")",
			  limits->now_us - limits->delivery_days * DAY_US, err);
	if (rc == 0 && limits->night_days)
		rc = take_nights(it, db, limits->now_us - limits->night_days * DAY_US, err);
	if (rc == 0 && limits->drop_versions)
		rc = take(
			it, db,
			"DELETE FROM artefact_drop WHERE (org, name, version) IN (SELECT org, name, version FROM"
			" (SELECT org, name, version, row_number() OVER (PARTITION BY org, name ORDER BY version DESC)"
			" AS age FROM artefact_drop) WHERE age > ?1 LIMIT " PIECE_DROPS ")",
			limits->drop_versions, err);
	if (rc == 0 && limits->recovery_days)
		rc = take_recoveries(it, db, limits->now_us - limits->recovery_days * DAY_US, err);
	if (rc == 0 && it->removed == 0)
		rc = count_kept(it, db, err);
	return rc;
}

static void on_done(struct wish *wish, const struct err *err)
{
	struct prune_wish *it = list_container(wish, struct prune_wish, wish);

	if (err)
		it->ask->answer.err = *err;
	else
		it->ask->answer.json =
			json_pack("{s:I, s:o?}", "removed", (json_int_t)it->removed, "kept", json_incref(it->kept));
	json_decref(it->kept);
	ask_post(it->ask);
	free(it);
}

void store_prune(struct store *store, const struct prune_limits *limits, on_answer_fn on_answer, void *context)
{
	struct prune_wish *it = mem_alloc(sizeof(*it));
	struct err err;

	it->limits = *limits;
	it->wish.apply = apply;
	it->wish.on_done = on_done;
	it->ask = ask_create(store, on_answer, context);
	list_init(&it->wish.link);
	if (!store->closing) {
		writer_wish(store->writer, &it->wish);
		return;
	}
	(void)err_set(&err, ERR_CANCELLED, "the store is closing");
	on_done(&it->wish, &err);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* One transaction of the writer: all that waits, and when the database refuses something in it, each alone. */
#include "core/base/log.h"
#include "daemon/store/apply.h"
#include "daemon/store/batch.h"
#include "daemon/store/writer_private.h"

static int apply_batch(struct writer *writer, const struct record **ret_failed, struct err *err)
{
	list_for_each (link, &writer->batch) {
		int rc = apply_change(&writer->db, &writer->console, list_container(link, const struct change, link),
				      ret_failed, err);

		if (rc)
			return rc;
	}
	list_for_each (link, &writer->batch_wishes) {
		struct wish *wish = list_container(link, struct wish, link);
		int rc = wish->apply(wish, &writer->db, err);

		if (rc)
			return rc;
	}
	return 0;
}

/* ret_failed: the record that failed, when it was one. */
static int try_commit(struct writer *writer, const struct record **ret_failed, struct err *err)
{
	int rc = db_exec(&writer->db, "BEGIN IMMEDIATE", err);

	if (rc)
		return rc;
	batch_thin(&writer->batch);
	rc = apply_batch(writer, ret_failed, err);
	if (rc == 0)
		rc = console_sync(&writer->console, err);
	if (rc == 0)
		rc = db_check_place(&writer->db, err);
	if (rc == 0)
		rc = db_exec(&writer->db, "COMMIT", err);
	if (rc) {
		if (!sqlite3_get_autocommit(writer->db.handle))
			(void)db_exec(&writer->db, "ROLLBACK", NULL);
		console_forget_moved(&writer->console);
	}
	return rc;
}

static void close_consoles(struct writer *writer, const struct change *change)
{
	list_for_each (link, &change->records) {
		const struct record *record = list_container(link, const struct record, link);

		if (record->kind != RECORD_RUN || record->as.run->state != RUN_IS_FINISHED ||
		    record->as.run->console_bytes == 0)
			continue;
		console_close(&writer->console, record->as.run->id);
		writer->ports.on_run_closed(writer->ports.context, record->as.run->id, record->as.run->console_sha256);
	}
}

void writer_answer_wishes(struct writer *writer, const struct err *err)
{
	while (!list_empty(&writer->batch_wishes)) {
		struct wish *wish = list_container(writer->batch_wishes.next, struct wish, link);

		list_remove(&wish->link);
		wish->on_done(wish, err);
	}
}

static void batch_done(struct writer *writer)
{
	int64_t number = 0;

	if (writer->in_trouble) {
		writer->in_trouble = false;
		log_info("store", "commits work again");
		writer->ports.on_trouble(writer->ports.context, NULL);
	}
	while (!list_empty(&writer->batch)) {
		struct change *change = list_container(writer->batch.next, struct change, link);

		list_remove(&change->link);
		close_consoles(writer, change);
		number = change->number;
		change_destroy(change);
	}
	writer->batch_count = 0;
	if (number)
		writer->ports.on_committed(writer->ports.context, number);
	writer_answer_wishes(writer, NULL);
}

/* Wishes are refused; with changes waiting the farm is told. */
static void batch_failed(struct writer *writer, const struct err *err)
{
	writer_answer_wishes(writer, err);
	if (list_empty(&writer->batch))
		return;
	if (!writer->in_trouble)
		log_error("store", "cannot commit, will try again: %s", err->text);
	writer->in_trouble = true;
	writer->ports.on_trouble(writer->ports.context, err);
}

/* The database refuses what is in it: trying again will not help. */
static bool is_refused(int rc)
{
	return rc == ERR_INVALID || rc == ERR_TOO_BIG;
}

void writer_drop_changes(struct list *changes)
{
	while (!list_empty(changes)) {
		struct change *change = list_container(changes->next, struct change, link);

		list_remove(&change->link);
		change_destroy(change);
	}
}

/* The batch is the one bad change. */
static void change_refused(struct writer *writer, const struct record *failed, const struct err *err)
{
	const struct change *change = list_container(writer->batch.next, const struct change, link);
	struct change_refusal refusal = {.number = change->number};

	change_subject(change, failed, &refusal);
	(void)err_set(&refusal.err, ERR_CORRUPT, "%s cannot be stored: %s",
		      failed ? record_kind_name(failed->kind) : "it", err->text);
	log_error("store", "change %lld (job %lld, run %lld%s%s) is set aside, it can never be stored: %s",
		  (long long)refusal.number, (long long)refusal.job, (long long)refusal.run,
		  refusal.agent[0] ? ", agent " : "", refusal.agent, refusal.err.text);
	(void)pthread_mutex_lock(&writer->lock);
	writer->refused = true;
	(void)pthread_mutex_unlock(&writer->lock);
	writer_drop_changes(&writer->batch);
	writer->batch_count = 0;
	writer->ports.on_refused(writer->ports.context, &refusal);
}

enum outcome { OUTCOME_COMMITTED, OUTCOME_REFUSED, OUTCOME_FAILED };

/* Commits the batch, which is one change or one wish. */
static enum outcome commit_one(struct writer *writer)
{
	const struct record *failed = NULL;
	struct err err = {0};
	int rc = try_commit(writer, &failed, &err);

	if (rc == 0) {
		batch_done(writer);
		return OUTCOME_COMMITTED;
	}
	if (!is_refused(rc)) {
		batch_failed(writer, &err);
		return OUTCOME_FAILED;
	}
	if (!list_empty(&writer->batch)) {
		change_refused(writer, failed, &err);
		return OUTCOME_REFUSED;
	}
	err.code = ERR_CORRUPT;
	log_error("store", "a token or an image can never be stored: %s", err.text);
	writer_answer_wishes(writer, &err);
	return OUTCOME_REFUSED;
}

static void take_first(struct list *from, struct list *to)
{
	struct list *link = from->next;

	list_remove(link);
	list_append(to, link);
}

/* The database refused something of the batch: each alone, in order. */
static void commit_singly(struct writer *writer)
{
	enum outcome outcome = OUTCOME_COMMITTED;
	struct list changes, wishes;

	list_init(&changes);
	list_init(&wishes);
	list_move_all(&writer->batch, &changes);
	list_move_all(&writer->batch_wishes, &wishes);
	while (outcome == OUTCOME_COMMITTED && !list_empty(&changes)) {
		take_first(&changes, &writer->batch);
		writer->batch_count = 1;
		outcome = commit_one(writer);
	}
	if (outcome == OUTCOME_FAILED) { /* all that is left is tried again */
		list_for_each (link, &changes)
			writer->batch_count++;
		list_move_all(&changes, &writer->batch);
		list_move_all(&wishes, &writer->batch_wishes);
		return;
	}
	writer_drop_changes(&changes);
	while (!list_empty(&wishes)) {
		take_first(&wishes, &writer->batch_wishes);
		(void)commit_one(writer);
	}
}

bool writer_commit(struct writer *writer)
{
	const struct record *failed = NULL;
	struct err err = {0};
	int rc = try_commit(writer, &failed, &err);

	if (rc == 0)
		batch_done(writer);
	else if (is_refused(rc))
		commit_singly(writer);
	else
		batch_failed(writer, &err);
	return rc == 0;
}

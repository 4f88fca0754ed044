/* SPDX-License-Identifier: Apache-2.0 */
/* Looking for what is due, sending it, keeping what came of it. */
#include "daemon/summary/deliver.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <curl/curl.h>

#include "core/base/json.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "daemon/summary/mail.h"
#include "daemon/summary/webhook.h"

#define LONGEST_WAIT_MS INT64_C(3600000)
#define LOOK_AGAIN_MS   INT64_C(60000) /* the wall clock may be set */
#define PAGE_MAX_BYTES  (2u << 20)     /* a larger one is not mailed */

/* What is being sent. */
struct sending {
	struct deliverer *d;
	uv_work_t work;
	bool busy, working; /* working: in its thread */
	json_t *row;
	struct delivery_record record;
	struct err err;
};

struct deliverer {
	struct deliverer_options options;
	char mail_from[256], host[128];
	uv_timer_t timer;
	bool looking, again;
	atomic_bool stop;
	struct sending sendings[DELIVERIES_AT_ONCE];
};

static int64_t unix_us(void)
{
	struct timespec at;

	clock_gettime(CLOCK_REALTIME, &at);
	return (int64_t)at.tv_sec * 1000000 + at.tv_nsec / 1000;
}

static const char *text_in(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

/* --- in the worker's thread: only the sending, its deliverer's options and stop are touched --- */

static void send_webhook(struct sending *it)
{
	const json_t *body = json_object_get(it->row, "json");
	char delivery[64];
	struct webhook webhook = {.url = it->record.target,
				  .secret = text_in(it->row, "value"),
				  .delivery = delivery,
				  .body = json_string_value(body),
				  .len = json_string_length(body),
				  .unix_s = unix_us() / 1000000,
				  .private_allowed = it->d->options.webhook_private,
				  .stop = &it->d->stop};

	snprintf(delivery, sizeof(delivery), "%" PRId64 "-%" PRIu32, it->record.night, it->record.number);
	if (!webhook.secret[0])
		(void)err_set(&it->err, ERR_DENIED, "there is no secret \"%s\" any more", it->record.secret);
	else
		(void)webhook_send(&webhook, &it->err);
}

/* "version 44 of main by ci": since what a case is bad; false: nobody knows, or it was no drop. */
static bool since_words(const json_t *change, char *ret_text, size_t size)
{
	const json_t *since = json_object_get(change, "since");
	const char *image = text_in(change, "image"); /* NAME or NAME/FILE */

	if (!json_object_get(since, "version"))
		return false;
	(void)snprintf(ret_text, size, "version %" PRId64 " of %.*s by %s",
		       (int64_t)json_integer_value(json_object_get(since, "version")), (int)strcspn(image, "/"), image,
		       text_in(since, "dropped_by"));
	return true;
}

/* " since version 44 of main by ci", where that is so for all new failures. */
static void add_since(const json_t *comparison, char *subject, size_t size)
{
	const json_t *change;
	char first[200] = "", words[200];
	size_t i, len = strlen(subject);

	json_array_foreach(json_object_get(comparison, "changes"), i, change)
	{
		if (strcmp(text_in(change, "kind"), "new-failure") != 0)
			continue;
		if (!since_words(change, words, sizeof(words)) || (first[0] && strcmp(first, words) != 0))
			return;
		mem_text_into(first, sizeof(first), words);
	}
	if (first[0])
		(void)snprintf(subject + len, size - len, " since %s", first);
}

/* "[assay] nightly, night 12: 3 new-failure since version 44 of main by ci, 1 missing, …": the counts that are not
 * none. */
static void write_subject(const json_t *row, const json_t *summary, char *subject, size_t size)
{
	const json_t *comparison = json_object_get(summary, "comparison");
	const json_t *counts = json_object_get(comparison, "counts"), *count;
	const char *kind;
	size_t len = (size_t)snprintf(subject, size, "[assay] %.80s, night %" PRId64, text_in(row, "schedule"),
				      (int64_t)json_integer_value(json_object_get(row, "night")));
	const char *before = ": ";

	if (text_in(summary, "error")[0]) {
		(void)snprintf(subject + len, size - len, ": it did not run");
		return;
	}

	json_object_foreach((json_t *)(uintptr_t)counts, kind, count)
	{
		if (json_integer_value(count) == 0 || strcmp(kind, "same") == 0 || len + 40 > size)
			continue;
		len += (size_t)snprintf(subject + len, size - len, "%s%" PRId64 " %s", before,
					(int64_t)json_integer_value(count), kind);
		if (strcmp(kind, "new-failure") == 0)
			add_since(comparison, subject, size);
		len = strlen(subject);
		before = ", ";
	}
	if (json_integer_value(json_object_get(summary, "not_run")))
		(void)snprintf(subject + len, size - len, "%s%" PRId64 " not run", before,
			       (int64_t)json_integer_value(json_object_get(summary, "not_run")));
	else if (before[0] == ':')
		(void)snprintf(subject + len, size - len, ": nothing changed");
}

static void send_mail(struct sending *it)
{
	json_t *summary = json_loads(text_in(it->row, "json"), 0, NULL);
	json_t *night = json_pack("{s:O?}", "summary", summary);
	char subject[400], id[300], *html = NULL;
	size_t html_len = 0;
	struct err ignored = {0};
	struct mail mail = {.sendmail = it->d->options.sendmail,
			    .from = it->d->mail_from,
			    .to = it->record.target,
			    .subject = subject,
			    .id = id,
			    .unix_s = unix_us() / 1000000,
			    .text = text_in(it->row, "text"),
			    .stop = &it->d->stop};

	write_subject(it->row, summary, subject, sizeof(subject));
	snprintf(id, sizeof(id), "night-%" PRId64 "-%" PRIu32 "@%s", it->record.night, it->record.number, it->d->host);
	if (summary && json_is_object(json_object_get(summary, "comparison")) &&
	    !it->d->options.page(night, NULL, &html, &html_len, &ignored) && html_len <= PAGE_MAX_BYTES)
		mail.html = html;
	(void)mail_send(&mail, &it->err);
	free(html);
	json_decref(night);
	json_decref(summary);
}

static void work(uv_work_t *request)
{
	struct sending *it = request->data;

	if (it->record.kind == DELIVERY_WEBHOOK)
		send_webhook(it);
	else
		send_mail(it);
}

/* --- on the loop --- */

static void on_timer(uv_timer_t *timer)
{
	deliverer_look(timer->data);
}

static void wait_for(struct deliverer *d, int64_t next_at_us)
{
	int64_t wait_ms = (next_at_us - unix_us()) / 1000 + 1;

	uv_update_time(d->options.uv);
	uv_timer_start(&d->timer, on_timer,
		       (uint64_t)(wait_ms < 1               ? 1
				  : wait_ms < LOOK_AGAIN_MS ? wait_ms
							    : LOOK_AGAIN_MS),
		       0);
}

static void on_kept(void *context, const struct err *err)
{
	struct sending *it = context;
	struct deliverer *d = it->d;

	it->busy = false;
	if (!err)
		deliverer_look(d);
	else if (!atomic_load(&d->stop)) /* what could not be kept is sent once more */
		wait_for(d, unix_us() + 1000 * d->options.retry_ms);
}

/* What came of it, and when it, or what waits behind it for the same target, is tried. */
static void conclude(struct sending *it)
{
	struct delivery_record *record = &it->record;
	int64_t wait_ms = it->d->options.retry_ms;

	record->tries++;
	record->next_at_us = unix_us();
	mem_text_into(record->text, sizeof(record->text), it->err.code ? it->err.text : "");
	if (!it->err.code) {
		record->state = DELIVERY_IS_DELIVERED;
		return;
	}
	for (uint32_t i = 1; i < record->tries && wait_ms < LONGEST_WAIT_MS; i++)
		wait_ms *= 3;
	if (it->err.code != ERR_DENIED)
		record->next_at_us += 1000 * (wait_ms < LONGEST_WAIT_MS ? wait_ms : LONGEST_WAIT_MS);
	if (it->err.code == ERR_DENIED || record->tries >= DELIVERY_MAX_TRIES)
		record->state = DELIVERY_IS_FAILED;
	log_warn("night", "%" PRId64 ": %s to %s, try %" PRIu32 ": %s%s", record->night,
		 delivery_kind_name(record->kind), record->target, record->tries, it->err.text,
		 record->state == DELIVERY_IS_FAILED ? "; given up" : "");
}

static void after_work(uv_work_t *request, int status)
{
	struct sending *it = request->data;

	it->working = false;
	json_decref(it->row);
	it->row = NULL;
	if (atomic_load(&it->d->stop) || status) {
		it->busy = false;
		return;
	}
	conclude(it);
	farm_keep_delivery(it->d->options.farm, &it->record, on_kept, it);
}

static void begin(struct sending *it, json_t *row)
{
	it->row = json_incref(row);
	it->err = (struct err){0};
	it->record = (struct delivery_record){
		.night = json_integer_value(json_object_get(row, "night")),
		.number = (uint32_t)json_integer_value(json_object_get(row, "number")),
		.kind = strcmp(text_in(row, "kind"), delivery_kind_name(DELIVERY_MAIL)) == 0 ? DELIVERY_MAIL
											     : DELIVERY_WEBHOOK,
		.tries = (uint32_t)json_integer_value(json_object_get(row, "tries"))};
	mem_text_into(it->record.org, sizeof(it->record.org), text_in(row, "org"));
	mem_text_into(it->record.target, sizeof(it->record.target), text_in(row, "target"));
	mem_text_into(it->record.secret, sizeof(it->record.secret), text_in(row, "secret"));
	it->work.data = it;
	it->busy = it->working = true;
	if (uv_queue_work(it->d->options.uv, &it->work, work, after_work))
		it->working = it->busy = false;
}

/* One at a time to each webhook, and one mail at a time, as one program takes them all. */
static bool is_taken(const struct deliverer *d, const json_t *row)
{
	const char *kind = text_in(row, "kind");

	for (size_t i = 0; i < DELIVERIES_AT_ONCE; i++) {
		const struct sending *it = &d->sendings[i];

		if (it->busy && strcmp(kind, delivery_kind_name(it->record.kind)) == 0 &&
		    (it->record.kind == DELIVERY_MAIL || strcmp(text_in(row, "target"), it->record.target) == 0))
			return true;
	}
	return false;
}

static struct sending *free_sending(struct deliverer *d)
{
	for (size_t i = 0; i < DELIVERIES_AT_ONCE; i++) {
		if (!d->sendings[i].busy)
			return &d->sendings[i];
	}
	return NULL;
}

/* What lies further ahead than anything is put off was put there by a clock that was wrong. */
static bool is_early(int64_t next_at_us)
{
	int64_t wait_us = next_at_us - unix_us();

	return wait_us > 0 && wait_us <= 1000 * LONGEST_WAIT_MS;
}

/* rows: what is due first for each target, the soonest first. What finds no place, or is taken, is looked for again
 * when a sending ends. */
static void begin_due(struct deliverer *d, const json_t *rows)
{
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		int64_t next_at_us = json_integer_value(json_object_get(row, "next_at_us"));
		struct sending *it = free_sending(d);

		if (!it || is_taken(d, row))
			continue;
		if (is_early(next_at_us)) {
			wait_for(d, next_at_us);
			return;
		}
		begin(it, row);
	}
}

static void on_pending(void *context, struct answer *answer)
{
	struct deliverer *d = context;

	d->looking = false;
	if (atomic_load(&d->stop))
		return;
	if (d->again) /* a sending was kept meanwhile: what was read may not know, and would be sent once more */
		deliverer_look(d);
	else if (answer->err.code)
		wait_for(d, unix_us() + 1000 * d->options.retry_ms);
	else
		begin_due(d, json_object_get(answer->json, "deliveries"));
}

void deliverer_look(struct deliverer *d)
{
	static const struct principal farm_itself = {.org = ORG_DEFAULT, .name = "farm", .role = ROLE_ADMIN};
	struct query query = {.kind = QUERY_DELIVERIES};

	if (!d || atomic_load(&d->stop))
		return;
	d->again = d->looking;
	if (d->looking)
		return;
	d->looking = true;
	d->options.archive->read(d->options.archive->context, &farm_itself, &query, on_pending, d);
}

int deliverer_create(const struct deliverer_options *options, struct deliverer **ret_deliverer, struct err *err)
{
	struct deliverer *d = mem_alloc(sizeof(*d));

	if (curl_global_init(CURL_GLOBAL_DEFAULT)) {
		free(d);
		return err_set(err, ERR_NOMEM, "libcurl cannot be used");
	}
	d->options = *options;
	if (gethostname(d->host, sizeof(d->host) - 1))
		mem_text_into(d->host, sizeof(d->host), "localhost");
	if (options->mail_from[0])
		mem_text_into(d->mail_from, sizeof(d->mail_from), options->mail_from);
	else
		snprintf(d->mail_from, sizeof(d->mail_from), "assay@%s", d->host);
	uv_timer_init(options->uv, &d->timer);
	d->timer.data = d;
	for (size_t i = 0; i < DELIVERIES_AT_ONCE; i++)
		d->sendings[i].d = d;
	*ret_deliverer = d;
	return 0;
}

void deliverer_stop(struct deliverer *d)
{
	if (!d)
		return;
	atomic_store(&d->stop, true);
	uv_close((uv_handle_t *)&d->timer, NULL);
	for (size_t i = 0; i < DELIVERIES_AT_ONCE; i++) {
		while (d->sendings[i].working)
			uv_run(d->options.uv, UV_RUN_ONCE);
	}
}

void deliverer_destroy(struct deliverer *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < DELIVERIES_AT_ONCE; i++)
		json_decref(d->sendings[i].row);
	curl_global_cleanup();
	free(d);
}

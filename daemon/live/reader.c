/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the archive from the live thread: a question travels to the main loop, is asked there, and its answer travels
 * back. It finds its subscription by serial number; one that is gone is not missed. */
#include <stdlib.h>
#include <string.h>

#include "daemon/live/live_private.h"

/* Belongs to one thread after the other, never to two. */
struct reading {
	struct loop_post post;
	struct live *live;
	uint64_t serial; /* of the subscription */
	int64_t run;     /* of the watch; 0: events */
	struct principal who;
	struct query query;
	struct answer answer;
};

static void reading_destroy(struct reading *reading)
{
	json_decref(reading->answer.json);
	free(reading->answer.bytes);
	free(reading);
}

static void on_back(struct loop_post *post)
{
	struct reading *reading = loop_post_container(post, struct reading, post);
	struct sub *sub = reading->live->stopping ? NULL : live_find_sub(reading->live, reading->serial);

	if (reading->live->readings-- == LIVE_MAX_READINGS)
		live_news(reading->live); /* for those that could not ask */

	if (sub && reading->run == 0) {
		sub_page_came(sub, &reading->answer.err, reading->answer.json);
	} else if (sub) {
		list_for_each_safe (link, &sub->watches) {
			struct watch *watch = list_container(link, struct watch, link);
			if (watch->run == reading->run && watch->state == WATCH_READING)
				watch_page_came(sub, watch, &reading->answer);
		}
	}
	reading_destroy(reading);
}

/* On the main thread. */
static void on_answer(void *context, struct answer *answer)
{
	struct reading *reading = (struct reading *)context;

	reading->answer = *answer;
	answer->json = NULL;
	answer->bytes = NULL;
	reading->post.run = on_back;
	loop_post(&reading->live->loop, &reading->post);
}

/* On the main thread. */
static void on_ask(struct loop_post *post)
{
	struct reading *reading = loop_post_container(post, struct reading, post);
	const struct archive *archive = reading->live->options.archive;

	archive->read(archive->context, &reading->who, &reading->query, on_answer, reading);
}

/* Many that have fallen behind would otherwise ask for thousands of pages at once, and keep the farm from its own
 * work. */
static bool reader_may_ask(struct sub *sub)
{
	bool may = sub->client->live->readings < LIVE_MAX_READINGS;

	sub->client->news |= !may;
	return may;
}

static void reader_ask(struct sub *sub, int64_t run, const struct query *query)
{
	struct live *live = sub->client->live;
	struct reading *reading = (struct reading *)calloc(1, sizeof(*reading));

	if (!reading) {
		client_close(sub->client);
		return;
	}
	live->readings++;
	reading->live = live;
	reading->serial = sub->serial;
	reading->run = run;
	reading->who = sub->client->who;
	reading->query = *query;
	reading->post.run = on_ask;
	loop_post(live->options.main_loop, &reading->post);
}

bool reader_ask_events(struct sub *sub)
{
	struct query query = {.kind = QUERY_EVENTS, .after = sub->at, .limit = LIVE_PAGE_EVENTS};

	if (!reader_may_ask(sub))
		return false;
	if (sub->topic == TOPIC_JOB)
		query.job = sub->number;
	if (sub->topic == TOPIC_RUN)
		query.run = sub->number;
	if (sub->topic == TOPIC_BOARD)
		memcpy(query.name, sub->board, sizeof(sub->board));
	reader_ask(sub, 0, &query);
	return true;
}

bool reader_ask_console(struct sub *sub, struct watch *watch, uint64_t to)
{
	struct query query = {.kind = QUERY_CONSOLE, .id = watch->run, .from = watch->at};

	if (!reader_may_ask(sub))
		return false;
	query.to = watch->at + LIVE_PAGE_CONSOLE;
	if (to && to < query.to)
		query.to = to;
	reader_ask(sub, watch->run, &query);
	return true;
}

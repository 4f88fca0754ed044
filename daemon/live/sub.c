/* SPDX-License-Identifier: Apache-2.0 */
/* A subscription: a position in the ring, and how it gets back there when it has fallen behind.
 *
 * Happy path: the event after `at` is in the ring -> it and those that follow are told in one frame -> at moves on.
 * Behind the ring (asked to go on after an old number, or too slow): pages of the archive, each after `at`, are told
 * until `at` is in the ring again. One page is in memory at a time and the next is asked for when it has been sent, so
 * a reader that stands still costs one page. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "daemon/live/live_private.h"

struct sub *sub_create(struct client *client, const char *id_json)
{
	struct sub *sub = (struct sub *)calloc(1, sizeof(*sub));

	if (!sub)
		return NULL;
	sub->id = strdup(id_json);
	sub->client = client;
	sub->serial = ++client->live->last_sub;
	list_init(&sub->watches);
	list_append(&client->subs, &sub->link);
	client->sub_count++;
	return sub;
}

void sub_destroy(struct sub *sub)
{
	if (!sub)
		return;
	list_for_each_safe (link, &sub->watches)
		watch_destroy(sub, list_container(link, struct watch, link));
	list_remove(&sub->link);
	sub->client->sub_count--;
	json_decref(sub->page);
	free(sub->id);
	free(sub);
}

struct sub *live_find_sub(struct live *live, uint64_t serial)
{
	list_for_each (link, &live->clients) {
		struct client *client = list_container(link, struct client, link);
		list_for_each (at, &client->subs) {
			struct sub *sub = list_container(at, struct sub, link);
			if (sub->serial == serial)
				return sub;
		}
	}
	return NULL;
}

/* What is about no job is about the farm's own boards, agents and suites, which everyone shares. */
static bool sub_sees(const struct sub *sub, const struct live_event *event)
{
	return (event->job == 0 && strcmp(event->org, ORG_DEFAULT) == 0) ||
	       principal_sees(&sub->client->who, event->org);
}

bool sub_wants(const struct sub *sub, const struct live_event *event)
{
	if (!sub_sees(sub, event))
		return false;
	switch (sub->topic) {
	case TOPIC_FARM:
		return true;
	case TOPIC_BOARD:
		return strcmp(sub->board, event->board) == 0;
	case TOPIC_JOB:
		return sub->number == event->job;
	default:
		return sub->number == event->run;
	}
}

struct watch *sub_watch(struct sub *sub, int64_t run, uint64_t from)
{
	list_for_each (link, &sub->watches) {
		struct watch *watch = list_container(link, struct watch, link);
		if (watch->run == run)
			return watch;
	}
	struct watch *watch = sub->watch_count < LIVE_MAX_WATCHES ? (struct watch *)calloc(1, sizeof(*watch)) : NULL;
	if (!watch)
		return NULL;
	watch->run = run;
	watch->at = from;
	watch->state = WATCH_ARCHIVE;
	list_append(&sub->watches, &watch->link);
	sub->watch_count++;
	return watch;
}

/* Old runs of the job or board are found as their events go by. */
static void sub_discover(struct sub *sub, int64_t run)
{
	if (run && sub->console && (sub->topic == TOPIC_JOB || sub->topic == TOPIC_BOARD))
		sub_watch(sub, run, 0);
}

static void frame_begin(struct sub *sub, struct buf *frame, const char *what)
{
	buf_append_text(frame, "{\"id\":");
	buf_append_text(frame, sub->id);
	buf_appendf(frame, ",\"%s\":", what);
}

static bool tell_page(struct sub *sub, struct buf *frame)
{
	json_t *page = sub->page;
	json_t *events = json_object_get(page, "events");
	int64_t seq = json_integer_value(json_object_get(page, "seq"));
	size_t i;
	json_t *event;

	sub->page = NULL;
	json_array_foreach(events, i, event) sub_discover(sub, json_integer_value(json_object_get(event, "run")));
	bool any = json_array_size(events) > 0;
	if (any) {
		frame_begin(sub, frame, "events");
		json_write(events, frame);
		buf_append_text(frame, "}");
	}
	json_decref(page);
	if (seq <= sub->at) {
		/* The archive does not know what the ring has forgotten: never so while events are durable first. */
		log_warn("live", "the archive ends at event %" PRId64 ", the ring begins at %" PRId64, seq,
			 sub->client->live->ring.first);
		sub->client->closing = true;
	}
	sub->at = seq;
	return any;
}

void sub_page_came(struct sub *sub, const struct err *err, json_t *page)
{
	sub->reading = false;
	if (err->code) {
		client_fail(sub->client, sub->id, "internal", "cannot read the events: %s", err->text);
		sub->client->closing = true;
		return;
	}
	sub->page = json_incref(page);
	client_wake(sub->client);
}

/* Behind the ring. Returns whether there is a frame. */
static bool catch_up(struct sub *sub, struct buf *frame)
{
	const struct ring *ring = &sub->client->live->ring;

	if (sub->page)
		return tell_page(sub, frame);
	if (sub->reading)
		return false;
	sub->reading = reader_ask_events(sub);
	if (!sub->following)
		return false;
	sub->following = false;
	frame_begin(sub, frame, "gap");
	buf_appendf(frame, "{\"from\":%" PRId64 ",\"to\":%" PRId64 "}}", sub->at + 1, ring->first - 1);
	return true;
}

static bool tell_ring(struct sub *sub, struct buf *frame)
{
	const struct ring *ring = &sub->client->live->ring;
	size_t told = 0;

	sub->following = true;
	while (sub->at < ring->last && frame->len < LIVE_FRAME_EVENTS) {
		const struct live_event *event = ring_get(ring, sub->at + 1);
		sub->at++;
		if (!sub_wants(sub, event))
			continue;
		if (told++ == 0)
			frame_begin(sub, frame, "events");
		buf_append_text(frame, told == 1 ? "[" : ",");
		buf_append(frame, event->text, event->text_len);
		sub_discover(sub, event->run);
	}
	if (told)
		buf_append_text(frame, "]}");
	return told > 0;
}

static bool next_event_frame(struct sub *sub, struct buf *frame)
{
	const struct ring *ring = &sub->client->live->ring;

	while (sub->at < ring->last) {
		bool in_ring = sub->at + 1 >= ring->first;
		if (in_ring && !sub->page)
			return tell_ring(sub, frame);
		bool had_page = sub->page != NULL;
		if (catch_up(sub, frame))
			return true;
		if (!had_page)
			return false;
	}
	return false;
}

bool sub_next_frame(struct sub *sub, struct buf *frame)
{
	if (next_event_frame(sub, frame))
		return true;
	list_for_each_safe (link, &sub->watches)
		if (watch_next_frame(sub, list_container(link, struct watch, link), frame))
			return true;
	return false;
}

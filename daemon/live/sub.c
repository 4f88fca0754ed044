/* SPDX-License-Identifier: Apache-2.0 */
/* A subscription: a position in the ring, and how it gets back there when it has fallen behind.
 *
 * Happy path: the event after `at` is in the ring -> it and those that follow are told in one frame -> at moves on.
 * Behind the ring (asked to go on after an old number, or too slow): pages of the archive, each after `at`, are told
 * until `at` is in the ring again. One page is in memory at a time and the next is asked for when it has been sent, so
 * a reader that stands still costs one page. */
#include <inttypes.h>
#include <stdio.h>
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
	list_init(&sub->console_link);
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
	list_remove(&sub->console_link);
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

void sub_want_console(struct sub *sub)
{
	list_append(&sub->client->live->console_subs, &sub->console_link);
}

void sub_console_published(struct sub *sub, const struct tail *tail)
{
	bool wanted = (sub->topic == TOPIC_RUN && sub->number == tail->run) ||
		      (sub->topic == TOPIC_JOB && sub->number == tail->job) ||
		      (sub->topic == TOPIC_BOARD && strcmp(sub->board, tail->board) == 0);

	if (!wanted || !principal_sees(&sub->client->who, tail->org))
		return;
	/* A run's own subscription has its watch from the start. */
	sub->client->news |= sub->topic == TOPIC_RUN || sub_watch(sub, tail->run, 0);
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

/* Whose frames of events are alike: who sees the same, asked for the same and calls it the same. Returns false when its
 * frames are its own: the key would be too long, or telling it also finds consoles to watch. */
static bool sub_key(const struct sub *sub, char *ret_key, size_t size)
{
	const struct principal *who = &sub->client->who;
	bool sees_all = who->role == ROLE_ADMIN || who->role == ROLE_AGENT;

	if (sub->console && sub->topic != TOPIC_RUN)
		return false;
	return snprintf(ret_key, size, "%s %d %" PRId64 " %zu %s %s", sees_all ? "*" : who->org, sub->topic,
			sub->number, strlen(sub->board), sub->board, sub->id) < (int)size;
}

/* Appends the events behind `from` that this subscription wants, as many as a frame takes. Returns the seq of the last
 * that was told or passed over. */
static int64_t write_events(struct sub *sub, int64_t from, struct buf *frame)
{
	const struct live *live = sub->client->live;
	size_t told = 0;

	while (from < live->horizon && frame->len < LIVE_FRAME_EVENTS) {
		const struct live_event *event = ring_get(&live->ring, ++from);
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
	return from;
}

static struct buf *tell_alone(struct sub *sub)
{
	struct buf *frame = live_frame(sub->client->live);

	if (!frame)
		return NULL;
	sub->at = write_events(sub, sub->at, frame);
	return frame->len > LIVE_FRAME_ROOM ? frame : NULL;
}

static struct buf *tell_ring(struct sub *sub)
{
	struct frames *frames = &sub->client->live->frames;
	char key[FRAMES_KEY_MAX];

	sub->following = true;
	if (!sub_key(sub, key, sizeof(key)))
		return tell_alone(sub);
	struct frame *frame = frames_find(frames, key, sub->at);
	if (!frame) {
		frame = frames_add(frames, key, sub->at);
		if (!frame)
			return NULL;
		frame->to = write_events(sub, sub->at, &frame->bytes);
	}
	sub->at = frame->to;
	return frame->bytes.len > LIVE_FRAME_ROOM ? &frame->bytes : NULL;
}

static struct buf *next_event_frame(struct sub *sub)
{
	const struct live *live = sub->client->live;

	while (sub->at < live->horizon) {
		bool in_ring = sub->at + 1 >= live->ring.first;
		if (in_ring && !sub->page)
			return tell_ring(sub);
		bool had_page = sub->page != NULL;
		struct buf *frame = live_frame(sub->client->live);
		if (frame && catch_up(sub, frame))
			return frame;
		if (!had_page)
			return NULL;
	}
	return NULL;
}

struct buf *sub_next_frame(struct sub *sub)
{
	struct buf *frame = next_event_frame(sub);

	if (frame)
		return frame;
	list_for_each_safe (link, &sub->watches) {
		frame = live_frame(sub->client->live);
		if (frame && watch_next_frame(sub, list_container(link, struct watch, link), frame))
			return frame;
	}
	return NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A watched console: bytes in order, from the archive until the tail has them, then from the tail.
 *
 * The archive is always asked first, up to where the tail begins. It may not have yet what was published a moment ago
 * (console bytes are shown before they are durable): then it is asked again after LIVE_RETRY_MS, which only happens to
 * one who fell behind by more than a whole tail in that moment. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/live/live_private.h"

void watch_destroy(struct sub *sub, struct watch *watch)
{
	list_remove(&watch->link);
	sub->watch_count--;
	free(watch->page);
	free(watch);
}

/* The run's tail, when this subscription may see it. */
static struct tail *watch_tail(struct sub *sub, const struct watch *watch)
{
	struct tail *tail = tails_find(&sub->client->live->tails, watch->run);

	return tail && principal_sees(&sub->client->who, tail->org) ? tail : NULL;
}

static void frame_begin(struct sub *sub, struct buf *frame)
{
	buf_append_text(frame, "{\"id\":");
	buf_append_text(frame, sub->id);
	buf_append_text(frame, ",\"console\":");
}

static bool tell_page(struct sub *sub, struct watch *watch, struct buf *frame)
{
	frame_begin(sub, frame);
	console_piece_write(frame, watch->run, watch->at, 0, watch->page, watch->page_len);
	buf_append_text(frame, "}");
	watch->at += watch->page_len;
	free(watch->page);
	watch->page = NULL;
	watch->page_len = 0;
	watch->state = WATCH_ARCHIVE;
	return true;
}

static bool tell_tail(struct sub *sub, struct watch *watch, struct tail *tail, struct buf *frame)
{
	size_t len = 0;
	const char *piece = tail_piece(tail, watch->at, LIVE_FRAME_CONSOLE, &len);

	if (!piece)
		return false;
	frame_begin(sub, frame);
	buf_append_text(frame, piece);
	buf_append_text(frame, "}");
	watch->at += len;
	watch->state = WATCH_TAIL;
	return true;
}

bool watch_next_frame(struct sub *sub, struct watch *watch, struct buf *frame)
{
	struct tail *tail;

	switch (watch->state) {
	case WATCH_PAGE:
		return tell_page(sub, watch, frame);
	case WATCH_READING:
	case WATCH_RETRY:
		return false;
	default:
		break;
	}
	tail = watch_tail(sub, watch);
	if (tail && watch->at >= tail->start)
		return watch->at < tail->end && tell_tail(sub, watch, tail, frame);
	/* A tail that has gone (others printed since) may have held bytes that were not told yet. */
	if (watch->state != WATCH_IDLE || tail) {
		if (reader_ask_console(sub, watch, tail ? tail->start : 0))
			watch->state = WATCH_READING;
	}
	return false;
}

void watch_page_came(struct sub *sub, struct watch *watch, const struct answer *answer)
{
	struct tail *tail = watch_tail(sub, watch);
	bool open = json_is_true(json_object_get(answer->json, "open"));

	if (!answer->err.code && answer->size_bytes) {
		watch->page = (uint8_t *)malloc(answer->size_bytes);
		if (watch->page)
			memcpy(watch->page, answer->bytes, answer->size_bytes);
		watch->page_len = watch->page ? answer->size_bytes : 0;
	}
	if (watch->page) {
		watch->state = WATCH_PAGE;
	} else if (!tail) {
		watch->state = WATCH_IDLE;
	} else if (watch->at >= tail->start) {
		watch->state = WATCH_TAIL;
	} else if (answer->err.code || open) {
		watch->state = WATCH_RETRY;
		watch_retry_later(sub->client->live);
	} else {
		/* The run is closed and these bytes were never kept: go on behind them. The offset tells. */
		watch->at = tail->start;
		watch->state = WATCH_TAIL;
	}
	client_wake(sub->client);
}

static void on_retry(uv_timer_t *timer)
{
	struct live *live = (struct live *)timer->data;

	list_for_each (link, &live->clients) {
		struct client *client = list_container(link, struct client, link);
		list_for_each (at, &client->subs) {
			struct sub *sub = list_container(at, struct sub, link);
			list_for_each (each, &sub->watches) {
				struct watch *watch = list_container(each, struct watch, link);
				if (watch->state == WATCH_RETRY)
					watch->state = WATCH_ARCHIVE;
			}
		}
		client_wake(client);
	}
}

void watch_retry_later(struct live *live)
{
	if (!uv_is_active((uv_handle_t *)&live->retry))
		uv_timer_start(&live->retry, on_retry, LIVE_RETRY_MS, 0);
}

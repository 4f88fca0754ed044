/* SPDX-License-Identifier: Apache-2.0 */
/* The link's sending side: control messages first, then the spool's, run by run in turn. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agents/link_private.h"
#include "core/base/log.h"

/* One control message, or one frame of a tunnel, waiting to be sent. */
struct control {
	struct list link;
	size_t len;
	char text[];
};

static void drop_all(struct list *waiting, size_t *count)
{
	while (!list_empty(waiting)) {
		struct control *control = list_container(list_first(waiting), struct control, link);

		list_remove(&control->link);
		free(control);
	}
	*count = 0;
}

void link_drop_control(struct link *link)
{
	drop_all(&link->control, &link->control_count);
	drop_all(&link->frames, &link->frame_count);
}

/* Moves the oldest of those that wait behind LWS_PRE in out. */
static int take_waiting(struct link *link, struct list *waiting, size_t *count)
{
	struct control *control = list_container(list_first(waiting), struct control, link);
	int rc = buf_append(&link->out, control->text, control->len);

	list_remove(&control->link);
	(*count)--;
	free(control);
	return rc;
}

/* False when there are too many, or no memory. */
static bool add_waiting(struct list *waiting, size_t *count, size_t most, const void *data, size_t len)
{
	struct control *control = *count < most ? malloc(sizeof *control + len) : NULL;

	if (!control)
		return false;
	control->len = len;
	memcpy(control->text, data, len);
	list_append(waiting, &control->link);
	(*count)++;
	return true;
}

static bool has_message(const struct spool_run *run)
{
	return run->open && run->sent < run->last;
}

/* The run whose turn it is, or NULL. With hundreds of runs only those that wait are looked at. */
static struct spool_run *next_run(const struct link *link)
{
	struct list *waiting = spool_waiting(link->spool), *first;

	while ((first = list_first(waiting))) {
		struct spool_run *run = list_container(first, struct spool_run, wait_link);

		if (has_message(run))
			return run;
		list_remove(first);
	}
	return NULL;
}

static void let_wait(struct link *link, struct spool_run *run)
{
	if (has_message(run) && list_empty(&run->wait_link))
		list_append(spool_waiting(link->spool), &run->wait_link);
}

static int make_room(struct link *link)
{
	static const char room[LWS_PRE];

	buf_reset(&link->out);
	return buf_append(&link->out, room, sizeof room);
}

/* Runs take turns, so that one that prints much does not hold the others back. A turn is more than a message: what a
 * farm with many boards gets of a run at once it also keeps at once, in the same pages of its database. */
static void end_turn(struct link *link, struct spool_run *run, size_t sent_bytes)
{
	run->turn_bytes += sent_bytes;
	if (run->sent < run->last && run->turn_bytes < LINK_TURN_BYTES)
		return;
	run->turn_bytes = 0;
	list_remove(&run->wait_link);
	let_wait(link, run);
}

/* Puts the next message behind LWS_PRE in out. Returns 0, or nonzero when there is none. */
static int take_next(struct link *link)
{
	struct spool_run *run;
	struct err err = {0};

	if (make_room(link))
		return -1;
	if (!list_empty(&link->control))
		return take_waiting(link, &link->control, &link->control_count);
	run = next_run(link);
	if (!run)
		return -1;
	if (spool_read(run, run->sent + 1, &link->out, &err)) {
		/* The farm sees a run that stops in the middle, and says so after its grace. */
		log_error("link", "run %" PRId64 ": %s", run->run, err.text);
		run->open = false;
		return -1;
	}
	run->sent++;
	end_turn(link, run, link->out.len - LWS_PRE);
	return 0;
}

static bool has_more(const struct link *link)
{
	return !list_empty(&link->control) || !list_empty(&link->frames) || next_run(link);
}

static int write_out(struct link *link, struct lws *wsi, enum lws_write_protocol kind)
{
	size_t len = link->out.len - LWS_PRE;

	return lws_write(wsi, (unsigned char *)link->out.data + LWS_PRE, len, kind) < (int)len ? -1 : 0;
}

/* One; with nothing else to send the rest comes in the next turns, at once. */
static int write_frame(struct link *link, struct lws *wsi)
{
	if (list_empty(&link->frames) || lws_send_pipe_choked(wsi))
		return 0;
	if (make_room(link) || take_waiting(link, &link->frames, &link->frame_count))
		return -1;
	return write_out(link, wsi, LWS_WRITE_BINARY);
}

int link_on_writable(struct link *link, struct lws *wsi)
{
	for (int i = 0; i < LINK_TURN && !lws_send_pipe_choked(wsi) && take_next(link) == 0; i++) {
		if (write_out(link, wsi, LWS_WRITE_TEXT))
			return -1;
	}
	if (write_frame(link, wsi))
		return -1;
	if (has_more(link))
		lws_callback_on_writable(wsi);
	return 0;
}

void link_make_anew(struct link *link, const char *why)
{
	log_warn("link", "%s: the connection is made anew", why);
	lws_set_timeout(link->wsi, PENDING_TIMEOUT_CLOSE_SEND, LWS_TO_KILL_ASYNC);
}

void link_leave(struct link *link, int64_t away_ms)
{
	if (!link->open)
		return;
	link->away_ms = away_ms;
	lws_set_timeout(link->wsi, PENDING_TIMEOUT_CLOSE_SEND, LWS_TO_KILL_ASYNC);
}

void link_send(struct link *link, const struct wire_message *message)
{
	struct buf text;
	struct err err = {0};

	if (!link->open)
		return;
	buf_init(&text, WIRE_MAX_BYTES);
	if (wire_encode(message, &text, &err)) {
		log_error("link", "a %s message is not sent: %s", wire_type_name(message->type), err.text);
	} else if (!add_waiting(&link->control, &link->control_count, LINK_MAX_CONTROL, text.data, text.len)) {
		link_make_anew(link, "too many messages are waiting");
	} else {
		lws_callback_on_writable(link->wsi);
	}
	buf_finish(&text);
}

void link_send_frame(struct link *link, const struct tunnel_frame *frame)
{
	uint8_t bytes[TUNNEL_MAX_FRAME];
	size_t len = tunnel_encode(frame, bytes);

	if (!link->open)
		return;
	if (add_waiting(&link->frames, &link->frame_count, LINK_MAX_FRAMES, bytes, len))
		lws_callback_on_writable(link->wsi);
	else
		link_make_anew(link, "too many frames are waiting");
}

void link_wake(struct link *link)
{
	list_for_each (at, spool_runs(link->spool))
		let_wait(link, list_container(at, struct spool_run, link));
	if (link->open && has_more(link))
		lws_callback_on_writable(link->wsi);
}

void link_wake_run(struct link *link, struct spool_run *run)
{
	let_wait(link, run);
	if (link->open && has_more(link))
		lws_callback_on_writable(link->wsi);
}

bool link_is_idle(const struct link *link)
{
	return !has_more(link);
}

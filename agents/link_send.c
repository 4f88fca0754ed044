/* SPDX-License-Identifier: Apache-2.0 */
/* The link's sending side: control messages first, then the spool's, run by run in turn. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agents/link_private.h"
#include "core/base/log.h"

#define WRITES_AT_ONCE 32

/* One control message waiting to be sent. */
struct control {
	struct list link;
	size_t len;
	char text[];
};

void link_drop_control(struct link *link)
{
	while (!list_empty(&link->control)) {
		struct control *control = list_container(list_first(&link->control), struct control, link);

		list_remove(&control->link);
		free(control);
	}
	link->control_count = 0;
}

/* The oldest message that may be sent and was not; its run, or NULL. */
static struct spool_run *next_run(const struct link *link)
{
	list_for_each (at, spool_runs(link->spool)) {
		struct spool_run *run = list_container(at, struct spool_run, link);

		if (run->open && run->sent < run->last)
			return run;
	}
	return NULL;
}

/* Puts the next message behind LWS_PRE in out. Returns 0, or nonzero when there is none. */
static int take_next(struct link *link)
{
	static const char room[LWS_PRE];
	struct spool_run *run;
	struct err err = {0};

	buf_reset(&link->out);
	if (buf_append(&link->out, room, sizeof room))
		return -1;
	if (!list_empty(&link->control)) {
		struct control *control = list_container(list_first(&link->control), struct control, link);
		int rc = buf_append(&link->out, control->text, control->len);

		list_remove(&control->link);
		link->control_count--;
		free(control);
		return rc;
	}
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
	/* Runs take turns: one that prints much does not hold the others back. */
	list_remove(&run->link);
	list_append(spool_runs(link->spool), &run->link);
	return 0;
}

static bool has_more(const struct link *link)
{
	return !list_empty(&link->control) || next_run(link);
}

int link_on_writable(struct link *link, struct lws *wsi)
{
	size_t len;

	for (int i = 0; i < WRITES_AT_ONCE && !lws_send_pipe_choked(wsi); i++) {
		if (take_next(link))
			break;
		len = link->out.len - LWS_PRE;
		if (lws_write(wsi, (unsigned char *)link->out.data + LWS_PRE, len, LWS_WRITE_TEXT) < (int)len)
			return -1;
	}
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
	struct control *control;
	struct buf text;
	struct err err = {0};

	if (!link->open)
		return;
	buf_init(&text, WIRE_MAX_BYTES);
	if (wire_encode(message, &text, &err)) {
		log_error("link", "a %s message is not sent: %s", wire_type_name(message->type), err.text);
	} else if (link->control_count == LINK_MAX_CONTROL || !(control = malloc(sizeof *control + text.len))) {
		link_make_anew(link, "too many messages are waiting");
	} else {
		control->len = text.len;
		memcpy(control->text, text.data, text.len);
		list_append(&link->control, &control->link);
		link->control_count++;
		lws_callback_on_writable(link->wsi);
	}
	buf_finish(&text);
}

void link_wake(struct link *link)
{
	if (link->open && has_more(link))
		lws_callback_on_writable(link->wsi);
}

bool link_is_idle(const struct link *link)
{
	return !has_more(link);
}

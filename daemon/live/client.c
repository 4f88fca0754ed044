/* SPDX-License-Identifier: Apache-2.0 */
/* A viewer: what it asks for, and whose turn it is to be told something. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "daemon/live/live_private.h"

#define MAX_FAULTS 16

struct client *client_create(struct live *live, struct lws *wsi)
{
	struct client *client = (struct client *)calloc(1, sizeof(*client));

	if (!client)
		return NULL;
	client->live = live;
	client->wsi = wsi;
	list_init(&client->subs);
	buf_init(&client->message, LIVE_MAX_MESSAGE);
	buf_init(&client->answers, LIVE_MAX_ANSWERS);
	list_append(&live->clients, &client->link);
	live->client_count++;
	return client;
}

void client_destroy(struct client *client)
{
	list_for_each_safe (link, &client->subs)
		sub_destroy(list_container(link, struct sub, link));
	list_remove(&client->link);
	client->live->client_count--;
	buf_finish(&client->message);
	buf_finish(&client->answers);
	free(client);
}

void client_wake(struct client *client)
{
	lws_callback_on_writable(client->wsi);
}

/* The close itself happens in the next writable callback. */
void client_close(struct client *client)
{
	client->closing = true;
	client_wake(client);
}

void client_answer(struct client *client, json_t *answer)
{
	int rc = answer ? json_write(answer, &client->answers) : ERR_NOMEM;

	json_decref(answer);
	if (!rc)
		rc = buf_append(&client->answers, "", 1);
	if (rc)
		client->closing = true;
	client_wake(client);
}

void client_fail(struct client *client, const char *id_json, const char *code, const char *format, ...)
{
	char message[300];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	json_t *answer = json_object();
	if (id_json)
		json_put(&answer, "id", json_loads(id_json, JSON_DECODE_ANY, NULL));
	json_put(&answer, "error",
		 json_pack("{s:s,s:o}", "code", code, "message", json_text(message, sizeof(message))));
	client_answer(client, answer);
	if (++client->faults >= MAX_FAULTS)
		client->closing = true;
}

/* Passes over what the subscription does not want. Returns whether something else is left. */
static bool sub_look(struct sub *sub)
{
	const struct live *live = sub->client->live;

	while (sub->at < live->horizon && sub->at + 1 >= live->ring.first &&
	       !sub_wants(sub, ring_get(&live->ring, sub->at + 1)))
		sub->at++;
	return sub->at < live->horizon;
}

bool client_look(struct client *client)
{
	bool wake = client->news;

	client->news = false;
	list_for_each (link, &client->subs)
		wake |= sub_look(list_container(link, struct sub, link));
	if (wake)
		client_wake(client);
	return wake;
}

static bool read_topic(struct sub *sub, const char *text)
{
	static const struct {
		const char *prefix;
		enum topic topic;
	} topics[] = {{"board:", TOPIC_BOARD}, {"job:", TOPIC_JOB}, {"run:", TOPIC_RUN}};
	char *end = NULL;

	if (strcmp(text, "farm") == 0) {
		sub->topic = TOPIC_FARM;
		return true;
	}
	for (size_t i = 0; i < sizeof(topics) / sizeof(topics[0]); i++) {
		size_t len = strlen(topics[i].prefix);
		if (strncmp(text, topics[i].prefix, len) != 0)
			continue;
		sub->topic = topics[i].topic;
		if (sub->topic == TOPIC_BOARD)
			return snprintf(sub->board, sizeof(sub->board), "%s", text + len) < (int)sizeof(sub->board) &&
			       sub->board[0];
		sub->number = strtoll(text + len, &end, 10);
		return sub->number > 0 && *end == '\0';
	}
	return false;
}

/* Fills the subscription from the message; answers and returns false when it cannot be. */
static bool read_subscribe(struct sub *sub, const json_t *message, uint64_t *ret_from)
{
	struct client *client = sub->client;
	const char *topic = "";
	int64_t after = client->live->ring.last, from = 0;
	struct err err = {0};

	int rc = json_read_text(message, "subscribe", true, &topic, &err);
	if (!rc)
		rc = json_read_int(message, "after", false, 0, INT64_MAX, &after, &err);
	if (!rc)
		rc = json_read_int(message, "console_from", false, 0, INT64_MAX, &from, &err);
	if (!rc && !read_topic(sub, topic))
		rc = err_set(&err, ERR_INVALID, "subscribe: found \"%.60s\", expected farm, board:NAME, job:N or run:N",
			     topic);
	sub->console = sub->topic == TOPIC_RUN;
	if (!rc)
		rc = json_read_bool(message, "console", false, &sub->console, &err);
	if (rc) {
		client_fail(client, sub->id, "malformed", "%s", err.text);
		return false;
	}
	/* A number from another farm, or from the future: begin at what is. The answer's seq tells. */
	sub->at = after < client->live->ring.last ? after : client->live->ring.last;
	*ret_from = (uint64_t)from;
	return true;
}

static struct sub *client_find_sub(struct client *client, const char *id_json)
{
	list_for_each (link, &client->subs) {
		struct sub *sub = list_container(link, struct sub, link);
		if (strcmp(sub->id, id_json) == 0)
			return sub;
	}
	return NULL;
}

static void client_subscribe(struct client *client, const json_t *message, const char *id)
{
	uint64_t from = 0;

	if (client->sub_count >= LIVE_MAX_SUBS || client_find_sub(client, id)) {
		client_fail(client, id, "conflict", "this id is in use, or %d subscriptions are open", LIVE_MAX_SUBS);
		return;
	}
	struct sub *sub = sub_create(client, id);
	if (!sub || !read_subscribe(sub, message, &from)) {
		sub_destroy(sub);
		return;
	}
	if (sub->console)
		sub_want_console(sub);
	if (sub->topic == TOPIC_RUN && sub->console)
		sub_watch(sub, sub->number, from);
	client_answer(client, json_pack("{s:o,s:b,s:I}", "id", json_loads(id, JSON_DECODE_ANY, NULL), "subscribed", 1,
					"seq", (json_int_t)sub->at));
}

static void client_login(struct client *client, const json_t *token)
{
	const struct live_options *options = &client->live->options;
	const char *text = json_string_value(token);

	if (!text || !options->authenticate(options->context, text, &client->who) || client->who.role == ROLE_AGENT) {
		client_fail(client, NULL, "unauthorized", "this token is not known here, or not one for people");
		client_close(client);
		return;
	}
	client->known = true;
	lws_set_timer_usecs(client->wsi, LWS_SET_TIMER_USEC_CANCEL);
}

static void client_dispatch(struct client *client, const json_t *message)
{
	const json_t *id_value = json_object_get(message, "id");
	const json_t *token = json_object_get(message, "token");
	const json_t *drop = json_object_get(message, "unsubscribe");
	const json_t *name = json_is_string(drop) ? drop : id_value;
	char *id = json_is_string(name) && json_string_length(name) <= 64
			   ? json_dumps(name, JSON_ENCODE_ANY | JSON_COMPACT)
			   : NULL;

	if (token) {
		client_login(client, token);
	} else if (!client->known) {
		client_fail(client, NULL, "unauthorized", "send {\"token\":\"…\"} first");
		client_close(client);
	} else if (json_object_get(message, "subscribe") && id) {
		client_subscribe(client, message, id);
	} else if (drop && id) {
		sub_destroy(client_find_sub(client, id));
	} else {
		client_fail(client, NULL, "malformed",
			    "expected token, subscribe with an id of at most 64 bytes, or unsubscribe");
	}
	free(id);
}

int client_message(struct client *client, const char *text, size_t len)
{
	struct err err = {0};
	json_t *message = NULL;

	if (json_parse(text, len, LIVE_MAX_MESSAGE, &message, &err))
		client_fail(client, NULL, "malformed", "not JSON: %s", err.text);
	else if (!json_is_object(message))
		client_fail(client, NULL, "malformed", "expected a JSON object");
	else
		client_dispatch(client, message);
	json_decref(message);
	return 0;
}

static struct buf *next_answer(struct client *client)
{
	struct buf *frame = client->answers.len > 0 ? live_frame(client->live) : NULL;

	if (!frame)
		return NULL;
	size_t len = strlen(client->answers.data);
	int rc = buf_append(frame, client->answers.data, len);
	buf_consume(&client->answers, len + 1);
	return rc ? NULL : frame;
}

struct buf *client_next_frame(struct client *client)
{
	struct buf *frame = next_answer(client);

	/* One that is closing is told why, and nothing more: its token may be gone. */
	for (size_t i = 0; i < client->sub_count && !frame && !client->closing; i++) {
		struct list *link = list_first(&client->subs);
		list_remove(link);
		list_append(&client->subs, link);
		frame = sub_next_frame(list_container(link, struct sub, link));
	}
	return frame;
}

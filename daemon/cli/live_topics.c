/* SPDX-License-Identifier: Apache-2.0 */
/* Topics: asking for them, and handing over what is told of them once and in order. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "core/base/json.h"
#include "daemon/cli/live_private.h"

#define CONSOLE_MAX (4u << 20)

void live_want_all(struct live *live)
{
	for (size_t i = 0; i < LIVE_MAX_SUBSCRIPTIONS; i++)
		live->subscription[i].wanted = live->subscription[i].used;
}

static void wake(struct live *live)
{
	if (live->wsi && live->was_up && !live->lost)
		lws_callback_on_writable(live->wsi);
}

int live_subscribe(struct live *live, const char *topic, int64_t after, int64_t console_from, struct err *err)
{
	size_t i = 0;

	while (i < LIVE_MAX_SUBSCRIPTIONS && live->subscription[i].used)
		i++;
	if (i == LIVE_MAX_SUBSCRIPTIONS)
		return err_set(err, ERR_TOO_BIG, "too many subscriptions");
	live->subscription[i] = (struct subscription){.used = true,
						      .serial = ++live->last_serial,
						      .after = after,
						      .console_next = console_from,
						      .wanted = true};
	snprintf(live->subscription[i].topic, sizeof live->subscription[i].topic, "%s", topic);
	wake(live);
	return 0;
}

void live_unsubscribe(struct live *live, const char *topic)
{
	for (size_t i = 0; i < LIVE_MAX_SUBSCRIPTIONS; i++) {
		struct subscription *subscription = &live->subscription[i];

		if (subscription->used && strcmp(subscription->topic, topic) == 0)
			subscription->unwanted = true;
	}
	wake(live);
}

/* Sends what is to be sent; -1 closes the connection. */
static int send_text(struct lws *wsi, const json_t *message)
{
	struct buf text;
	int sent = -1;

	buf_init(&text, 4096);
	if (buf_append(&text, (const char[LWS_PRE]){0}, LWS_PRE) == 0 && json_write(message, &text) == 0)
		sent = lws_write(wsi, (unsigned char *)text.data + LWS_PRE, text.len - LWS_PRE, LWS_WRITE_TEXT);
	buf_finish(&text);
	return sent < 0 ? -1 : 0;
}

static int send_subscribe(struct live *live, struct subscription *subscription, const char *id)
{
	json_t *message = json_pack("{s:s, s:s}", "subscribe", subscription->topic, "id", id);
	int code;

	if (subscription->after >= 0)
		json_object_set_new(message, "after", json_integer(subscription->after));
	if (subscription->console_next >= 0)
		json_object_set_new(message, "console_from", json_integer(subscription->console_next));
	else
		json_object_set_new(message, "console", json_false());
	code = message ? send_text(live->wsi, message) : -1;
	json_decref(message);
	subscription->wanted = false;
	return code;
}

/* A place that was never subscribed, or that the new connection knows nothing of, is just free. */
static int send_unsubscribe(struct live *live, struct subscription *subscription, const char *id)
{
	json_t *message = subscription->wanted ? NULL : json_pack("{s:s}", "unsubscribe", id);
	int code = message ? send_text(live->wsi, message) : 0;

	json_decref(message);
	*subscription = (struct subscription){0};
	return code;
}

/* One message per writable callback, as libwebsockets wants it. */
int live_write(struct live *live)
{
	struct subscription *subscription = live->subscription;
	struct subscription *end = subscription + LIVE_MAX_SUBSCRIPTIONS;
	char id[16];
	int code;

	while (subscription < end && !subscription->wanted && !subscription->unwanted)
		subscription++;
	if (subscription == end)
		return 0;
	snprintf(id, sizeof id, "s%u", subscription->serial);
	code = subscription->unwanted ? send_unsubscribe(live, subscription, id)
				      : send_subscribe(live, subscription, id);
	lws_callback_on_writable(live->wsi);
	return code;
}

static struct subscription *find_subscription(struct live *live, const json_t *message)
{
	const char *id = json_string_value(json_object_get(message, "id"));
	unsigned serial;

	if (!id || sscanf(id, "s%u", &serial) != 1)
		return NULL;
	for (size_t i = 0; i < LIVE_MAX_SUBSCRIPTIONS; i++) {
		struct subscription *subscription = &live->subscription[i];

		if (subscription->used && subscription->serial == serial && !subscription->unwanted)
			return subscription;
	}
	return NULL;
}

static void take_events(struct live *live, struct subscription *subscription, const json_t *events)
{
	const json_t *event;
	size_t i;

	json_array_foreach(events, i, event)
	{
		json_int_t seq = json_integer_value(json_object_get(event, "seq"));

		if (seq <= subscription->after || live->stopped || subscription->unwanted)
			continue;
		subscription->after = seq;
		if (live->ports.on_event)
			live->ports.on_event(live->ports.context, event);
	}
}

static void give_console(struct live *live, struct subscription *subscription, int64_t run, int64_t offset,
			 const uint8_t *data, size_t size_bytes)
{
	int64_t end = offset + (int64_t)size_bytes;

	if (subscription->console_next >= 0 && offset < subscription->console_next) {
		if (end <= subscription->console_next)
			return;
		data += subscription->console_next - offset;
		size_bytes = (size_t)(end - subscription->console_next);
		offset = subscription->console_next;
	}
	if (subscription->console_next >= 0)
		subscription->console_next = end;
	if (live->ports.on_console)
		live->ports.on_console(live->ports.context, run, offset, data, size_bytes);
}

static void take_console(struct live *live, struct subscription *subscription, const json_t *console)
{
	const char *text = json_string_value(json_object_get(console, "data"));
	size_t text_len = text ? strlen(text) : 0, len = 0;
	uint8_t *data;

	if (text_len > CONSOLE_MAX)
		return live_fail(live, ERR_PROTOCOL, "assayd sent more console at once than agreed");
	data = malloc(text_len + 1);
	if (!data)
		return live_fail(live, ERR_NOMEM, "out of memory");
	if (!text ||
	    sodium_base642bin(data, text_len, text, text_len, NULL, &len, NULL, sodium_base64_VARIANT_ORIGINAL))
		live_fail(live, ERR_PROTOCOL, "assayd sent console bytes that are no base64");
	else
		give_console(live, subscription, json_integer_value(json_object_get(console, "run")),
			     json_integer_value(json_object_get(console, "offset")), data, len);
	free(data);
}

static void take_error(struct live *live, const json_t *error)
{
	const char *text = json_string_value(json_is_object(error) ? json_object_get(error, "message") : error);
	const char *code = json_string_value(json_object_get(error, "code"));
	enum err_code kind = ERR_INVALID;

	if (code && (strstr(code, "unauthorized") || strstr(code, "forbidden") || strstr(code, "denied")))
		kind = ERR_DENIED;
	else if (code && strstr(code, "not_found"))
		kind = ERR_NOT_FOUND;
	live_fail(live, kind, text ? text : "assayd refused the subscription");
}

static void take_message(struct live *live, const json_t *message)
{
	struct subscription *subscription = find_subscription(live, message);
	const json_t *part;

	if ((part = json_object_get(message, "error")))
		return take_error(live, part);
	if (!subscription)
		return;
	if (json_is_true(json_object_get(message, "subscribed")) && subscription->after < 0)
		subscription->after = json_integer_value(json_object_get(message, "seq"));
	if ((part = json_object_get(message, "events")))
		take_events(live, subscription, part);
	if ((part = json_object_get(message, "console")))
		take_console(live, subscription, part);
}

void live_receive(struct live *live, const void *data, size_t len)
{
	json_t *message;

	if (buf_append(&live->incoming, data, len))
		return live_fail(live, ERR_PROTOCOL, "assayd sent a message bigger than agreed");
	if (lws_remaining_packet_payload(live->wsi) || !lws_is_final_fragment(live->wsi))
		return;
	if (json_parse(live->incoming.data, live->incoming.len, LIVE_MESSAGE_MAX, &message, NULL)) {
		live_fail(live, ERR_PROTOCOL, "assayd sent a live message that is no JSON");
	} else {
		take_message(live, message);
		json_decref(message);
	}
	buf_reset(&live->incoming);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The channels, and what their frames mean. */
#include "agents/tunnel/tunnels.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agents/tunnel/private.h"
#include "core/base/log.h"

static void send_close(struct tunnels *tunnels, uint32_t number, enum tunnel_end end, const char *text)
{
	struct tunnel_frame frame = {.kind = TUNNEL_CLOSE,
				     .channel = number,
				     .end = end,
				     .data = (const uint8_t *)text,
				     .size_bytes = strlen(text)};

	tunnels->ports.send(tunnels->ports.context, &frame);
}

static void drop(struct channel *channel)
{
	list_remove(&channel->at);
	channel->tunnels->channel_count--;
	gdb_close(channel->gdb);
	buf_finish(&channel->pending);
	free(channel);
}

void channel_close(struct channel *channel, enum tunnel_end end, const char *text)
{
	log_info("tunnel", "run %" PRId64 ": %s closed: %s%s%s", channel->run, tunnel_service_name(channel->service),
		 tunnel_end_name(end), text[0] ? ": " : "", text);
	send_close(channel->tunnels, channel->number, end, text);
	drop(channel);
}

void channel_opened(struct channel *channel)
{
	struct tunnel_frame frame = {.kind = TUNNEL_OPENED, .channel = channel->number, .credit = TUNNEL_WINDOW};

	channel->opened = true;
	channel->credit.may_come = TUNNEL_WINDOW;
	log_info("tunnel", "run %" PRId64 ": %s opened", channel->run, tunnel_service_name(channel->service));
	channel->tunnels->ports.send(channel->tunnels->ports.context, &frame);
}

void channel_send_data(struct channel *channel, const uint8_t *data, size_t size_bytes)
{
	struct tunnel_frame frame = {
		.kind = TUNNEL_DATA, .channel = channel->number, .data = data, .size_bytes = size_bytes};

	channel->tunnels->ports.send(channel->tunnels->ports.context, &frame);
}

void channel_spent(struct channel *channel, size_t bytes)
{
	struct tunnel_frame frame = {.kind = TUNNEL_CREDIT,
				     .channel = channel->number,
				     .credit = tunnel_credit_spent(&channel->credit, bytes)};

	if (frame.credit)
		channel->tunnels->ports.send(channel->tunnels->ports.context, &frame);
}

static struct channel *find_channel(struct tunnels *tunnels, uint32_t number)
{
	list_for_each (at, &tunnels->channels) {
		struct channel *channel = list_container(at, struct channel, at);

		if (channel->number == number)
			return channel;
	}
	return NULL;
}

static size_t count_channels(struct tunnels *tunnels, int64_t run, enum tunnel_service service)
{
	size_t count = 0;

	list_for_each (at, &tunnels->channels) {
		struct channel *channel = list_container(at, struct channel, at);

		count += channel->run == run && channel->service == service;
	}
	return count;
}

/* NULL: it may be opened; else why not. */
static const char *refusal(struct tunnels *tunnels, const struct tunnel_frame *open, struct tunnel_hold *ret_hold,
			   enum tunnel_end *ret_end)
{
	size_t most = open->service == TUNNEL_TO_GDB ? 1 : TUNNELS_MAX_CONSOLES;

	*ret_end = TUNNEL_NOT_HELD;
	if (!tunnels->ports.find_hold(tunnels->ports.context, open->run, open->fence, ret_hold))
		return "the board is not held for this lease";
	*ret_end = TUNNEL_BUSY;
	if (tunnels->channel_count >= TUNNELS_MAX)
		return "the rack has too many tunnels";
	if (count_channels(tunnels, open->run, open->service) >= most)
		return open->service == TUNNEL_TO_GDB ? "another debugger is connected"
						      : "too many write to the console";
	if (open->service != TUNNEL_TO_GDB)
		return NULL;
	*ret_end = ret_hold->has_gdb ? TUNNEL_LOST : TUNNEL_NO_SERVICE;
	if (!ret_hold->has_gdb)
		return "the board has no gdb server";
	return ret_hold->gdb_port ? NULL : "the gdb server is being started again";
}

static void on_open(struct tunnels *tunnels, const struct tunnel_frame *open)
{
	struct channel *channel;
	struct tunnel_hold hold = {0};
	struct err err = {0};
	enum tunnel_end end;
	const char *why = refusal(tunnels, open, &hold, &end);

	channel = why ? NULL : calloc(1, sizeof *channel);
	if (!channel) {
		log_info("tunnel", "run %" PRId64 ": %s refused: %s", open->run, tunnel_service_name(open->service),
			 why ? why : "out of memory");
		send_close(tunnels, open->channel, end, why ? why : "out of memory");
		return;
	}
	channel->tunnels = tunnels;
	channel->number = open->channel;
	channel->run = open->run;
	channel->service = open->service;
	channel->credit.may_send = open->credit;
	buf_init(&channel->pending, TUNNEL_WINDOW);
	list_append(&tunnels->channels, &channel->at);
	tunnels->channel_count++;
	if (open->service == TUNNEL_TO_GDB && gdb_create(channel, hold.gdb_port, &err))
		channel_close(channel, TUNNEL_LOST, err.text);
	else
		channel_opened(channel);
}

static void on_data(struct channel *channel, const struct tunnel_frame *frame)
{
	struct err err = {0};
	int rc = 0;

	if (!channel->opened || tunnel_credit_came(&channel->credit, frame->size_bytes))
		rc = err_set(&err, ERR_PROTOCOL, "more data than there was credit for");
	else if (channel->service == TUNNEL_TO_GDB)
		rc = gdb_data(channel->gdb, frame->data, frame->size_bytes, &err);
	else if (buf_append(&channel->pending, frame->data, frame->size_bytes))
		rc = err_set(&err, ERR_NOMEM, "out of memory");
	if (rc)
		channel_close(channel, TUNNEL_FAULT, err.text);
	else if (channel->service == TUNNEL_TO_CONSOLE)
		consoles_pump(channel->tunnels, channel->run);
}

void tunnels_frame(struct tunnels *tunnels, const struct tunnel_frame *frame)
{
	struct channel *channel = find_channel(tunnels, frame->channel);

	if (frame->kind == TUNNEL_OPEN && !channel) {
		on_open(tunnels, frame);
		return;
	}
	if (!channel)
		return;
	switch (frame->kind) {
	case TUNNEL_DATA:
		on_data(channel, frame);
		return;
	case TUNNEL_CREDIT:
		if (tunnel_credit_given(&channel->credit, frame->credit))
			channel_close(channel, TUNNEL_FAULT, "more credit than a window");
		else if (channel->gdb)
			gdb_credit(channel->gdb);
		return;
	case TUNNEL_CLOSE:
		log_info("tunnel", "run %" PRId64 ": %s closed by the farm: %s", channel->run,
			 tunnel_service_name(channel->service), tunnel_end_name(frame->end));
		drop(channel);
		return;
	case TUNNEL_OPEN:
	case TUNNEL_OPENED:
		channel_close(channel, TUNNEL_FAULT, "a frame that cannot come here");
		return;
	}
}

void tunnels_console_room(struct tunnels *tunnels, int64_t run)
{
	consoles_pump(tunnels, run);
}

void tunnels_close_run(struct tunnels *tunnels, int64_t run, enum tunnel_end end, const char *text)
{
	list_for_each_safe (at, &tunnels->channels) {
		struct channel *channel = list_container(at, struct channel, at);

		if (channel->run == run)
			channel_close(channel, end, text);
	}
}

void tunnels_lose(struct tunnels *tunnels)
{
	while (!list_empty(&tunnels->channels))
		drop(list_container(list_first(&tunnels->channels), struct channel, at));
}

int tunnels_create(uv_loop_t *loop, const struct tunnels_ports *ports, struct tunnels **ret_tunnels, struct err *err)
{
	struct tunnels *tunnels = calloc(1, sizeof *tunnels);

	if (!tunnels)
		return err_set(err, ERR_NOMEM, "out of memory");
	tunnels->loop = loop;
	tunnels->ports = *ports;
	list_init(&tunnels->channels);
	*ret_tunnels = tunnels;
	return 0;
}

void tunnels_destroy(struct tunnels *tunnels)
{
	if (!tunnels)
		return;
	tunnels_lose(tunnels);
	free(tunnels);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A client's channels, each joined to one of the link's. */
#include <stdlib.h>
#include <string.h>

#include "daemon/tunnel/tunnel_private.h"

struct channel {
	struct list at;
	struct guest *guest;
	uint32_t number; /* the client's */
	void *tunnel;    /* the relay's */
};

static struct channel *channel_find(const struct guest *guest, uint32_t number)
{
	list_for_each (at, &guest->channels) {
		struct channel *channel = list_container(at, struct channel, at);
		if (channel->number == number)
			return channel;
	}
	return NULL;
}

static void channel_free(struct channel *channel)
{
	list_remove(&channel->at);
	channel->guest->channel_count--;
	free(channel);
}

static void tell_close(struct guest *guest, uint32_t number, enum tunnel_end end, const char *text)
{
	struct tunnel_frame frame = {.kind = TUNNEL_CLOSE,
				     .channel = number,
				     .end = end,
				     .data = (const uint8_t *)text,
				     .size_bytes = strlen(text)};

	guest_send(guest, &frame);
}

/* From the agent. */
static void on_frame(void *context, const struct tunnel_frame *frame)
{
	struct channel *channel = (struct channel *)context;
	struct tunnel_frame ours = *frame;

	ours.channel = channel->number;
	guest_send(channel->guest, &ours);
	if (frame->kind == TUNNEL_CLOSE)
		channel_free(channel);
}

/* Why an OPEN is not passed on. */
static enum tunnel_end end_of(enum err_code code)
{
	switch (code) {
	case ERR_NOT_FOUND:
		return TUNNEL_LOST;
	case ERR_BUSY:
		return TUNNEL_BUSY;
	default:
		return TUNNEL_FAULT;
	}
}

static void open_channel(struct guest *guest, const struct tunnel_frame *asked, const struct lease_place *place)
{
	const struct tunnel_relay *relay = &guest->tunnels->options.relay;
	struct channel *channel = (struct channel *)calloc(1, sizeof(*channel));
	struct tunnel_frame open = *asked;
	struct err err = {0};

	if (!channel) {
		tell_close(guest, asked->channel, TUNNEL_BUSY, "the daemon is out of memory");
		return;
	}
	channel->guest = guest;
	channel->number = asked->channel;
	list_append(&guest->channels, &channel->at);
	guest->channel_count++;
	open.run = place->run;
	open.fence = place->fence;
	if (relay->open(relay->context, place->agent, &open, on_frame, channel, &channel->tunnel, &err)) {
		tell_close(guest, asked->channel, end_of(err.code), err.text);
		channel_free(channel);
	}
}

static void take_open(struct guest *guest, const struct tunnel_frame *frame)
{
	struct lease_place place;
	struct err err = {0};

	if (guest->channel_count == TUNNEL_MAX_CHANNELS) {
		tell_close(guest, frame->channel, TUNNEL_BUSY, "this connection has too many channels");
		return;
	}
	if (farm_lease_place(guest->tunnels->farm, guest->job, guest->client, &place, &err)) {
		tell_close(guest, frame->channel, err.code == ERR_BUSY ? TUNNEL_NOT_HELD : TUNNEL_LEASE_OVER, err.text);
		return;
	}
	open_channel(guest, frame, &place);
}

static void pass_on(struct guest *guest, struct channel *channel, const struct tunnel_frame *frame)
{
	const struct tunnel_relay *relay = &guest->tunnels->options.relay;
	struct err err = {0};

	if (!relay->send(channel->tunnel, frame, &err))
		return;
	relay->close(channel->tunnel, TUNNEL_FAULT, err.text);
	tell_close(guest, channel->number, TUNNEL_FAULT, err.text);
	channel_free(channel);
}

static void take_close(struct guest *guest, struct channel *channel, const struct tunnel_frame *frame)
{
	char text[TUNNEL_MAX_TEXT + 1] = "";

	if (frame->size_bytes)
		memcpy(text, frame->data, frame->size_bytes < TUNNEL_MAX_TEXT ? frame->size_bytes : TUNNEL_MAX_TEXT);
	guest->tunnels->options.relay.close(channel->tunnel, frame->end, text);
	channel_free(channel);
}

int guest_frame(struct guest *guest, const struct tunnel_frame *frame)
{
	struct channel *channel = channel_find(guest, frame->channel);

	switch (frame->kind) {
	case TUNNEL_OPEN:
		if (channel)
			return -1;
		take_open(guest, frame);
		return 0;
	case TUNNEL_OPENED:
		return -1; /* the board opens nothing */
	case TUNNEL_DATA:
	case TUNNEL_CREDIT:
		if (channel)
			pass_on(guest, channel, frame);
		return 0;
	case TUNNEL_CLOSE:
		if (channel)
			take_close(guest, channel, frame);
		return 0;
	}
	return -1;
}

void guest_close_channels(struct guest *guest, enum tunnel_end end, const char *text, bool tell)
{
	list_for_each_safe (at, &guest->channels) {
		struct channel *channel = list_container(at, struct channel, at);
		guest->tunnels->options.relay.close(channel->tunnel, end, text);
		if (tell)
			tell_close(guest, channel->number, end, text);
		channel_free(channel);
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
/* One client's connection: its queue of frames to send. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "daemon/tunnel/tunnel_private.h"

/* An encoded frame; it begins after LWS_PRE bytes that libwebsockets writes into. */
struct outgoing {
	struct list at;
	size_t len;
	unsigned char data[];
};

/* A window may come a byte a frame: what is counted is the memory that it takes. */
static size_t outgoing_cost(size_t len)
{
	return sizeof(struct outgoing) + LWS_PRE + len;
}

struct guest *guest_create(struct tunnels *tunnels, struct lws *wsi, const struct principal *who, int64_t job,
			   int64_t client)
{
	struct guest *guest = (struct guest *)calloc(1, sizeof(*guest));

	if (!guest)
		return NULL;
	guest->tunnels = tunnels;
	guest->wsi = wsi;
	guest->who = *who;
	guest->job = job;
	guest->client = client;
	list_init(&guest->channels);
	list_init(&guest->queue);
	list_append(&tunnels->guests, &guest->at);
	tunnels->guest_count++;
	return guest;
}

void guest_destroy(struct guest *guest)
{
	if (!guest)
		return;
	guest_close_channels(guest, TUNNEL_DONE, "its client is gone", false);
	list_for_each_safe (at, &guest->queue)
		free(list_container(at, struct outgoing, at));
	list_remove(&guest->at);
	guest->tunnels->guest_count--;
	if (guest->client)
		farm_lease_detach(guest->tunnels->farm, guest->job, guest->client);
	free(guest);
}

void guest_close(struct guest *guest, int status, const char *text)
{
	if (guest->closing)
		return;
	guest->closing = true;
	guest->status = status;
	snprintf(guest->text, sizeof(guest->text), "%s", text);
	lws_callback_on_writable(guest->wsi);
}

void guest_send(struct guest *guest, const struct tunnel_frame *frame)
{
	uint8_t bytes[TUNNEL_MAX_FRAME];
	struct outgoing *outgoing;
	size_t len, cost;

	if (guest->closing)
		return;
	len = tunnel_encode(frame, bytes);
	cost = outgoing_cost(len);
	outgoing = (struct outgoing *)malloc(cost);
	if (!outgoing || guest->queued_bytes + cost > GUEST_MAX_QUEUED_BYTES) {
		log_warn("tunnel", "%s's client of lease %lld does not read what it is sent, closing", guest->who.name,
			 (long long)guest->job);
		free(outgoing);
		guest_close(guest, LWS_CLOSE_STATUS_POLICY_VIOLATION, "it does not read what it is sent");
		return;
	}
	outgoing->len = len;
	memcpy(outgoing->data + LWS_PRE, bytes, len);
	list_append(&guest->queue, &outgoing->at);
	guest->queued_bytes += cost;
	lws_callback_on_writable(guest->wsi);
}

int guest_write(struct guest *guest)
{
	bool written = false;

	while (!list_empty(&guest->queue)) {
		struct outgoing *outgoing = list_container(list_first(&guest->queue), struct outgoing, at);
		list_remove(&outgoing->at);
		guest->queued_bytes -= outgoing_cost(outgoing->len);
		int rc = lws_write(guest->wsi, outgoing->data + LWS_PRE, outgoing->len, LWS_WRITE_BINARY);
		free(outgoing);
		if (rc < 0)
			return -1;
		written = true;
		if (lws_send_pipe_choked(guest->wsi))
			break;
	}
	/* A close frame goes out alone, in a turn of its own. */
	if (!list_empty(&guest->queue) || (written && guest->closing)) {
		lws_callback_on_writable(guest->wsi);
		return 0;
	}
	if (!guest->closing)
		return 0;
	/* A close from inside the writable callback would send no close frame: the timer's callback does it. */
	lws_close_reason(guest->wsi, (enum lws_close_status)guest->status, (unsigned char *)guest->text,
			 strlen(guest->text));
	lws_set_timer_usecs(guest->wsi, 1);
	return 0;
}

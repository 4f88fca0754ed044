/* SPDX-License-Identifier: Apache-2.0 */
/* Who is connected, and where libwebsockets meets the holders of leases. */
#include "daemon/tunnel/tunnel.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/farm/archive.h"
#include "daemon/loop/web.h"
#include "daemon/tunnel/tunnel_private.h"

#define STATUS_OVER 4000 /* of a close: the lease is over, or another's */
#define LEASES      "/api/v1/leases/"

int tunnels_create(const struct tunnels_options *options, struct tunnels **ret_tunnels, struct err *err)
{
	struct tunnels *tunnels = (struct tunnels *)calloc(1, sizeof(*tunnels));

	if (!tunnels)
		return err_set(err, ERR_NOMEM, "cannot create the tunnels: out of memory");
	tunnels->options = *options;
	list_init(&tunnels->guests);
	*ret_tunnels = tunnels;
	return 0;
}

void tunnels_open(struct tunnels *tunnels, struct farm *farm)
{
	tunnels->farm = farm;
}

void tunnels_destroy(struct tunnels *tunnels)
{
	free(tunnels);
}

void tunnels_cut(void *context, int64_t job, const char *text)
{
	struct tunnels *tunnels = (struct tunnels *)context;

	list_for_each (at, &tunnels->guests) {
		struct guest *guest = list_container(at, struct guest, at);
		if (guest->job != job || !guest->client)
			continue;
		guest->client = 0;
		guest_close_channels(guest, TUNNEL_LEASE_OVER, text, true);
		guest_close(guest, STATUS_OVER, text);
	}
}

void tunnels_revoke(struct tunnels *tunnels, const char *token_name)
{
	list_for_each (at, &tunnels->guests) {
		struct guest *guest = list_container(at, struct guest, at);
		if (strcmp(guest->who.name, token_name) == 0)
			guest_close(guest, LWS_CLOSE_STATUS_POLICY_VIOLATION, "the token is no longer good");
	}
}

/* The lease of /api/v1/leases/N/tunnel; 0: it is another path. */
static int64_t lease_of(struct lws *wsi)
{
	char path[128];
	char *end;

	if (lws_hdr_copy(wsi, path, sizeof(path), WSI_TOKEN_GET_URI) < 0 ||
	    strncmp(path, LEASES, sizeof(LEASES) - 1) != 0 || path[sizeof(LEASES) - 1] < '1' ||
	    path[sizeof(LEASES) - 1] > '9')
		return 0;
	int64_t job = strtoll(path + sizeof(LEASES) - 1, &end, 10);
	return strcmp(end, "/tunnel") == 0 && web_upgrade_allowed(wsi, path) ? job : 0;
}

static bool caller_good(struct tunnels *tunnels, struct lws *wsi, struct principal *ret_who)
{
	char token[TOKEN_TEXT_MAX];

	return web_bearer(wsi, token, sizeof(token)) &&
	       tunnels->options.authenticate(tunnels->options.context, token, ret_who);
}

/* Attached and detached again: the answer must be known before the upgrade. */
static int filter(struct tunnels *tunnels, struct lws *wsi)
{
	int64_t job = lease_of(wsi), client;
	struct principal who;
	struct err err = {0};

	if (!job)
		return web_refuse(wsi, "403 Forbidden", "forbidden", "tunnels are at " LEASES "N/tunnel");
	if (!caller_good(tunnels, wsi, &who))
		return web_refuse(wsi, "401 Unauthorized", "unauthorized", "a token is needed");
	if (!tunnels->farm || tunnels->guest_count >= TUNNEL_MAX_GUESTS)
		return web_refuse(wsi, "503 Service Unavailable", "busy", "too many connections");
	if (farm_lease_attach(tunnels->farm, &who, job, &client, &err))
		return err.code == ERR_DENIED ? web_refuse(wsi, "403 Forbidden", "forbidden", err.text)
					      : web_refuse(wsi, "404 Not Found", "not-found", err.text);
	farm_lease_detach(tunnels->farm, job, client);
	return 0;
}

static int establish(struct tunnels *tunnels, struct lws *wsi, struct guest **slot)
{
	int64_t job = lease_of(wsi), client;
	struct principal who;
	struct err err = {0};

	if (!job || !caller_good(tunnels, wsi, &who) || farm_lease_attach(tunnels->farm, &who, job, &client, &err))
		return -1;
	*slot = guest_create(tunnels, wsi, &who, job, client);
	if (!*slot)
		farm_lease_detach(tunnels->farm, job, client);
	return *slot ? 0 : -1;
}

static int fault(struct guest *guest, const char *text)
{
	log_warn("tunnel", "%s's client of lease %lld: %s; closing", guest->who.name, (long long)guest->job, text);
	lws_close_reason(guest->wsi, LWS_CLOSE_STATUS_PROTOCOL_ERR, (unsigned char *)(uintptr_t)text,
			 strlen(text) < 120 ? strlen(text) : 120);
	return -1;
}

static int receive(struct guest *guest, const void *data, size_t len)
{
	struct tunnel_frame frame;
	struct err err = {0};

	if (guest->closing)
		return 0;
	if (!lws_frame_is_binary(guest->wsi) || guest->message_len + len > sizeof(guest->message))
		return fault(guest, "a message that is no frame of a tunnel");
	memcpy(guest->message + guest->message_len, data, len);
	guest->message_len += len;
	if (!lws_is_final_fragment(guest->wsi) || lws_remaining_packet_payload(guest->wsi))
		return 0;
	len = guest->message_len;
	guest->message_len = 0;
	if (tunnel_decode(guest->message, len, &frame, &err))
		return fault(guest, err.text);
	return guest_frame(guest, &frame) ? fault(guest, "a frame that does not belong there") : 0;
}

static int on_tunnel(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct guest **slot = (struct guest **)user;
	struct guest *guest = slot ? *slot : NULL;

	switch (reason) {
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
		return filter((struct tunnels *)lws_get_protocol(wsi)->user, wsi);
	case LWS_CALLBACK_ESTABLISHED:
		return establish((struct tunnels *)lws_get_protocol(wsi)->user, wsi, slot);
	case LWS_CALLBACK_RECEIVE:
		lws_validity_confirmed(wsi); /* its answer to a ping may come late behind what it has to say */
		return guest ? receive(guest, in, len) : -1;
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return guest ? guest_write(guest) : 0;
	case LWS_CALLBACK_TIMER:
		return guest && guest->closing ? -1 : 0;
	case LWS_CALLBACK_CLOSED:
		guest_destroy(guest);
		if (slot)
			*slot = NULL;
		return 0;
	default:
		return 0;
	}
}

struct lws_protocols tunnels_protocol(struct tunnels *tunnels)
{
	return (struct lws_protocols){
		.name = TUNNEL_SUBPROTOCOL,
		.callback = on_tunnel,
		.per_session_data_size = sizeof(struct guest *),
		.rx_buffer_size = TUNNEL_MAX_FRAME,
		.user = tunnels,
	};
}

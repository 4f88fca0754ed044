/* SPDX-License-Identifier: Apache-2.0 */
/* Who is connected, and where libwebsockets meets the agents. */
#include "daemon/link/link.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/farm/archive.h"
#include "daemon/link/link_private.h"
#include "daemon/loop/web.h"

/* The session has no agent any more; the farm hears of it. */
static void session_depart(struct session *session)
{
	char agent[FARM_NAME_MAX];

	if (!session->agent[0])
		return;
	memcpy(agent, session->agent, sizeof(agent));
	session->agent[0] = '\0';
	session_lose_tunnels(session);
	log_info("link", "%s: disconnected", agent);
	farm_agent_gone(session->link->farm, agent);
}

static void session_kill(struct session *session)
{
	session->closing = true;
	session->closing_us = INT64_MAX; /* is not asked again */
	lws_set_timeout(session->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
}

/* libwebsockets still tries a closing handshake; for the farm the agent is gone now. */
static void session_give_up(struct session *session, int64_t limit_us)
{
	log_warn("link", "%s: nothing heard for %lld s, closing", session->agent[0] ? session->agent : "a newcomer",
		 (long long)(limit_us / 1000000));
	session_depart(session);
	session_kill(session);
}

static void on_sweep(uv_timer_t *timer)
{
	struct link *link = (struct link *)timer->data;
	int64_t now_us = loop_monotonic_us();

	list_for_each_safe (at, &link->sessions) {
		struct session *session = list_container(at, struct session, at);
		int64_t limit_us = session->greeted ? LINK_SILENCE_US : LINK_HELLO_US;
		if (session->closing && now_us - session->closing_us >= LINK_CLOSE_US) {
			log_warn("link", "a connection that does not take its end is cut off");
			session_kill(session);
		}
		/* Nobody can be heard while nothing is read. */
		if (!session->closing && !link->waiting && now_us - session->heard_us >= limit_us)
			session_give_up(session, limit_us);
	}
}

int link_create(const struct link_options *options, struct link **ret_link, struct err *err)
{
	struct link *link = (struct link *)calloc(1, sizeof(*link));

	if (!link)
		return err_set(err, ERR_NOMEM, "cannot create the link: out of memory");
	link->options = *options;
	list_init(&link->sessions);
	uv_timer_init(&options->loop->uv, &link->sweep);
	link->sweep.data = link;
	*ret_link = link;
	return 0;
}

void link_open(struct link *link, struct farm *farm)
{
	link->farm = farm;
	uv_timer_start(&link->sweep, on_sweep, 1000, 1000);
}

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void link_destroy(struct link *link)
{
	if (!link)
		return;
	uv_close((uv_handle_t *)&link->sweep, on_closed);
}

struct session *link_find(struct link *link, const char *agent)
{
	list_for_each (at, &link->sessions) {
		struct session *session = list_container(at, struct session, at);
		if (strcmp(session->agent, agent) == 0 && agent[0])
			return session;
	}
	return NULL;
}

void link_revoke(struct link *link, const char *token_name)
{
	list_for_each (at, &link->sessions) {
		struct session *session = list_container(at, struct session, at);
		if (strcmp(session->who.name, token_name) == 0)
			session_close(session);
	}
}

void link_restart(struct link *link)
{
	list_for_each (at, &link->sessions) {
		struct session *session = list_container(at, struct session, at);
		session->agent[0] = '\0';
		session_lose_tunnels(session);
		session_close(session);
	}
}

void link_flow(void *context, bool wait)
{
	struct link *link = (struct link *)context;
	int64_t now_us = loop_monotonic_us();

	link->waiting = wait;
	list_for_each (at, &link->sessions) {
		struct session *session = list_container(at, struct session, at);
		session->heard_us = now_us;
		lws_rx_flow_control(session->wsi, wait ? 0 : 1);
	}
}

static bool caller_good(struct link *link, struct lws *wsi, struct principal *ret_who)
{
	char token[TOKEN_TEXT_MAX];

	return web_bearer(wsi, token, sizeof(token)) &&
	       link->options.authenticate(link->options.context, token, ret_who);
}

static int link_filter(struct link *link, struct lws *wsi)
{
	struct principal who;

	if (!web_upgrade_allowed(wsi, WIRE_PATH))
		return web_refuse(wsi, "403 Forbidden", "forbidden", "agents connect to " WIRE_PATH);
	if (!caller_good(link, wsi, &who))
		return web_refuse(wsi, "401 Unauthorized", "unauthorized", "an agent's token is needed");
	if (who.role != ROLE_AGENT)
		return web_refuse(wsi, "403 Forbidden", "forbidden", "this token is not an agent's");
	if (!link->farm || link->session_count >= LINK_MAX_SESSIONS)
		return web_refuse(wsi, "503 Service Unavailable", "busy", "too many agents");
	return 0;
}

static int link_establish(struct link *link, struct lws *wsi, struct session **slot)
{
	struct principal who;

	if (!caller_good(link, wsi, &who))
		return -1;
	*slot = session_create(link, wsi, &who);
	if (*slot && link->waiting)
		lws_rx_flow_control(wsi, 0);
	return *slot ? 0 : -1;
}

static int session_binary(struct session *session)
{
	struct err err = {0};

	/* What comes after another connection took over is about tunnels that are closed by now. */
	if (!session->agent[0] && session->greeted)
		return 0;
	if (!session->greeted)
		err_set(&err, ERR_PROTOCOL, "a tunnel's frame before hello");
	else if (session_frame(session, (const uint8_t *)buf_text(&session->message), session->message.len, &err) == 0)
		return 0;
	return session_fault(session, &err);
}

static int session_receive(struct session *session, const void *data, size_t len)
{
	struct lws *wsi = session->wsi;

	session->heard_us = loop_monotonic_us();
	lws_validity_confirmed(wsi); /* its answer to a ping may come late behind what it has to say */
	if (session->closing)
		return 0;
	if (buf_append(&session->message, data, len)) {
		log_warn("link", "%s: a message larger than %u bytes", session->agent, WIRE_MAX_BYTES);
		return -1;
	}
	if (!lws_is_final_fragment(wsi) || lws_remaining_packet_payload(wsi))
		return 0;
	int rc = lws_frame_is_binary(wsi) ? session_binary(session)
					  : session_message(session, buf_text(&session->message), session->message.len);
	buf_reset(&session->message);
	return rc;
}

static void session_ended(struct session *session)
{
	session_depart(session);
	session_destroy(session);
}

static int on_link(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct session **slot = (struct session **)user;
	struct session *session = slot ? *slot : NULL;

	switch (reason) {
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
		return link_filter((struct link *)lws_get_protocol(wsi)->user, wsi);
	case LWS_CALLBACK_ESTABLISHED:
		return link_establish((struct link *)lws_get_protocol(wsi)->user, wsi, slot);
	case LWS_CALLBACK_RECEIVE:
		return session ? session_receive(session, in, len) : -1;
	case LWS_CALLBACK_RECEIVE_PONG:
		if (session)
			session->heard_us = loop_monotonic_us();
		return 0;
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return session ? session_write(session) : 0;
	case LWS_CALLBACK_TIMER:
		return session && session->closing ? -1 : 0;
	case LWS_CALLBACK_CLOSED:
		if (session)
			session_ended(session);
		if (slot)
			*slot = NULL;
		return 0;
	default:
		return 0;
	}
}

struct lws_protocols link_protocol(struct link *link)
{
	return (struct lws_protocols){
		.name = WIRE_SUBPROTOCOL,
		.callback = on_link,
		.per_session_data_size = sizeof(struct session *),
		.rx_buffer_size = 64u << 10,
		.user = link,
	};
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What an agent says, handed to the farm. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "daemon/link/link_private.h"
#include "daemon/link/translate.h"

int session_fault(struct session *session, const struct err *err)
{
	log_warn("link", "%s: %s; closing", session->agent[0] ? session->agent : "a newcomer", err->text);
	lws_close_reason(session->wsi, LWS_CLOSE_STATUS_PROTOCOL_ERR, (unsigned char *)(uintptr_t)err->text,
			 strlen(err->text) < 120 ? strlen(err->text) : 120);
	return -1;
}

/* A rack that is refused comes again and again. */
static void log_refusal(struct session *session, const char *field, const char *found, const char *expected)
{
	char text[400];
	uint64_t left_out;

	snprintf(text, sizeof(text), "an agent's hello was refused: %.63s: found %.100s, expected %.160s", field, found,
		 expected);
	if (repeats_tell(&session->link->refusals, text, loop_monotonic_us(), &left_out))
		log_warn("link", "%s (%llu times before)", text, (unsigned long long)left_out);
}

static void session_refuse(struct session *session, const char *field, const char *found, const char *expected)
{
	struct wire_message message = {.type = WIRE_REFUSED,
				       .as.refused = {.field = field, .found = found, .expected = expected}};

	log_refusal(session, field, found, expected);
	session_send(session, &message);
	session_close(session);
}

/* Whether the name's other connection is that of another process that is still there: two racks of one name would throw
 * each other out for ever. A process that died without a word is not heard any more, and gives the name back. */
static bool is_another(const struct session *old, const char *boot)
{
	return old && strcmp(old->boot, boot) != 0 && loop_monotonic_us() - old->heard_us < LINK_TAKEN_US;
}

static void refuse_name(struct session *session, const struct session *old, const char *agent)
{
	char expected[160], address[64] = "elsewhere";

	(void)lws_get_peer_simple(old->wsi, address, sizeof(address));
	snprintf(expected, sizeof(expected), "a name of its own; another agent is connected under it from %s", address);
	session_refuse(session, "agent", agent, expected);
}

/* The newer connection of an agent counts, if the farm takes it; the older one goes on otherwise. */
static int enter_farm(struct session *session, const struct wire_hello *wire, const struct agent_hello *hello,
		      struct agent_refusal *ret_refusal, struct err *err)
{
	struct session *old = link_find(session->link, wire->agent);

	if (old)
		old->agent[0] = '\0';
	snprintf(session->agent, sizeof(session->agent), "%s", wire->agent);
	snprintf(session->boot, sizeof(session->boot), "%s", wire->boot);
	int rc = farm_agent_hello(session->link->farm, &session->who, hello, ret_refusal, err);
	if (rc) {
		session->agent[0] = '\0';
		if (old)
			snprintf(old->agent, sizeof(old->agent), "%s", wire->agent);
		return rc;
	}
	if (old) {
		log_warn("link", "%s: connected again, the older connection is closed", session->agent);
		session_lose_tunnels(old);
		session_close(old);
	}
	log_info("link", "%s: connected with %zu boards and %zu runs", session->agent, wire->board_count,
		 wire->run_count);
	return 0;
}

static int on_hello(struct session *session, const struct wire_hello *wire)
{
	struct agent_refusal refusal = {0};
	struct err err = {0};
	struct hello_parts parts;

	if (session->greeted) {
		err_set(&err, ERR_PROTOCOL, "a second hello");
		return session_fault(session, &err);
	}
	session->greeted = true;
	if (strlen(wire->agent) >= FARM_NAME_MAX) {
		session_refuse(session, "agent", wire->agent, "a name of at most 63 bytes");
		return 0;
	}
	const struct session *old = link_find(session->link, wire->agent);
	if (is_another(old, wire->boot)) {
		refuse_name(session, old, wire->agent);
		return 0;
	}
	if (hello_from_wire(wire, &parts)) {
		err_set(&err, ERR_NOMEM, "out of memory");
		return session_fault(session, &err);
	}
	int rc = enter_farm(session, wire, &parts.hello, &refusal, &err);
	hello_parts_finish(&parts);
	if (rc && rc != ERR_INVALID)
		return session_fault(session, &err);
	if (rc)
		session_refuse(session, refusal.field, refusal.found, refusal.expected);
	return 0;
}

static int on_greeted_message(struct session *session, const struct wire_message *message, struct err *err)
{
	struct farm *farm = session->link->farm;

	switch (message->type) {
	case WIRE_PING:
		return 0;
	case WIRE_EVENT: {
		struct agent_event event = event_from_wire(&message->as.event);
		return farm_agent_event(farm, session->agent, &event, err);
	}
	case WIRE_BOARD: {
		struct agent_board board = board_from_wire(&message->as.board);
		return farm_agent_board(farm, session->agent, &board, err);
	}
	case WIRE_RECOVERY: {
		struct agent_recovery recovery = recovery_from_wire(&message->as.recovery);
		return farm_agent_recovery(farm, session->agent, &recovery, err);
	}
	case WIRE_REJECTED:
		return farm_agent_rejected(farm, session->agent, message->as.rejected.run, message->as.rejected.fence,
					   rejection_from_wire(message->as.rejected.reason), err);
	default:
		return err_set(err, ERR_PROTOCOL, "a message of type %s", wire_type_name(message->type));
	}
}

int session_message(struct session *session, const char *text, size_t len)
{
	struct wire_message message;
	struct err err = {0};
	int rc = wire_decode(text, len, WIRE_AGENT, &message, &err);

	if (rc && !session->greeted) {
		session_refuse(session, "hello", "something else", err.text);
		return 0;
	}
	if (rc)
		return session_fault(session, &err);
	if (message.type == WIRE_HELLO) {
		rc = on_hello(session, &message.as.hello);
	} else if (!session->greeted) {
		err_set(&err, ERR_PROTOCOL, "%s before hello", wire_type_name(message.type));
		rc = session_fault(session, &err);
	} else if (session->agent[0] && on_greeted_message(session, &message, &err)) {
		rc = session_fault(session, &err);
	}
	wire_message_finish(&message);
	return rc;
}

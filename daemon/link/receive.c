/* SPDX-License-Identifier: Apache-2.0 */
/* What an agent says, handed to the farm. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "daemon/link/link_private.h"
#include "daemon/link/translate.h"

static int session_fault(struct session *session, const struct err *err)
{
	log_warn("link", "%s: %s; closing", session->agent[0] ? session->agent : "a newcomer", err->text);
	lws_close_reason(session->wsi, LWS_CLOSE_STATUS_PROTOCOL_ERR, (unsigned char *)(uintptr_t)err->text,
			 strlen(err->text) < 120 ? strlen(err->text) : 120);
	return -1;
}

static void session_refuse(struct session *session, const char *field, const char *found, const char *expected)
{
	struct wire_message message = {.type = WIRE_REFUSED,
				       .as.refused = {.field = field, .found = found, .expected = expected}};

	log_warn("link", "an agent's hello was refused: %s: found %s, expected %s", field, found, expected);
	session_send(session, &message);
	session_close(session);
}

/* The newer connection of an agent counts. Returns whether there was an older one. */
static bool take_over(struct session *session, const char *agent)
{
	struct session *old = link_find(session->link, agent);

	if (!old)
		return false;
	log_warn("link", "%s: connected again, the older connection is closed", agent);
	old->agent[0] = '\0';
	session_close(old);
	return true;
}

static int on_hello(struct session *session, const struct wire_hello *wire)
{
	struct link *link = session->link;
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
	if (hello_from_wire(wire, &parts)) {
		err_set(&err, ERR_NOMEM, "out of memory");
		return session_fault(session, &err);
	}
	bool had_older = take_over(session, wire->agent);
	snprintf(session->agent, sizeof(session->agent), "%s", wire->agent);
	int rc = farm_agent_hello(link->farm, &session->who, &parts.hello, &refusal, &err);
	hello_parts_finish(&parts);
	if (!rc) {
		log_info("link", "%s: connected with %zu boards and %zu runs", session->agent, wire->board_count,
			 wire->run_count);
		return 0;
	}
	session->agent[0] = '\0';
	if (had_older)
		farm_agent_gone(link->farm, wire->agent);
	if (rc != ERR_INVALID)
		return session_fault(session, &err);
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

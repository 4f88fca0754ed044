/* SPDX-License-Identifier: Apache-2.0 */
/* The client of OpenOCD's Tcl port, against a server that cuts, mixes, stalls and lies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agents/driver/openocd/tcl.h"

/* A peer on a free port: reads one call, then plays its script: pieces to send, each in its own turn of the loop. */
struct peer {
	uv_loop_t loop;
	uv_tcp_t listener, client;
	uv_timer_t timer;
	const char *const *piece; /* NULL-terminated; "!" closes the connection */
	char asked[200];
	int port;
	struct tcl *tcl;
	/* what the client told */
	int replies, closed;
	enum err_code err;
	int code;
	char text[200], log[200], notices[200];
};

static void on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *ret_buf)
{
	static char room[4096];

	(void)handle;
	(void)size;
	*ret_buf = uv_buf_init(room, sizeof room);
}

static void on_piece(uv_timer_t *timer)
{
	struct peer *peer = timer->data;
	uv_buf_t data;

	if (!*peer->piece) {
		uv_timer_stop(timer);
		return;
	}
	if (strcmp(*peer->piece, "!") == 0) {
		uv_timer_stop(timer);
		uv_close((uv_handle_t *)&peer->client, NULL);
		return;
	}
	data = uv_buf_init((char *)(uintptr_t)*peer->piece, (unsigned)strlen(*peer->piece));
	assert_int_equal(uv_try_write((uv_stream_t *)&peer->client, &data, 1), (int)data.len);
	peer->piece++;
}

static void on_call(uv_stream_t *stream, ssize_t got, const uv_buf_t *data)
{
	struct peer *peer = stream->data;

	if (got <= 0)
		return;
	snprintf(peer->asked, sizeof peer->asked, "%.*s", (int)got, data->base);
	uv_timer_start(&peer->timer, on_piece, 1, 1);
}

static void on_connection(uv_stream_t *listener, int status)
{
	struct peer *peer = listener->data;

	assert_int_equal(status, 0);
	uv_tcp_init(&peer->loop, &peer->client);
	peer->client.data = peer;
	assert_int_equal(uv_accept(listener, (uv_stream_t *)&peer->client), 0);
	uv_read_start((uv_stream_t *)&peer->client, on_alloc, on_call);
}

static void on_reply(void *context, const struct err *err, const struct tcl_reply *reply)
{
	struct peer *peer = context;

	peer->replies++;
	if (err) {
		peer->err = err->code;
		return;
	}
	peer->code = reply->code;
	snprintf(peer->text, sizeof peer->text, "%s", reply->text);
	snprintf(peer->log, sizeof peer->log, "%s", reply->log);
	uv_stop(&peer->loop);
}

static void on_connected(void *context, const struct err *err)
{
	struct peer *peer = context;

	assert_null(err);
	assert_int_equal(tcl_call(peer->tcl, "ask", 300, on_reply, peer, NULL), 0);
	assert_int_equal(tcl_call(peer->tcl, "again", 300, on_reply, peer, NULL), ERR_BUSY);
}

static void on_notice(void *context, const char *text)
{
	struct peer *peer = context;
	size_t len = strlen(peer->notices);

	snprintf(peer->notices + len, sizeof peer->notices - len, "%s|", text);
}

static void on_closed(void *context, const struct err *err)
{
	struct peer *peer = context;

	assert_non_null(err);
	peer->closed++;
	assert_int_equal(tcl_call(peer->tcl, "late", 300, on_reply, peer, NULL), ERR_CLOSED);
	uv_stop(&peer->loop);
}

static void play(struct peer *peer, const char *const *pieces)
{
	struct tcl_events events = {
		.context = peer, .on_connected = on_connected, .on_notice = on_notice, .on_closed = on_closed};
	struct sockaddr_in address;
	int len = sizeof address;

	memset(peer, 0, sizeof *peer);
	peer->piece = pieces;
	uv_loop_init(&peer->loop);
	uv_tcp_init(&peer->loop, &peer->listener);
	uv_timer_init(&peer->loop, &peer->timer);
	peer->listener.data = peer->timer.data = peer;
	uv_ip4_addr("127.0.0.1", 0, &address);
	uv_tcp_bind(&peer->listener, (const struct sockaddr *)&address, 0);
	assert_int_equal(uv_listen((uv_stream_t *)&peer->listener, 1, on_connection), 0);
	uv_tcp_getsockname(&peer->listener, (struct sockaddr *)&address, &len);
	assert_int_equal(tcl_connect(&peer->loop, ntohs(address.sin_port), &events, &peer->tcl, NULL), 0);
	uv_run(&peer->loop, UV_RUN_DEFAULT);
	tcl_destroy(peer->tcl);
	uv_close((uv_handle_t *)&peer->listener, NULL);
	uv_close((uv_handle_t *)&peer->timer, NULL);
	if (peer->client.data && !uv_is_closing((uv_handle_t *)&peer->client))
		uv_close((uv_handle_t *)&peer->client, NULL);
	uv_run(&peer->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&peer->loop), 0);
	assert_string_equal(peer->asked, "assay_call {ask}\x1a");
}

static void takes_an_answer_in_any_pieces(void **state)
{
	static const char *const whole[] = {"@0 5\nhello\x1a", NULL};
	static const char *const cut[] = {"@", "0", " 5", "\n", "he", "llo", "\x1a", NULL};
	static const char *const logged[] = {"@1 3\nbadsome log\nlines\n\x1a", NULL};
	struct peer peer;

	(void)state;
	play(&peer, whole);
	assert_string_equal(peer.text, "hello");
	play(&peer, cut);
	assert_string_equal(peer.text, "hello");
	play(&peer, logged);
	assert_int_equal(peer.code, 1);
	assert_string_equal(peer.text, "bad");
	assert_string_equal(peer.log, "some log\nlines\n");
	assert_int_equal(peer.replies, 1);
}

static void tells_notifications_from_answers(void **state)
{
	static const char *const mixed[] = {
		"type target_state state running\r\n\x1atype target_event event halted\x1a@0", " 2\nok\x1a", NULL};
	struct peer peer;

	(void)state;
	play(&peer, mixed);
	assert_string_equal(peer.text, "ok");
	assert_string_equal(peer.notices, "type target_state state running\r\n|type target_event event halted|");
}

static void fails_once_when_the_answer_does_not_come(void **state)
{
	static const char *const silence[] = {NULL}, *const half[] = {"@0 5\nhel", "!", NULL};
	static const char *const nonsense[] = {"what?\x1a", NULL};
	struct peer peer;

	(void)state;
	play(&peer, silence);
	assert_int_equal(peer.err, ERR_TIMEOUT);
	assert_int_equal(peer.replies, 1);
	assert_int_equal(peer.closed, 1);
	play(&peer, half);
	assert_int_equal(peer.err, ERR_CLOSED);
	assert_int_equal(peer.replies, 1);
	assert_int_equal(peer.closed, 1);
	play(&peer, nonsense);
	assert_int_equal(peer.err, ERR_PROTOCOL);
	assert_int_equal(peer.replies, 1);
}

static int parse(const char *text, struct tcl_reply *reply)
{
	static char room[100];

	snprintf(room, sizeof room, "%s", text);
	return tcl_reply_parse(room, strlen(room), reply);
}

static void parses_only_its_own_form(void **state)
{
	struct tcl_reply reply;

	(void)state;
	assert_int_equal(parse("@0 0\n", &reply), 0);
	assert_string_equal(reply.text, "");
	assert_string_equal(reply.log, "");
	assert_int_equal(parse("@-4 1\nxy", &reply), 0);
	assert_int_equal(reply.code, -4);
	assert_string_equal(reply.text, "x");
	assert_string_equal(reply.log, "y");
	assert_int_equal(parse("", &reply), ERR_PROTOCOL);
	assert_int_equal(parse("0 1\nx", &reply), ERR_PROTOCOL);
	assert_int_equal(parse("@0 1", &reply), ERR_PROTOCOL);
	assert_int_equal(parse("@ 1\nx", &reply), ERR_PROTOCOL);
	assert_int_equal(parse("@0 \nx", &reply), ERR_PROTOCOL);
	assert_int_equal(parse("@0 2\nx", &reply), ERR_PROTOCOL);
	assert_int_equal(parse("@0 99999999999999999999\nx", &reply), ERR_PROTOCOL);
	assert_int_equal(parse("@0 1x\nx", &reply), ERR_PROTOCOL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_an_answer_in_any_pieces),
		cmocka_unit_test(tells_notifications_from_answers),
		cmocka_unit_test(fails_once_when_the_answer_does_not_come),
		cmocka_unit_test(parses_only_its_own_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The board's end of tunnels, with a real TCP server in the gdb server's place: who gets in, credit, and every end. */
#include <stdlib.h>
#include <string.h>

#include "agents/tunnel/tunnels.h"
#include "tests/unit/core/base/cmocka_all.h"

#define RUN   21
#define FENCE 4

struct sent {
	enum tunnel_kind kind;
	uint32_t channel, credit;
	enum tunnel_end end;
	size_t size_bytes;
};

struct world {
	uv_loop_t loop;
	struct tunnels *tunnels;
	uv_tcp_t server, client;
	int clients;
	uint16_t port;
	bool no_gdb;
	struct sent sent[4096];
	size_t count;
	uint64_t data_bytes; /* to the farm */
	char last[64];
	size_t console_room, console_bytes;
	char console[64];
	char got[64]; /* the server, its first bytes */
	size_t got_len;
};

static void take(void *context, const struct tunnel_frame *frame)
{
	struct world *world = context;

	assert_true(world->count < sizeof world->sent / sizeof world->sent[0]);
	world->sent[world->count++] = (struct sent){.kind = frame->kind,
						    .channel = frame->channel,
						    .credit = frame->credit,
						    .end = frame->end,
						    .size_bytes = frame->size_bytes};
	if (frame->kind == TUNNEL_DATA)
		world->data_bytes += frame->size_bytes;
	uv_stop(&world->loop);
}

static bool find_hold(void *context, int64_t run, int64_t fence, struct tunnel_hold *ret_hold)
{
	struct world *world = context;

	*ret_hold = (struct tunnel_hold){.has_gdb = !world->no_gdb, .gdb_port = world->port};
	return run == RUN && fence == FENCE;
}

static size_t write_console(void *context, int64_t run, const uint8_t *data, size_t size_bytes)
{
	struct world *world = context;
	size_t took = size_bytes < world->console_room ? size_bytes : world->console_room;

	assert_int_equal(run, RUN);
	for (size_t i = 0; i < took; i++) {
		if (world->console_bytes + i < sizeof world->console)
			world->console[world->console_bytes + i] = (char)data[i];
	}
	world->console_bytes += took;
	world->console_room -= took;
	return took;
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	static char bytes[65536];

	(void)handle;
	(void)suggested;
	*buf = uv_buf_init(bytes, sizeof bytes);
}

static void on_server_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *buf)
{
	struct world *world = stream->data;

	for (ssize_t i = 0; i < got && world->got_len < sizeof world->got; i++)
		world->got[world->got_len++] = buf->base[i];
	if (got < 0)
		uv_close((uv_handle_t *)stream, NULL);
	uv_stop(&world->loop);
}

static void on_connection(uv_stream_t *server, int status)
{
	struct world *world = server->data;

	assert_int_equal(status, 0);
	uv_tcp_init(&world->loop, &world->client);
	world->client.data = world;
	assert_int_equal(uv_accept(server, (uv_stream_t *)&world->client), 0);
	uv_read_start((uv_stream_t *)&world->client, on_alloc, on_server_read);
	world->clients++;
}

static void start(struct world *world)
{
	struct tunnels_ports ports = {
		.context = world, .send = take, .find_hold = find_hold, .write_console = write_console};
	struct sockaddr_in address;
	int len = sizeof address;

	memset(world, 0, sizeof *world);
	uv_loop_init(&world->loop);
	uv_tcp_init(&world->loop, &world->server);
	world->server.data = world;
	uv_ip4_addr("127.0.0.1", 0, &address);
	uv_tcp_bind(&world->server, (const struct sockaddr *)&address, 0);
	assert_int_equal(uv_listen((uv_stream_t *)&world->server, 4, on_connection), 0);
	uv_tcp_getsockname(&world->server, (struct sockaddr *)&address, &len);
	world->port = ntohs(address.sin_port);
	assert_int_equal(tunnels_create(&world->loop, &ports, &world->tunnels, NULL), 0);
}

static void finish(struct world *world)
{
	tunnels_destroy(world->tunnels);
	uv_close((uv_handle_t *)&world->server, NULL);
	if (world->clients && !uv_is_closing((uv_handle_t *)&world->client))
		uv_close((uv_handle_t *)&world->client, NULL);
	while (uv_run(&world->loop, UV_RUN_DEFAULT))
		;
	assert_int_equal(uv_loop_close(&world->loop), 0);
	free(world);
}

static void open_channel(struct world *world, uint32_t channel, enum tunnel_service service, int64_t fence,
			 uint32_t credit)
{
	struct tunnel_frame frame = {.kind = TUNNEL_OPEN,
				     .channel = channel,
				     .run = RUN,
				     .fence = fence,
				     .service = service,
				     .credit = credit};

	tunnels_frame(world->tunnels, &frame);
}

static void give(struct world *world, uint32_t channel, const char *text, size_t len)
{
	struct tunnel_frame frame = {
		.kind = TUNNEL_DATA, .channel = channel, .data = (const uint8_t *)text, .size_bytes = len};

	tunnels_frame(world->tunnels, &frame);
}

static const struct sent *last(const struct world *world)
{
	assert_true(world->count > 0);
	return &world->sent[world->count - 1];
}

static void expect_close(const struct world *world, uint32_t channel, enum tunnel_end end)
{
	assert_int_equal(last(world)->kind, TUNNEL_CLOSE);
	assert_int_equal(last(world)->channel, channel);
	assert_int_equal(last(world)->end, end);
}

static void test_who_gets_in(void **state)
{
	struct world *world = malloc(sizeof *world);

	(void)state;
	start(world);
	open_channel(world, 1, TUNNEL_TO_GDB, FENCE - 1, 100);
	expect_close(world, 1, TUNNEL_NOT_HELD);
	open_channel(world, 2, TUNNEL_TO_GDB, FENCE, 100);
	assert_int_equal(last(world)->kind, TUNNEL_OPENED);
	assert_int_equal(last(world)->credit, TUNNEL_WINDOW);
	open_channel(world, 3, TUNNEL_TO_GDB, FENCE, 100);
	expect_close(world, 3, TUNNEL_BUSY);
	for (uint32_t i = 0; i < TUNNELS_MAX_CONSOLES; i++) {
		open_channel(world, 10 + i, TUNNEL_TO_CONSOLE, FENCE, 0);
		assert_int_equal(last(world)->kind, TUNNEL_OPENED);
	}
	open_channel(world, 30, TUNNEL_TO_CONSOLE, FENCE, 0);
	expect_close(world, 30, TUNNEL_BUSY);
	tunnels_close_run(world->tunnels, RUN, TUNNEL_LEASE_OVER, "its time is over");
	expect_close(world, 9 + TUNNELS_MAX_CONSOLES, TUNNEL_LEASE_OVER);
	world->port = 0;
	open_channel(world, 31, TUNNEL_TO_GDB, FENCE, 100);
	expect_close(world, 31, TUNNEL_LOST);
	world->no_gdb = true;
	open_channel(world, 32, TUNNEL_TO_GDB, FENCE, 100);
	expect_close(world, 32, TUNNEL_NO_SERVICE);
	finish(world);
}

static void on_written(uv_write_t *request, int status)
{
	(void)status;
	free(request);
}

static void server_says(struct world *world, const char *data, size_t len)
{
	uv_write_t *request = malloc(sizeof *request);
	uv_buf_t buf = uv_buf_init((char *)(uintptr_t)data, (unsigned)len);

	assert_int_equal(uv_write(request, (uv_stream_t *)&world->client, &buf, 1, on_written), 0);
}

/* The server is connected to when the debugger speaks, never before; it sends no more than there is credit for. */
static void test_gdb_and_its_credit(void **state)
{
	static char much[300000];
	struct world *world = malloc(sizeof *world);
	struct tunnel_frame credit = {.kind = TUNNEL_CREDIT, .channel = 7, .credit = 5000};

	(void)state;
	start(world);
	open_channel(world, 7, TUNNEL_TO_GDB, FENCE, 1000);
	while (uv_run(&world->loop, UV_RUN_NOWAIT) && world->clients)
		;
	assert_int_equal(world->clients, 0);
	give(world, 7, "+$?#3f", 6);
	while (world->got_len < 6)
		uv_run(&world->loop, UV_RUN_DEFAULT);
	assert_memory_equal(world->got, "+$?#3f", 6);
	server_says(world, much, sizeof much);
	while (world->data_bytes < 1000)
		uv_run(&world->loop, UV_RUN_DEFAULT);
	for (int i = 0; i < 100; i++)
		uv_run(&world->loop, UV_RUN_NOWAIT);
	assert_int_equal(world->data_bytes, 1000);
	tunnels_frame(world->tunnels, &credit);
	while (world->data_bytes < 6000)
		uv_run(&world->loop, UV_RUN_DEFAULT);
	for (int i = 0; i < 100; i++)
		uv_run(&world->loop, UV_RUN_NOWAIT);
	assert_int_equal(world->data_bytes, 6000);
	credit.credit = TUNNEL_WINDOW;
	tunnels_frame(world->tunnels, &credit);
	credit.credit = TUNNEL_WINDOW;
	tunnels_frame(world->tunnels, &credit); /* the window is full already */
	expect_close(world, 7, TUNNEL_FAULT);
	finish(world);
}

/* What is answered in the server's place may use the credit up while the server is read. */
static void test_an_answer_that_takes_all_credit(void **state)
{
	static const char refused[] = "$qRcmd,65#00";
	struct world *world = malloc(sizeof *world);
	struct tunnel_frame credit = {.kind = TUNNEL_CREDIT, .channel = 1, .credit = 3};
	uint32_t answer;

	(void)state;
	start(world);
	open_channel(world, 1, TUNNEL_TO_GDB, FENCE, 1000);
	give(world, 1, refused, sizeof refused - 1);
	answer = (uint32_t)world->data_bytes;
	tunnels_lose(world->tunnels);
	world->data_bytes = 0;
	open_channel(world, 1, TUNNEL_TO_GDB, FENCE, answer + 1);
	give(world, 1, "+", 1);
	while (world->got_len < 1)
		uv_run(&world->loop, UV_RUN_DEFAULT);
	server_says(world, "-", 1);
	while (world->data_bytes < 1)
		uv_run(&world->loop, UV_RUN_DEFAULT);
	give(world, 1, refused, sizeof refused - 1);
	assert_int_equal(world->data_bytes, 1 + answer);
	server_says(world, "abc", 3);
	for (int i = 0; i < 100; i++)
		uv_run(&world->loop, UV_RUN_NOWAIT);
	assert_int_equal(world->data_bytes, 1 + answer);
	tunnels_frame(world->tunnels, &credit);
	while (world->data_bytes < 4 + answer) {
		assert_int_not_equal(last(world)->kind, TUNNEL_CLOSE);
		uv_run(&world->loop, UV_RUN_DEFAULT);
	}
	finish(world);
}

static void test_more_than_credit(void **state)
{
	static char data[TUNNEL_MAX_DATA];
	struct world *world = malloc(sizeof *world);

	(void)state;
	start(world);
	open_channel(world, 1, TUNNEL_TO_CONSOLE, FENCE, 0);
	for (size_t sent = 0; sent < TUNNEL_WINDOW; sent += sizeof data) {
		assert_int_equal(last(world)->kind, TUNNEL_OPENED);
		give(world, 1, data, sizeof data);
	}
	give(world, 1, data, 1);
	expect_close(world, 1, TUNNEL_FAULT);
	give(world, 1, data, 1); /* it is gone: dropped without a word */
	assert_int_equal(world->count, 2);
	finish(world);
}

static void test_console_takes_what_it_can(void **state)
{
	static char data[TUNNEL_MAX_DATA];
	struct world *world = malloc(sizeof *world);
	uint64_t credit = 0;

	(void)state;
	start(world);
	open_channel(world, 1, TUNNEL_TO_CONSOLE, FENCE, 0);
	open_channel(world, 2, TUNNEL_TO_CONSOLE, FENCE, 0);
	give(world, 1, "aa", 2);
	give(world, 2, "bb", 2);
	assert_int_equal(world->console_bytes, 0);
	for (int i = 0; i < 4; i++) {
		world->console_room = 1;
		tunnels_console_room(world->tunnels, RUN);
	}
	assert_memory_equal(world->console, "abab", 4); /* in turn */
	world->console_room = 1u << 20;
	for (size_t i = 0; i < 40; i++)
		give(world, 1, data, sizeof data);
	assert_int_equal(world->console_bytes, 4 + 40 * sizeof data);
	for (size_t i = 0; i < world->count; i++)
		credit += world->sent[i].kind == TUNNEL_CREDIT ? world->sent[i].credit : 0;
	assert_true(credit >= 40 * sizeof data - TUNNEL_WINDOW / 4 && credit <= 40 * sizeof data + 4);
	finish(world);
}

static void test_server_that_goes(void **state)
{
	struct world *world = malloc(sizeof *world);

	(void)state;
	start(world);
	open_channel(world, 1, TUNNEL_TO_GDB, FENCE, 1000);
	give(world, 1, "+", 1);
	while (world->got_len < 1)
		uv_run(&world->loop, UV_RUN_DEFAULT);
	uv_close((uv_handle_t *)&world->client, NULL);
	while (last(world)->kind != TUNNEL_CLOSE)
		uv_run(&world->loop, UV_RUN_DEFAULT);
	expect_close(world, 1, TUNNEL_DONE);
	uv_close((uv_handle_t *)&world->server, NULL);
	uv_run(&world->loop, UV_RUN_NOWAIT);
	open_channel(world, 2, TUNNEL_TO_GDB, FENCE, 1000);
	give(world, 2, "+", 1);
	while (last(world)->kind != TUNNEL_CLOSE)
		uv_run(&world->loop, UV_RUN_DEFAULT);
	expect_close(world, 2, TUNNEL_LOST);
	tunnels_destroy(world->tunnels);
	while (uv_run(&world->loop, UV_RUN_DEFAULT))
		;
	assert_int_equal(uv_loop_close(&world->loop), 0);
	free(world);
}

static void test_bytes_that_are_no_packets(void **state)
{
	struct world *world = malloc(sizeof *world);

	(void)state;
	start(world);
	open_channel(world, 1, TUNNEL_TO_GDB, FENCE, 1000);
	give(world, 1, "$abc$def#00", 11);
	expect_close(world, 1, TUNNEL_FAULT);
	finish(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_who_gets_in),
					   cmocka_unit_test(test_gdb_and_its_credit),
					   cmocka_unit_test(test_an_answer_that_takes_all_credit),
					   cmocka_unit_test(test_more_than_credit),
					   cmocka_unit_test(test_console_takes_what_it_can),
					   cmocka_unit_test(test_server_that_goes),
					   cmocka_unit_test(test_bytes_that_are_no_packets)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

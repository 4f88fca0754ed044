/* SPDX-License-Identifier: Apache-2.0 */
/* Consoles over a real pty and a real TCP port. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "agents/driver/console.h"

struct seen {
	uv_loop_t loop;
	struct console *console;
	uint8_t data[70000];
	size_t len, wanted;
	int opened, failed, lost, rooms;
	char why[512]; /* it failed */
	int64_t at_us;
};

static void on_opened(void *context, const struct err *err)
{
	struct seen *seen = context;

	if (err) {
		seen->failed++;
		snprintf(seen->why, sizeof seen->why, "%s", err->text);
	} else {
		seen->opened++;
	}
	uv_stop(&seen->loop);
}

static void on_data(void *context, const uint8_t *data, size_t size_bytes, int64_t at_us)
{
	struct seen *seen = context;

	assert_true(size_bytes <= sizeof seen->data - seen->len);
	assert_true(at_us >= seen->at_us);
	seen->at_us = at_us;
	memcpy(seen->data + seen->len, data, size_bytes);
	seen->len += size_bytes;
	if (seen->len >= seen->wanted)
		uv_stop(&seen->loop);
}

static void on_lost(void *context, const struct err *err)
{
	struct seen *seen = context;

	assert_non_null(err);
	seen->lost++;
	uv_stop(&seen->loop);
}

static void start(struct seen *seen, const struct console_config *config)
{
	struct console_events events = {
		.context = seen, .on_opened = on_opened, .on_data = on_data, .on_lost = on_lost};

	memset(seen, 0, sizeof *seen);
	uv_loop_init(&seen->loop);
	assert_int_equal(console_open(&seen->loop, config, &events, &seen->console, NULL), 0);
}

static void finish(struct seen *seen)
{
	console_close(seen->console);
	/* A stop asked for outside the loop ends the next run of it at once. */
	while (uv_run(&seen->loop, UV_RUN_DEFAULT))
		;
	assert_int_equal(uv_loop_close(&seen->loop), 0);
}

static int open_pty(struct console_config *config)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY);

	assert_true(master >= 0);
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	*config = (struct console_config){.kind = CONSOLE_SERIAL, .baud = 115200};
	assert_int_equal(ptsname_r(master, config->device, sizeof config->device), 0);
	return master;
}

static void passes_every_byte_unchanged(void **state)
{
	struct console_config config;
	struct seen *seen = calloc(1, sizeof *seen);
	int master = open_pty(&config);
	uint8_t all[256];

	(void)state;
	start(seen, &config);
	uv_run(&seen->loop, UV_RUN_DEFAULT);
	assert_int_equal(seen->opened, 1);
	for (int i = 0; i < 256; i++)
		all[i] = (uint8_t)i;
	/* Control characters, CR, NL, XON, XOFF, EOF: a line that is not raw would change or swallow some. */
	for (int round = 0; round < 10; round++) {
		seen->wanted = seen->len + sizeof all;
		assert_int_equal(write(master, all, sizeof all), sizeof all);
		uv_run(&seen->loop, UV_RUN_DEFAULT);
		assert_memory_equal(seen->data + round * 256, all, sizeof all);
	}
	finish(seen);
	free(seen);
	close(master);
}

static void drops_what_came_before_and_reads_at_once(void **state)
{
	struct console_config config;
	struct seen *seen = calloc(1, sizeof *seen);
	int master = open_pty(&config), slave;
	struct termios line;

	(void)state;
	/* A first reader makes the line raw, so that the old bytes are there to be read at all. */
	slave = open(config.device, O_RDWR | O_NOCTTY);
	tcgetattr(slave, &line);
	cfmakeraw(&line);
	tcsetattr(slave, TCSANOW, &line);
	assert_int_equal(write(master, "old", 3), 3);
	start(seen, &config);
	uv_run(&seen->loop, UV_RUN_DEFAULT);
	assert_int_equal(write(master, "new", 3), 3);
	console_read_now(seen->console);
	assert_int_equal(seen->len, 3);
	assert_memory_equal(seen->data, "new", 3);
	finish(seen);
	free(seen);
	close(slave);
	close(master);
}

static void tells_when_the_line_goes_away(void **state)
{
	struct console_config config;
	struct seen *seen = calloc(1, sizeof *seen);
	int master = open_pty(&config);

	(void)state;
	start(seen, &config);
	uv_run(&seen->loop, UV_RUN_DEFAULT);
	seen->wanted = SIZE_MAX;
	assert_int_equal(write(master, "last words", 10), 10);
	close(master);
	uv_run(&seen->loop, UV_RUN_DEFAULT);
	assert_int_equal(seen->lost, 1);
	finish(seen);
	free(seen);
}

struct late {
	uv_timer_t timer;
	const char *device, *link;
};

static void on_plug_in(uv_timer_t *timer)
{
	struct late *late = timer->data;

	assert_int_equal(symlink(late->device, late->link), 0);
	uv_close((uv_handle_t *)timer, NULL);
}

static void waits_for_a_device_that_comes_later(void **state)
{
	struct console_config config;
	struct seen *seen = calloc(1, sizeof *seen);
	int master = open_pty(&config);
	char device[256], link[] = "/tmp/assay-console-XXXXXX";
	struct late late = {.device = device, .link = link};

	(void)state;
	memcpy(device, config.device, sizeof device);
	close(mkstemp(link));
	unlink(link);
	snprintf(config.device, sizeof config.device, "%s", link);
	config.comes_late = true;
	start(seen, &config);
	uv_timer_init(&seen->loop, &late.timer);
	late.timer.data = &late;
	uv_timer_start(&late.timer, on_plug_in, 120, 0);
	uv_run(&seen->loop, UV_RUN_DEFAULT);
	assert_int_equal(seen->opened, 1);
	finish(seen);
	unlink(link);
	free(seen);
	close(master);
}

static void says_which_device_is_not_there(void **state)
{
	struct console_config config = {.kind = CONSOLE_SERIAL, .device = "/dev/no-such-line"};
	struct seen *seen = calloc(1, sizeof *seen);

	(void)state;
	start(seen, &config);
	uv_run(&seen->loop, UV_RUN_DEFAULT);
	assert_int_equal(seen->failed, 1);
	assert_non_null(strstr(seen->why, "/dev/no-such-line"));
	finish(seen);
	free(seen);
}

static void refuses_what_is_no_line(void **state)
{
	struct console_config config = {.kind = CONSOLE_SERIAL, .device = "/dev/null"};
	struct seen *seen = calloc(1, sizeof *seen);

	(void)state;
	start(seen, &config);
	uv_run(&seen->loop, UV_RUN_DEFAULT);
	assert_int_equal(seen->failed, 1);
	finish(seen);
	free(seen);
}

static void on_connection(uv_stream_t *listener, int status)
{
	uv_tcp_t *client = listener->data;
	uv_buf_t data = uv_buf_init((char *)(uintptr_t) "boot\r\n", 6);

	assert_int_equal(status, 0);
	uv_tcp_init(listener->loop, client);
	assert_int_equal(uv_accept(listener, (uv_stream_t *)client), 0);
	assert_int_equal(uv_try_write((uv_stream_t *)client, &data, 1), 6);
	uv_close((uv_handle_t *)client, NULL);
}

static void reads_from_tcp_until_it_is_closed(void **state)
{
	struct console_config config = {.kind = CONSOLE_TCP, .host = "127.0.0.1"};
	struct seen *seen = calloc(1, sizeof *seen);
	uv_loop_t *loop = &seen->loop;
	struct sockaddr_in address;
	uv_tcp_t listener, client;
	int len = sizeof address;

	(void)state;
	start(seen, &config);
	console_close(seen->console);
	uv_run(loop, UV_RUN_DEFAULT);
	uv_tcp_init(loop, &listener);
	listener.data = &client;
	uv_ip4_addr("127.0.0.1", 0, &address);
	uv_tcp_bind(&listener, (const struct sockaddr *)&address, 0);
	assert_int_equal(uv_listen((uv_stream_t *)&listener, 1, on_connection), 0);
	uv_tcp_getsockname(&listener, (struct sockaddr *)&address, &len);
	config.port = ntohs(address.sin_port);

	struct console_events events = {
		.context = seen, .on_opened = on_opened, .on_data = on_data, .on_lost = on_lost};
	seen->wanted = SIZE_MAX;
	assert_int_equal(console_open(loop, &config, &events, &seen->console, NULL), 0);
	while (!seen->lost)
		uv_run(loop, UV_RUN_DEFAULT);
	assert_int_equal(seen->opened, 1);
	assert_int_equal(seen->len, 6);
	assert_memory_equal(seen->data, "boot\r\n", 6);
	uv_close((uv_handle_t *)&listener, NULL);
	finish(seen);
	free(seen);
}

static void on_room(void *context)
{
	struct seen *seen = context;

	seen->rooms++;
	uv_stop(&seen->loop);
}

/* A line that takes nothing for a while: what was taken is written, in order, and room is told of when it is. */
static void writes_as_the_line_takes_it(void **state)
{
	struct console_config config;
	struct console_events events = {
		.on_opened = on_opened, .on_data = on_data, .on_lost = on_lost, .on_room = on_room};
	struct seen *seen = calloc(1, sizeof *seen);
	int master = open_pty(&config);
	uint8_t all[CONSOLE_WRITE_BYTES], back[CONSOLE_WRITE_BYTES];
	size_t took, written = 0, got = 0;

	(void)state;
	for (size_t i = 0; i < sizeof all; i++)
		all[i] = (uint8_t)(i * 7);
	uv_loop_init(&seen->loop);
	events.context = seen;
	assert_int_equal(console_open(&seen->loop, &config, &events, &seen->console, NULL), 0);
	assert_int_equal(console_write(seen->console, all, 1), 0); /* not open yet */
	uv_run(&seen->loop, UV_RUN_DEFAULT);
	assert_int_equal(seen->opened, 1);
	while ((took = console_write(seen->console, all, sizeof all)) > 0)
		written += took;
	assert_true(written >= 2 * sizeof all); /* more than one goes into the line, and the last not wholly */
	assert_int_equal(seen->rooms, 0);
	fcntl(master, F_SETFL, O_NONBLOCK);
	while (got < written) {
		ssize_t some = read(master, back, sizeof back - got % sizeof all);

		for (ssize_t i = 0; i < some; i++, got++)
			assert_int_equal(back[i], all[got % sizeof all]);
		if (some < 0)
			uv_run(&seen->loop, UV_RUN_NOWAIT);
	}
	while (seen->rooms == 0)
		uv_run(&seen->loop, UV_RUN_DEFAULT);
	assert_int_equal(seen->rooms, 1);
	assert_int_equal(console_write(seen->console, all, 3), 3);
	finish(seen);
	free(seen);
	close(master);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passes_every_byte_unchanged),
		cmocka_unit_test(drops_what_came_before_and_reads_at_once),
		cmocka_unit_test(tells_when_the_line_goes_away),
		cmocka_unit_test(waits_for_a_device_that_comes_later),
		cmocka_unit_test(says_which_device_is_not_there),
		cmocka_unit_test(refuses_what_is_no_line),
		cmocka_unit_test(reads_from_tcp_until_it_is_closed),
		cmocka_unit_test(writes_as_the_line_takes_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

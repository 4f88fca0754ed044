/* SPDX-License-Identifier: Apache-2.0 */
/* The listening socket: addresses, and who is shown which first bytes. */
#include <arpa/inet.h>
#include <limits.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/loop/listener.h"
#include "daemon/loop/room.h"

static void check_address(const char *text, const char *host, int port)
{
	char found_host[64];
	int found_port = -1;

	assert_int_equal(listener_parse_address(text, found_host, sizeof(found_host), &found_port, NULL), 0);
	assert_string_equal(found_host, host);
	assert_int_equal(found_port, port);
}

static void test_addresses(void **state)
{
	static const char *const bad[] = {
		"",           ":",       ":80",     "host",  "host:",    "host:x",   "host:-1",
		"host:65536", "1::2:80", "[::1]80", "[]:80", "host:80 ", "host:0x50"};
	char host[64];
	int port;

	(void)state;
	check_address("127.0.0.1:7180", "127.0.0.1", 7180);
	check_address("localhost:0", "localhost", 0);
	check_address("[::1]:65535", "::1", 65535);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err err = {0};
		assert_int_equal(listener_parse_address(bad[i], host, sizeof(host), &port, &err), ERR_INVALID);
		assert_true(err.text[0]);
	}
	assert_int_equal(listener_parse_address("longer:80", host, 4, &port, NULL), ERR_INVALID);
}

struct world {
	struct loop loop;
	struct listener *listener;
	char seen[LISTENER_PEEK_BYTES + 1];
	size_t wanted; /* bytes before the socket is taken */
	int offers, taken;
};

static bool on_socket(void *context, int fd, const char *head, size_t len)
{
	struct world *world = (struct world *)context;
	char first[LISTENER_PEEK_BYTES];

	world->offers++;
	if (len < world->wanted)
		return false;
	memcpy(world->seen, head, len);
	world->seen[len] = '\0';
	/* What was shown has not been taken. */
	assert_int_equal(recv(fd, first, len, 0), len);
	assert_memory_equal(first, head, len);
	close(fd);
	world->taken++;
	loop_stop(&world->loop);
	return true;
}

static void world_init(struct world *world, size_t wanted)
{
	struct err err = {0};

	*world = (struct world){.wanted = wanted};
	assert_int_equal(loop_init(&world->loop, NULL), 0);
	if (listener_create(&world->loop, "127.0.0.1", 0, on_socket, world, &world->listener, &err))
		fail_msg("%s", err.text);
}

static void world_finish(struct world *world)
{
	listener_destroy(world->listener);
	loop_finish(&world->loop);
}

static int world_connect(const struct world *world)
{
	const char *port = strrchr(listener_address(world->listener), ':') + 1;
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)strtol(port, NULL, 10))};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static void test_first_bytes_are_shown_and_stay(void **state)
{
	static struct world world;

	(void)state;
	world_init(&world, 1);
	int fd = world_connect(&world);
	assert_int_equal(send(fd, "GET / HTTP/1.1\r\n", 16, 0), 16);
	loop_run(&world.loop);
	assert_string_equal(world.seen, "GET / HTTP/1.1\r\n");
	close(fd);
	world_finish(&world);
}

static void on_send_rest(uv_timer_t *timer)
{
	int fd = *(int *)timer->data;

	assert_int_equal(send(fd, "T /", 3, 0), 3);
}

static void test_too_few_bytes_are_waited_for_without_spinning(void **state)
{
	static struct world world;
	uv_timer_t timer;

	(void)state;
	world_init(&world, 5);
	int fd = world_connect(&world);
	assert_int_equal(send(fd, "GE", 2, 0), 2);
	uv_timer_init(&world.loop.uv, &timer);
	timer.data = &fd;
	uv_timer_start(&timer, on_send_rest, 50, 0);
	loop_run(&world.loop);
	assert_string_equal(world.seen, "GET /");
	assert_true(world.offers <= 4);
	uv_close((uv_handle_t *)&timer, NULL);
	close(fd);
	world_finish(&world);
}

static void test_a_peer_that_leaves_is_not_offered(void **state)
{
	static struct world world;

	(void)state;
	world_init(&world, 5);
	int gone = world_connect(&world);
	assert_int_equal(send(gone, "GE", 2, 0), 2);
	close(gone);
	int fd = world_connect(&world);
	assert_int_equal(send(fd, "GET /", 5, 0), 5);
	loop_run(&world.loop);
	assert_int_equal(world.taken, 1);
	close(fd);
	world_finish(&world);
}

/* Turns the loop until the listener has closed the connection. */
static void until_closed(struct world *world, int fd)
{
	char byte;

	while (recv(fd, &byte, 1, MSG_DONTWAIT) != 0)
		uv_run(&world->loop.uv, UV_RUN_ONCE);
}

static void test_a_peer_that_says_no_more_is_dropped(void **state)
{
	static struct world world;

	(void)state;
	world_init(&world, 5);
	int fd = world_connect(&world);
	assert_int_equal(send(fd, "GE", 2, 0), 2);
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	until_closed(&world, fd);
	assert_true(world.offers <= 2);
	close(fd);
	world_finish(&world);
}

static void test_one_address_pushes_out_its_own(void **state)
{
	static struct world world;
	int fd[LISTENER_MAX_OF_ONE + 1];

	(void)state;
	world_init(&world, 5);
	for (size_t i = 0; i <= LISTENER_MAX_OF_ONE; i++) {
		int before = world.offers;

		fd[i] = world_connect(&world);
		assert_int_equal(send(fd[i], "GE", 2, 0), 2);
		while (world.offers == before)
			uv_run(&world.loop.uv, UV_RUN_ONCE);
	}
	until_closed(&world, fd[0]);
	assert_int_equal(send(fd[1], "T /", 3, 0), 3);
	loop_run(&world.loop);
	assert_string_equal(world.seen, "GET /");
	for (size_t i = 0; i <= LISTENER_MAX_OF_ONE; i++)
		close(fd[i]);
	world_finish(&world);
}

static rlim_t limit_descriptors(rlim_t count)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	rlim_t before = limit.rlim_cur;
	limit.rlim_cur = count;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	return before;
}

static void test_room_is_an_eighth_for_each(void **state)
{
	rlim_t before = limit_descriptors(128);

	(void)state;
	assert_int_equal(room_end(ROOM_AGENTS), 112);
	assert_int_equal(room_end(ROOM_GUESTS), 96);
	limit_descriptors(1024);
	assert_int_equal(room_end(ROOM_AGENTS), 1024 - ROOM_RESERVE);
	int next = room_next(0), fd = dup(0);
	assert_int_equal(fd, next);
	assert_true(room_next(0) > fd);
	limit_descriptors((rlim_t)fd + 1);
	assert_int_equal(room_next(0), INT_MAX);
	limit_descriptors(before);
	close(fd);
}

static void test_half_requests_leave_descriptors(void **state)
{
	static struct world world;
	int fd[48], count = 0;
	rlim_t before = limit_descriptors(96); /* guests have 72 of them */

	(void)state;
	world_init(&world, 5);
	/* each takes two numbers, one of them in this process as a client */
	while (count < 48) {
		int offers = world.offers;

		fd[count] = world_connect(&world);
		assert_int_equal(send(fd[count++], "GE", 2, 0), 2);
		while (world.offers == offers)
			uv_run(&world.loop.uv, UV_RUN_ONCE);
	}
	until_closed(&world, fd[0]);
	assert_true(room_next(0) < room_end(ROOM_AGENTS));
	assert_int_equal(send(fd[count - 1], "T /", 3, 0), 3);
	loop_run(&world.loop);
	assert_int_equal(world.taken, 1);
	while (count > 0)
		close(fd[--count]);
	world_finish(&world);
	limit_descriptors(before);
}

static void test_without_descriptors_those_who_come_wait(void **state)
{
	static struct world world;
	int used[96];
	size_t count = 0;
	rlim_t before = limit_descriptors(96);

	(void)state;
	world_init(&world, 5);
	int fd = world_connect(&world);
	while (room_next(0) < room_end(ROOM_AGENTS))
		used[count++] = dup(0);
	assert_int_equal(send(fd, "GET /", 5, 0), 5);
	uv_run(&world.loop.uv, UV_RUN_ONCE); /* accepting pauses here, and goes on with a timer */
	assert_int_equal(world.offers, 0);
	while (count > 0)
		close(used[--count]);
	loop_run(&world.loop);
	assert_int_equal(world.taken, 1);
	close(fd);
	world_finish(&world);
	limit_descriptors(before);
}

static void test_a_port_that_is_taken(void **state)
{
	static struct world world;
	struct listener *second = NULL;
	struct err err = {0};
	char host[64];
	int port;

	(void)state;
	world_init(&world, 1);
	assert_int_equal(listener_parse_address(listener_address(world.listener), host, sizeof(host), &port, NULL), 0);
	assert_int_equal(listener_create(&world.loop, host, port, on_socket, &world, &second, &err), ERR_EXISTS);
	assert_non_null(strstr(err.text, "in use"));
	assert_null(second);
	listener_destroy(NULL);
	world_finish(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_first_bytes_are_shown_and_stay),
		cmocka_unit_test(test_too_few_bytes_are_waited_for_without_spinning),
		cmocka_unit_test(test_a_peer_that_leaves_is_not_offered),
		cmocka_unit_test(test_a_peer_that_says_no_more_is_dropped),
		cmocka_unit_test(test_one_address_pushes_out_its_own),
		cmocka_unit_test(test_room_is_an_eighth_for_each),
		cmocka_unit_test(test_half_requests_leave_descriptors),
		cmocka_unit_test(test_without_descriptors_those_who_come_wait),
		cmocka_unit_test(test_a_port_that_is_taken),
	};

	return cmocka_run_group_tests_name("loop/listener", tests, NULL, NULL);
}

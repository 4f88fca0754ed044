/* SPDX-License-Identifier: Apache-2.0 */
/* The scripted server: one connection at a time, in a child process. */
#include "tests/unit/daemon/cli/scripted_server.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define HEAD_MAX     4096
#define GIVE_UP_S    60 /* a client that never comes */
#define FILLER_PIECE 65536

/* Until the other side has had enough. */
static void put(int fd, const void *data, size_t len)
{
	const char *at = data;

	while (len) {
		ssize_t done = write(fd, at, len);

		if (done <= 0)
			return;
		at += done;
		len -= (size_t)done;
	}
}

/* Reads a request's head and tells of it. Returns how much of the body is still to come, or -1 at the connection's end.
 */
static int64_t read_head(int connection, int report)
{
	char head[HEAD_MAX];
	size_t len = 0;
	const char *length;

	while (len < 4 || memcmp(head + len - 4, "\r\n\r\n", 4) != 0) {
		if (len == sizeof head - 1 || read(connection, head + len, 1) != 1)
			return -1;
		len++;
	}
	head[len - 2] = '\0';
	put(report, head, len - 2);
	length = strcasestr(head, "\ncontent-length:");
	return length ? strtoll(length + strlen("\ncontent-length:"), NULL, 10) : 0;
}

/* The bodies of the tests are the bytes 0, 1, 2 … 250, 0 … */
static void read_body(int connection, int report, int64_t len)
{
	char line[64];
	int64_t at = 0;
	bool good = true;

	while (at < len) {
		unsigned char piece[FILLER_PIECE];
		int64_t left = len - at;
		ssize_t got = read(connection, piece, left < FILLER_PIECE ? (size_t)left : FILLER_PIECE);

		if (got <= 0)
			break;
		for (ssize_t i = 0; i < got; i++, at++)
			good = good && piece[i] == at % 251;
	}
	snprintf(line, sizeof line, "body %lld%s\n\n", (long long)at, good ? "" : " of something else");
	put(report, line, strlen(line));
}

static void send_reply(int connection, const struct reply *reply)
{
	static char filler[FILLER_PIECE];

	if (reply->text)
		put(connection, reply->text, strlen(reply->text));
	memset(filler, 'x', sizeof filler);
	for (size_t left = reply->filler; left;) {
		size_t len = left < sizeof filler ? left : sizeof filler;

		put(connection, filler, len);
		left -= len;
	}
}

static void serve(int listener, int gate, int report, const struct reply *replies, size_t count)
{
	int connection = -1;

	for (size_t i = 0; i < count; i++) {
		int64_t body = -1;
		char token;

		while (body < 0) {
			if (connection < 0)
				connection = accept(listener, NULL, NULL);
			body = read_head(connection, report);
			if (body < 0) {
				close(connection);
				connection = -1;
			}
		}
		if (!replies[i].early)
			read_body(connection, report, body);
		if (replies[i].held && read(gate, &token, 1) != 1)
			_exit(3);
		send_reply(connection, &replies[i]);
		if (replies[i].early) {
			shutdown(connection, SHUT_WR);
			read_body(connection, report, body);
		}
		if (replies[i].early || replies[i].close) {
			close(connection);
			connection = -1;
		}
	}
	close(listener);
	/* The client decides when a kept connection ends. */
	while (connection >= 0 && read(connection, &(char){0}, 1) > 0)
		;
	_exit(0);
}

void scripted_server_start(struct scripted_server *server, const struct reply *replies, size_t count)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof at;
	int listener = socket(AF_INET, SOCK_STREAM, 0), gate[2], report[2];

	assert_true(listener >= 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(listener, 8), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &size), 0);
	assert_int_equal(pipe(gate), 0);
	assert_int_equal(pipe(report), 0);
	server->port = ntohs(at.sin_port);
	server->child = fork();
	assert_true(server->child >= 0);
	if (server->child == 0) {
		signal(SIGPIPE, SIG_IGN);
		alarm(GIVE_UP_S);
		close(gate[1]);
		close(report[0]);
		serve(listener, gate[0], report[1], replies, count);
	}
	close(listener);
	close(gate[0]);
	close(report[1]);
	server->gate = gate[1];
	server->report = report[0];
}

void scripted_server_release(const struct scripted_server *server)
{
	assert_int_equal(write(server->gate, "x", 1), 1);
}

void scripted_server_finish(struct scripted_server *server, char *ret_requests, size_t size)
{
	size_t len = 0;
	ssize_t got;
	int status;

	while ((got = read(server->report, ret_requests + len, size - 1 - len)) > 0)
		len += (size_t)got;
	ret_requests[len] = '\0';
	assert_int_equal(waitpid(server->child, &status, 0), server->child);
	close(server->gate);
	close(server->report);
	assert_int_equal(status, 0);
}

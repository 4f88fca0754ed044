/* SPDX-License-Identifier: Apache-2.0 */
/* A server on the loopback that reads requests and answers what it was told to, whatever they were. */
#ifndef ASSAY_TESTS_CLI_SCRIPTED_SERVER_H
#define ASSAY_TESTS_CLI_SCRIPTED_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* What becomes of one request. */
struct reply {
	const char *text; /* sent as it stands; NULL: nothing */
	size_t filler;    /* so many bytes "x" behind it */
	bool early;       /* sent before the request's body is read; the connection ends with it */
	bool close;       /* the connection ends with it, whether text says so or not */
	bool held;        /* sent only once scripted_server_release was called */
};

/* In the caller's memory; start/finish. */
struct scripted_server {
	pid_t child;
	int port;
	int gate;   /* written to: releases a reply */
	int report; /* read from: the heads of the requests, each followed by "body N" and an empty line */
};

/* Serves the replies in their order and then goes; a child process. Asserts that it could be started. */
void scripted_server_start(struct scripted_server *server, const struct reply *replies, size_t count);
void scripted_server_release(const struct scripted_server *server);

/* Ends it, and writes what it was asked into ret_requests. */
void scripted_server_finish(struct scripted_server *server, char *ret_requests, size_t size);

#endif

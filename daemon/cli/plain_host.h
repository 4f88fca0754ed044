/* SPDX-License-Identifier: Apache-2.0 */
/* Whom an http:// address means: host, port, what stands before /api, and the host's addresses. */
#ifndef ASSAY_CLI_PLAIN_HOST_H
#define ASSAY_CLI_PLAIN_HOST_H

#include <stdbool.h>

struct addrinfo;

/* In the caller's memory; init/finish. */
struct plain_host {
	char name[256];  /* without brackets */
	char where[280]; /* with its port if that was said, for the Host header */
	char prefix[512];
	int port;
	struct addrinfo *addresses; /* NULL before plain_host_look_up */
};

/* Whether url can be served without libcurl: http, no proxy asked for by the environment, no credentials in it. */
bool plain_host_may(const char *url);

/* url is one that plain_host_may is true for. */
void plain_host_init(struct plain_host *host, const char *url);
void plain_host_finish(struct plain_host *host);

/* Finds the addresses, at the first call. Returns 0 or getaddrinfo's error. */
int plain_host_look_up(struct plain_host *host);

#endif

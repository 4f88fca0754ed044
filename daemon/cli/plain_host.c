/* SPDX-License-Identifier: Apache-2.0 */
/* Taking http:// addresses apart and looking hosts up. */
#include "daemon/cli/plain_host.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <event2/http.h>

#define SCHEME       "http://"
#define DEFAULT_PORT 80

/* As libcurl sees it: in capitals http_proxy does not count, since a CGI program's clients could set it. */
static bool has_proxy(void)
{
	static const char *const names[] = {"http_proxy", "all_proxy", "ALL_PROXY"};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return true;
	}
	return false;
}

bool plain_host_may(const char *url)
{
	struct evhttp_uri *uri =
		strncmp(url, SCHEME, strlen(SCHEME)) == 0 && !has_proxy() ? evhttp_uri_parse(url) : NULL;
	const char *host = uri ? evhttp_uri_get_host(uri) : NULL;
	bool may = host && *host && strlen(host) < sizeof((struct plain_host *)0)->name &&
		   !evhttp_uri_get_userinfo(uri) && !evhttp_uri_get_query(uri) && !evhttp_uri_get_fragment(uri);

	if (uri)
		evhttp_uri_free(uri);
	return may;
}

void plain_host_init(struct plain_host *host, const char *url)
{
	struct evhttp_uri *uri = evhttp_uri_parse(url);
	const char *name = evhttp_uri_get_host(uri), *authority = url + strlen(SCHEME);
	int port = evhttp_uri_get_port(uri);

	*host = (struct plain_host){.port = port > 0 ? port : DEFAULT_PORT};
	if (*name == '[')
		snprintf(host->name, sizeof host->name, "%.*s", (int)strcspn(name + 1, "]"), name + 1);
	else
		snprintf(host->name, sizeof host->name, "%s", name);
	snprintf(host->where, sizeof host->where, "%.*s", (int)strcspn(authority, "/"), authority);
	snprintf(host->prefix, sizeof host->prefix, "%s", evhttp_uri_get_path(uri));
	evhttp_uri_free(uri);
}

void plain_host_finish(struct plain_host *host)
{
	if (host->addresses)
		freeaddrinfo(host->addresses);
	host->addresses = NULL;
}

int plain_host_look_up(struct plain_host *host)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
	char port[16];
	int failure;

	if (host->addresses)
		return 0;
	snprintf(port, sizeof port, "%d", host->port);
	failure = getaddrinfo(host->name, port, &hints, &host->addresses);
	if (failure != EAI_NONAME)
		return failure;
	hints.ai_flags = AI_NUMERICSERV; /* a name, then: only these ask the machine's name service */
	return getaddrinfo(host->name, port, &hints, &host->addresses);
}

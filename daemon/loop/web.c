/* SPDX-License-Identifier: Apache-2.0 */
/* libwebsockets on a loop of ours, through its libuv event library. */
#include "daemon/loop/web.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/log.h"
#include "daemon/loop/repeats.h"

#define DESTROY_TURNS 64

struct web {
	struct loop *loop;
	struct lws_context *context; /* libwebsockets makes it NULL when it is gone for good */
	struct lws_vhost *vhost;
	void *loops[1];
	const char *name;
};

/* A websocket peer that is silent is asked for a pong, and hung up on when none comes. */
static const lws_retry_bo_t KEEPALIVE = {.secs_since_valid_ping = 30, .secs_since_valid_hangup = 45};

/* What it warns of is what a client did, and any client may do that; some of it is an error to it, hence the count.
 * From any thread that has a web. */
static void on_lws_log(int level, const char *line)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards repeats */
	static struct repeats repeats;
	char text[REPEATS_TEXT_MAX];
	uint64_t left_out;

	snprintf(text, sizeof(text), "%.*s", (int)strcspn(line, "\n"), line);
	if (level != LLL_ERR) {
		log_debug("websockets", "%s", text);
		return;
	}
	(void)pthread_mutex_lock(&lock);
	bool tell = repeats_tell(&repeats, text, loop_monotonic_us(), &left_out);
	(void)pthread_mutex_unlock(&lock);
	if (tell && left_out > 0)
		log_warn("websockets", "%s (and %llu times before)", text, (unsigned long long)left_out);
	else if (tell)
		log_warn("websockets", "%s", text);
}

int web_create(struct loop *loop, const char *name, const struct lws_protocols *protocols, struct web **ret_web,
	       struct err *err)
{
	struct web *web = (struct web *)calloc(1, sizeof(*web));

	if (!web)
		return err_set(err, ERR_NOMEM, "cannot create the %s server: out of memory", name);
	web->loop = loop;
	web->name = name;
	web->loops[0] = &loop->uv;
	lws_set_log_level(LLL_ERR | LLL_WARN, on_lws_log);

	struct lws_context_creation_info info = {0};
	info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
	info.options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS;
	info.retry_and_idle_policy = &KEEPALIVE;
	info.foreign_loops = web->loops;
	info.pcontext = &web->context;
	info.protocols = protocols;
	info.max_http_header_data = 8192;
	info.max_http_header_pool = WEB_MAX_HEADS;
	info.timeout_secs_ah_idle = 10; /* for the head of a further request on a connection */
	info.pt_serv_buf_size = 64u << 10;
	info.keepalive_timeout = 60;
	info.timeout_secs = 30;
	info.vhost_name = name;
	web->context = lws_create_context(&info);
	if (web->context)
		web->vhost = lws_create_vhost(web->context, &info);
	if (!web->vhost) {
		web_destroy(web);
		return err_set(
			err, ERR_IO,
			"cannot create the %s server: libwebsockets refused (is libwebsockets-evlib-uv installed?)",
			name);
	}
	*ret_web = web;
	return 0;
}

void web_adopt(struct web *web, int fd)
{
	/* libwebsockets closes the socket itself when it fails. */
	if (!lws_adopt_socket_vhost(web->vhost, fd))
		log_debug(web->name, "a connection could not be taken on");
}

void web_turn_away(int fd)
{
	static const char body[] =
		"{\"error\":{\"code\":\"degraded\",\"message\":\"too many connections at once\",\"problems\":[]}}\n";
	char answer[512], asked[8192];
	int len = snprintf(answer, sizeof(answer),
			   "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\n"
			   "content-length: %zu\r\nconnection: close\r\nretry-after: 1\r\n\r\n%s",
			   sizeof(body) - 1, body);

	/* What was not read when the socket is closed would take the answer with it. */
	(void)recv(fd, asked, sizeof(asked), MSG_DONTWAIT);
	(void)send(fd, answer, (size_t)len, MSG_DONTWAIT | MSG_NOSIGNAL);
	close(fd);
}

void web_destroy(struct web *web)
{
	if (!web)
		return;
	if (web->context)
		lws_context_destroy(web->context);
	/* Its handles close one after the other, each in a turn of the loop. */
	for (int turns = 0; web->context && turns < DESTROY_TURNS; turns++)
		uv_run(&web->loop->uv, UV_RUN_NOWAIT);
	if (web->context)
		lws_context_destroy(web->context);
	free(web);
}

bool web_upgrade_allowed(struct lws *wsi, const char *path)
{
	char asked[256], origin[256], host[256];

	if (lws_hdr_copy(wsi, asked, sizeof(asked), WSI_TOKEN_GET_URI) < 0 || strcmp(asked, path) != 0)
		return false;
	if (lws_hdr_total_length(wsi, WSI_TOKEN_ORIGIN) <= 0)
		return true;
	if (lws_hdr_copy(wsi, origin, sizeof(origin), WSI_TOKEN_ORIGIN) < 0 ||
	    lws_hdr_copy(wsi, host, sizeof(host), WSI_TOKEN_HOST) < 0)
		return false;
	const char *site = strstr(origin, "://");
	return site && strcasecmp(site + 3, host) == 0;
}

bool web_bearer(struct lws *wsi, char *ret_token, size_t size)
{
	static const char scheme[] = "Bearer ";
	char header[300];

	if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_AUTHORIZATION) <= 0 ||
	    lws_hdr_copy(wsi, header, sizeof(header), WSI_TOKEN_HTTP_AUTHORIZATION) < 0)
		return false;
	if (strncasecmp(header, scheme, sizeof(scheme) - 1) != 0 || strlen(header) - (sizeof(scheme) - 1) >= size)
		return false;
	snprintf(ret_token, size, "%s", header + sizeof(scheme) - 1);
	return true;
}

bool web_has_put_by(struct lws *wsi)
{
	return lws_service_adjust_timeout(lws_get_context(wsi), INT32_MAX / 1000, 0) == 0;
}

int web_refuse(struct lws *wsi, const char *status, const char *code, const char *message)
{
	char body[512];
	unsigned char room[LWS_PRE + 1024];

	/* Written by hand: before an upgrade lws_return_http_status speaks HTTP/1.0, which clients do not take. */
	int body_len = snprintf(body, sizeof(body),
				"{\"error\":{\"code\":\"%s\",\"message\":\"%s\",\"problems\":[]}}\n", code, message);
	int len = snprintf((char *)room + LWS_PRE, sizeof(room) - LWS_PRE,
			   "HTTP/1.1 %s\r\ncontent-type: application/json\r\ncontent-length: %d\r\n"
			   "connection: close\r\n%s\r\n%s",
			   status, body_len, strncmp(status, "426", 3) == 0 ? "upgrade: websocket\r\n" : "", body);
	(void)lws_write(wsi, room + LWS_PRE, (size_t)len, LWS_WRITE_HTTP_HEADERS);
	return -1;
}

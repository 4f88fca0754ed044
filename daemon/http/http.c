/* SPDX-License-Identifier: Apache-2.0 */
/* Where libwebsockets meets the requests: one callback that makes, feeds and ends them. */
#include "daemon/http/http.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/http/request.h"
#include "daemon/loop/web.h"

/* Per connection: the request that is being served. */
struct connection {
	struct http_request *request;
};

static void connection_end(struct connection *connection)
{
	if (connection && connection->request)
		http_request_gone(connection->request);
	if (connection)
		connection->request = NULL;
}

static int connection_begin(struct http *http, struct lws *wsi, struct connection *connection)
{
	connection_end(connection);
	connection->request = http_request_create(http, wsi);
	return connection->request ? http_request_begin(connection->request) : -1;
}

/* Also of a connection that has become an agent's. */
static struct http *http_of(struct lws *wsi)
{
	return (struct http *)lws_vhost_name_to_protocol(lws_get_vhost(wsi), "http")->user;
}

static int on_http(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct connection *connection = (struct connection *)user;
	struct http_request *request = connection ? connection->request : NULL;

	switch (reason) {
	case LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED:
		http_of(wsi)->connections++;
		return 0;
	case LWS_CALLBACK_WSI_DESTROY:
		http_of(wsi)->connections--;
		return 0;
	case LWS_CALLBACK_HTTP:
		return connection_begin((struct http *)lws_get_protocol(wsi)->user, wsi, connection);
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
		return web_refuse(wsi, "400 Bad Request", "malformed", "this address speaks no websocket");
	case LWS_CALLBACK_HTTP_BODY:
		return request ? http_request_body(request, in, len) : -1;
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		return request ? http_request_body_end(request) : -1;
	case LWS_CALLBACK_HTTP_WRITEABLE:
		return request ? http_reply_write(request) : 0;
	case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
	case LWS_CALLBACK_CLOSED_HTTP:
		connection_end(connection);
		return 0;
	default:
		return 0;
	}
}

struct lws_protocols http_protocol(struct http *http)
{
	return (struct lws_protocols){
		.name = "http",
		.callback = on_http,
		.per_session_data_size = sizeof(struct connection),
		.user = http,
	};
}

int http_create(const struct http_ports *ports, struct http **ret_http, struct err *err)
{
	struct http *http = (struct http *)calloc(1, sizeof(*http));

	if (!http)
		return err_set(err, ERR_NOMEM, "cannot create the HTTP server: out of memory");
	http->ports = *ports;
	*ret_http = http;
	return 0;
}

void http_destroy(struct http *http)
{
	free(http);
}

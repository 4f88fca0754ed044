/* SPDX-License-Identifier: Apache-2.0 */
/* The connection to the farm. */
#include "agents/link.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "agents/base/files.h"
#include "agents/link_private.h"
#include "core/base/log.h"

/* Turns of the loop that libwebsockets may take to close its handles. */
#define DESTROY_TURNS    64
#define TOKEN_FILE_BYTES 4096

/* A farm answers hello at once; one that said nothing for so many pings is stuck behind its open connection. */
#define LINK_UNHEARD_PINGS 2

static const lws_retry_bo_t keepalive = {.secs_since_valid_ping = 10, .secs_since_valid_hangup = 20};

static void connect_now(struct link *link);

static void on_retry(uv_timer_t *timer)
{
	connect_now(timer->data);
}

/* The same reason is logged once, however often it comes. */
static void log_reason(struct link *link, const char *reason)
{
	if (strcmp(link->last_reason, reason) == 0)
		return;
	snprintf(link->last_reason, sizeof link->last_reason, "%s", reason);
	log_warn("link", "%s:%d: %s; trying on", link->host, link->port, reason);
}

static void retry_later(struct link *link, const char *reason)
{
	int64_t jitter_ms, away_ms = link->away_ms;

	if (link->stopping)
		return;
	log_reason(link, reason);
	link->away_ms = 0;
	if (away_ms > 0) {
		uv_timer_start(&link->timer, on_retry, (uint64_t)away_ms, 0);
		return;
	}
	jitter_ms = (int64_t)randombytes_uniform((uint32_t)(link->backoff_ms / 2 + 1));
	uv_update_time(link->loop);
	uv_timer_start(&link->timer, on_retry, (uint64_t)(link->backoff_ms / 2 + jitter_ms), 0);
	link->backoff_ms *= 2;
	if (link->backoff_ms > LINK_BACKOFF_MAX_MS)
		link->backoff_ms = LINK_BACKOFF_MAX_MS;
}

/* The connection, or the try, is over. */
static void on_gone(struct link *link, const char *reason)
{
	bool was_open = link->open;
	char refusal[sizeof link->refusal];

	link->wsi = NULL;
	link->open = false;
	link_drop_control(link);
	buf_reset(&link->in);
	list_for_each (at, spool_runs(link->spool))
		list_container(at, struct spool_run, link)->open = false;
	if (was_open && !link->stopping)
		link->events.on_closed(link->events.context);
	memcpy(refusal, link->refusal, sizeof refusal);
	link->refusal[0] = '\0';
	retry_later(link, refusal[0] ? refusal : reason);
}

static int read_token(struct link *link, struct err *err)
{
	char *text;
	size_t len;
	int rc = files_read(link->options.token_file, TOKEN_FILE_BYTES, &text, &len, err);

	if (rc)
		return rc;
	len = strcspn(text, "\r\n");
	if (len == 0 || len >= sizeof link->token)
		rc = err_set(err, ERR_INVALID, "%s holds no token", link->options.token_file);
	else
		snprintf(link->token, sizeof link->token, "%.*s", (int)len, text);
	sodium_memzero(text, strlen(text));
	free(text);
	return rc;
}

static void connect_now(struct link *link)
{
	struct lws_client_connect_info info = {.context = link->context,
					       .vhost = link->vhost,
					       .address = link->host,
					       .port = link->port,
					       .path = WIRE_PATH,
					       .host = link->host,
					       .protocol = WIRE_SUBPROTOCOL,
					       .local_protocol_name = WIRE_SUBPROTOCOL,
					       .ssl_connection = link->tls ? LCCSCF_USE_SSL : 0,
					       .ietf_version_or_minus_one = -1,
					       .opaque_user_data = link,
					       .retry_and_idle_policy = &keepalive,
					       .pwsi = &link->wsi};
	struct err err = {0};

	if (link->stopping || link->wsi)
		return;
	link->untrusted = false;
	if (read_token(link, &err)) {
		retry_later(link, err.text);
		return;
	}
	/* When it fails at once, the callback may have told so already. */
	if (!lws_client_connect_via_info(&info) && !uv_is_active((uv_handle_t *)&link->timer)) {
		link->wsi = NULL;
		retry_later(link, "cannot begin to connect");
	}
}

static void on_ping(uv_timer_t *timer)
{
	struct link *link = timer->data;
	struct wire_message ping = {.type = WIRE_PING};

	if (link->open && !link->heard && ++link->unheard_pings == LINK_UNHEARD_PINGS)
		link_make_anew(link, "the farm says nothing to hello");
	else if (link->open)
		link_send(link, &ping);
}

static void on_established(struct link *link)
{
	link->open = true;
	link->heard = false;
	link->unheard_pings = 0;
	log_info("link", "connected to %s:%d", link->host, link->port);
	uv_timer_start(&link->timer, on_ping, LINK_PING_MS, LINK_PING_MS);
	link->events.on_open(link->events.context);
}

/* A farm that does not take this rack is asked ever more rarely, and told of once. */
static void note_refusal(struct link *link, const struct wire_refused *refused)
{
	snprintf(link->refusal, sizeof link->refusal, "the farm does not take this rack: %s is %s, expected %s",
		 refused->field, refused->found, refused->expected);
}

/* One whole message of the farm. Returns nonzero when the connection must go. */
static int take_message(struct link *link)
{
	struct wire_message message;
	struct err err = {0};

	if (wire_decode(buf_text(&link->in), link->in.len, WIRE_DAEMON, &message, &err)) {
		log_error("link", "the farm sent what is no message: %s", err.text);
		return -1;
	}
	buf_reset(&link->in);
	link->heard = true;
	if (message.type == WIRE_REFUSED) {
		note_refusal(link, &message.as.refused);
	} else { /* only a farm that talks is one */
		link->backoff_ms = LINK_BACKOFF_MIN_MS;
		link->last_reason[0] = '\0';
	}
	link->events.on_message(link->events.context, &message);
	wire_message_finish(&message);
	return 0;
}

static int take_frame(struct link *link)
{
	struct tunnel_frame frame;
	struct err err = {0};

	if (tunnel_decode((const uint8_t *)buf_text(&link->in), link->in.len, &frame, &err)) {
		log_error("link", "the farm sent what is no frame: %s", err.text);
		return -1;
	}
	link->events.on_frame(link->events.context, &frame);
	buf_reset(&link->in);
	return 0;
}

static int on_received(struct link *link, struct lws *wsi, const void *data, size_t len)
{
	/* Under traffic both ways libwebsockets may leave a ping unanswered for 10 s. What comes is proof enough: a
	 * farm that hears nothing of us hangs up by itself. */
	lws_validity_confirmed(wsi);
	if (buf_append(&link->in, data, len)) {
		log_error("link", "the farm sent a message of more than %u bytes", WIRE_MAX_BYTES);
		return -1;
	}
	if (lws_is_final_fragment(wsi) && lws_remaining_packet_payload(wsi) == 0)
		return lws_frame_is_binary(wsi) ? take_frame(link) : take_message(link);
	return 0;
}

static int add_headers(struct link *link, struct lws *wsi, unsigned char **at, size_t room)
{
	char value[LINK_TOKEN_MAX + 8];
	int len = snprintf(value, sizeof value, "Bearer %s", link->token);

	return lws_add_http_header_by_token(wsi, WSI_TOKEN_HTTP_AUTHORIZATION, (const unsigned char *)value, len, at,
					    *at + room);
}

static int on_link(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct link *link = lws_get_opaque_user_data(wsi);

	(void)user;
	if (!link)
		return 0;
	switch (reason) {
	case LWS_CALLBACK_OPENSSL_PERFORM_SERVER_CERT_VERIFICATION:
		link->untrusted = len == 0; /* libwebsockets' own judgement, which stands */
		return 0;
	case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
		return add_headers(link, wsi, in, len);
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		on_gone(link, link->untrusted ? "the farm's certificate is not good (see --ca-file)"
			      : in            ? in
					      : "cannot connect");
		return 0;
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		on_established(link);
		return 0;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		return on_received(link, wsi, in, len);
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return link_on_writable(link, wsi);
	case LWS_CALLBACK_CLIENT_CLOSED:
		on_gone(link, "the connection was closed");
		return 0;
	case LWS_CALLBACK_WSI_DESTROY:
		/* A farm that took the connection and did not answer in time: libwebsockets tells only this. */
		if (link->wsi == wsi)
			on_gone(link, "the farm did not answer");
		return 0;
	default:
		return 0;
	}
}

static const struct lws_protocols protocols[] = {
	{.name = WIRE_SUBPROTOCOL, .callback = on_link, .rx_buffer_size = 65536},
	{.name = NULL},
};

static void on_lws_log(int level, const char *line)
{
	log_debug("link", "libwebsockets: %.*s", (int)strcspn(line, "\n"), line);
	(void)level;
}

/* http://host:port or https; the port may be left out. Files come from there too, so no ws or wss. */
static int parse_url(struct link *link, struct err *err)
{
	const char *scheme, *address, *path;
	char url[LINK_HOST_BYTES + 32];

	if ((size_t)snprintf(url, sizeof url, "%s", link->options.url) >= sizeof url || !strstr(url, "://") ||
	    lws_parse_uri(url, &scheme, &address, &link->port, &path) || !address[0])
		return err_set(err, ERR_INVALID, "not the farm's address: \"%s\" (expected http://host:port)",
			       link->options.url);
	if (path[0] && strcmp(path, "/") != 0)
		return err_set(err, ERR_INVALID, "the farm's address has a path: \"%s\" (expected http://host:port)",
			       link->options.url);
	link->tls = strcmp(scheme, "https") == 0;
	if (!link->tls && strcmp(scheme, "http") != 0)
		return err_set(err, ERR_INVALID, "not a way to the farm: \"%s\" (expected http:// or https://)",
			       link->options.url);
	snprintf(link->host, sizeof link->host, "%s", address);
	return 0;
}

static int check_ca_file(const struct link_options *options, struct err *err)
{
	if (!options->ca_file || access(options->ca_file, R_OK) == 0)
		return 0;
	return err_set(err, ERR_INVALID, "cannot read %s: %s", options->ca_file, strerror(errno));
}

static int create_context(struct link *link, struct err *err)
{
	struct lws_context_creation_info info = {.port = CONTEXT_PORT_NO_LISTEN,
						 .options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS,
						 .foreign_loops = link->loops,
						 .protocols = protocols,
						 .pt_serv_buf_size = 65536,
						 .vhost_name = "link",
						 .gid = -1,
						 .uid = -1};

	if (link->tls)
		info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	if (link->options.ca_file) {
		info.options |= LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS;
		info.client_ssl_ca_filepath = link->options.ca_file;
	}
	lws_set_log_level(LLL_ERR | LLL_WARN, on_lws_log);
	info.pcontext = &link->context;
	link->context = lws_create_context(&info);
	if (link->context)
		link->vhost = lws_create_vhost(link->context, &info);
	if (!link->vhost)
		return err_set(err, ERR_IO, "libwebsockets does not start (is libwebsockets-evlib-uv installed?)");
	return 0;
}

int link_create(uv_loop_t *loop, struct spool *spool, const struct link_options *options,
		const struct link_events *events, struct link **ret_link, struct err *err)
{
	struct link *link = calloc(1, sizeof *link);
	int rc;

	if (!link)
		return err_set(err, ERR_NOMEM, "out of memory");
	link->loop = loop;
	link->loops[0] = loop;
	link->spool = spool;
	link->options = *options;
	link->events = *events;
	link->backoff_ms = LINK_BACKOFF_MIN_MS;
	list_init(&link->control);
	list_init(&link->frames);
	buf_init(&link->in, WIRE_MAX_BYTES);
	buf_init(&link->out, WIRE_MAX_BYTES + LWS_PRE);
	uv_timer_init(loop, &link->timer);
	link->timer.data = link;
	rc = parse_url(link, err);
	if (rc == 0)
		rc = check_ca_file(&link->options, err);
	if (rc == 0)
		rc = create_context(link, err);
	if (rc) {
		link_destroy(link);
		return rc;
	}
	*ret_link = link;
	return 0;
}

void link_start(struct link *link)
{
	connect_now(link);
}

bool link_is_open(const struct link *link)
{
	return link->open;
}

static void on_timer_closed(uv_handle_t *handle)
{
	struct link *link = handle->data;

	link->timer_closed = true;
}

void link_destroy(struct link *link)
{
	if (!link)
		return;
	link->stopping = true;
	uv_close((uv_handle_t *)&link->timer, on_timer_closed);
	if (link->context)
		lws_context_destroy(link->context);
	while (!link->timer_closed)
		uv_run(link->loop, UV_RUN_ONCE);
	/* The library's handles close in turns of the loop; only then does a second call free the rest. */
	for (int turns = 0; link->context && turns < DESTROY_TURNS; turns++)
		uv_run(link->loop, UV_RUN_NOWAIT);
	if (link->context)
		lws_context_destroy(link->context);
	link_drop_control(link);
	buf_finish(&link->in);
	buf_finish(&link->out);
	sodium_memzero(link->token, sizeof link->token);
	free(link);
}

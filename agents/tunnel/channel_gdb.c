/* SPDX-License-Identifier: Apache-2.0 */
/* A channel's connection to a gdb server on this host. It may outlive its channel, until libuv lets go of it.
 *
 * Happy path: gdb_create -> the first bytes that gdb sends: connected -> what it sends is filtered and written, what
 * the server answers is read as far as there is credit -> gdb_close. Not before the first bytes, since OpenOCD does
 * nothing else while it waits for those of a new connection. Ways it fails: it cannot connect -> CLOSE(lost); the
 * server closes -> CLOSE(done); it breaks -> CLOSE(lost). */
#include <stdlib.h>
#include <string.h>

#include "agents/tunnel/private.h"

struct gdb {
	uv_tcp_t tcp;
	uv_connect_t connect;
	struct channel *channel; /* NULL: it is closing */
	struct gdb_filter filter;
	uint16_t port;
	bool begun, connected, reading;
	uint8_t data[TUNNEL_MAX_DATA];
};

/* Bytes on their way to the server. */
struct gdb_write {
	uv_write_t request;
	struct gdb *gdb;
	size_t came; /* of what the channel was sent, they are so much */
	char data[];
};

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void gdb_close(struct gdb *gdb)
{
	if (!gdb || !gdb->channel)
		return;
	gdb->channel = NULL;
	uv_close((uv_handle_t *)&gdb->tcp, on_closed);
}

/* No more is read than may be sent. */
static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct gdb *gdb = handle->data;
	size_t room = gdb->channel ? gdb->channel->credit.may_send : 0;

	(void)suggested;
	*buf = uv_buf_init((char *)gdb->data, (unsigned)(room < sizeof gdb->data ? room : sizeof gdb->data));
}

static void stop_reading(struct gdb *gdb)
{
	gdb->reading = false;
	uv_read_stop((uv_stream_t *)&gdb->tcp);
}

static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *buf)
{
	struct gdb *gdb = stream->data;
	struct channel *channel = gdb->channel;

	if (!channel || got == 0)
		return;
	if (got < 0) {
		channel_close(channel, got == UV_EOF ? TUNNEL_DONE : TUNNEL_LOST,
			      got == UV_EOF ? "the gdb server closed the connection" : uv_strerror((int)got));
		return;
	}
	(void)tunnel_credit_sent(&channel->credit, (size_t)got);
	channel_send_data(channel, (const uint8_t *)buf->base, (size_t)got);
	if (channel->credit.may_send == 0)
		stop_reading(gdb);
}

void gdb_credit(struct gdb *gdb)
{
	if (gdb->reading || !gdb->connected || gdb->channel->credit.may_send == 0)
		return;
	gdb->reading = true;
	uv_read_start((uv_stream_t *)&gdb->tcp, on_alloc, on_read);
}

static void on_connected(uv_connect_t *connect, int status)
{
	struct gdb *gdb = connect->data;

	if (!gdb->channel)
		return;
	if (status < 0) {
		channel_close(gdb->channel, TUNNEL_LOST, "the gdb server does not answer");
		return;
	}
	uv_tcp_nodelay(&gdb->tcp, 1);
	gdb->connected = true;
	gdb_credit(gdb);
}

int gdb_create(struct channel *channel, uint16_t port, struct err *err)
{
	struct gdb *gdb = calloc(1, sizeof *gdb);

	if (!gdb)
		return err_set(err, ERR_NOMEM, "out of memory");
	uv_tcp_init(channel->tunnels->loop, &gdb->tcp);
	gdb->tcp.data = gdb->connect.data = gdb;
	gdb->channel = channel;
	gdb->port = port;
	channel->gdb = gdb;
	return 0;
}

/* What is written before it is connected waits for that. */
static int begin(struct gdb *gdb, struct err *err)
{
	struct sockaddr_in address;

	if (gdb->begun)
		return 0;
	gdb->begun = true;
	uv_ip4_addr("127.0.0.1", gdb->port, &address);
	if (uv_tcp_connect(&gdb->connect, &gdb->tcp, (const struct sockaddr *)&address, on_connected))
		return err_set(err, ERR_UNREACHABLE, "cannot connect to the gdb server");
	return 0;
}

static void on_written(uv_write_t *request, int status)
{
	struct gdb_write *write = request->data;

	/* A connection that broke is told by its reading side. */
	if (write->gdb->channel && status == 0)
		channel_spent(write->gdb->channel, write->came);
	free(write);
}

static int write_on(struct gdb *gdb, const struct buf *pass, size_t came, struct err *err)
{
	struct gdb_write *write;
	uv_buf_t buf;

	if (pass->len == 0) {
		channel_spent(gdb->channel, came);
		return 0;
	}
	if (begin(gdb, err))
		return (int)err->code;
	write = malloc(sizeof *write + pass->len);
	if (!write)
		return err_set(err, ERR_NOMEM, "out of memory");
	write->request.data = write;
	write->gdb = gdb;
	write->came = came;
	memcpy(write->data, pass->data, pass->len);
	buf = uv_buf_init(write->data, (unsigned)pass->len);
	if (uv_write(&write->request, (uv_stream_t *)&gdb->tcp, &buf, 1, on_written)) {
		free(write);
		return err_set(err, ERR_CLOSED, "the gdb server is gone");
	}
	return 0;
}

/* What gdb is answered in the server's place. */
static int reply_to(struct gdb *gdb, const struct buf *reply, struct err *err)
{
	if (reply->len == 0)
		return 0;
	if (tunnel_credit_sent(&gdb->channel->credit, reply->len))
		return err_set(err, ERR_BUSY, "too many monitor commands at once");
	channel_send_data(gdb->channel, (const uint8_t *)reply->data, reply->len);
	if (gdb->reading && gdb->channel->credit.may_send == 0)
		stop_reading(gdb);
	return 0;
}

int gdb_data(struct gdb *gdb, const uint8_t *data, size_t size_bytes, struct err *err)
{
	struct buf pass, reply;
	int rc;

	buf_init(&pass, TUNNEL_MAX_DATA + sizeof gdb->filter.held);
	buf_init(&reply, TUNNEL_MAX_DATA);
	rc = gdb_filter_feed(&gdb->filter, data, size_bytes, &pass, &reply, err);
	if (rc && err && !err->code)
		err_set(err, (enum err_code)rc, "too many monitor commands at once");
	if (rc == 0)
		rc = write_on(gdb, &pass, size_bytes, err);
	if (rc == 0)
		rc = reply_to(gdb, &reply, err);
	buf_finish(&pass);
	buf_finish(&reply);
	return rc;
}

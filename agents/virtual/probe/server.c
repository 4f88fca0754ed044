/* SPDX-License-Identifier: Apache-2.0 */
/* Connections of debuggers: bytes in, requests served one after the other, answers out.
 *
 * A connection ends when the peer closes, when it makes no sense, or when its answers pile up unread. */
#include "agents/virtual/probe/server.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/base/mem.h"

#include "agents/virtual/tcp.h"

enum { CLIENT_IN_MAX = 64 * 1024, CLIENT_OUT_MAX = 256 * 1024 };

struct probe_client {
	struct list link;
	struct probe_server *server;
	uv_poll_t poll;
	int fd;
	struct buf in, out;
	bool waits; /* for room to send */
	bool stuck;
};

static void on_client_closed(uv_handle_t *handle)
{
	struct probe_client *client = handle->data;
	buf_finish(&client->in);
	buf_finish(&client->out);
	free(client);
}

static void client_close(struct probe_client *client)
{
	if (client->fd < 0)
		return;
	list_remove(&client->link);
	client->server->client_count--;
	uv_poll_stop(&client->poll);
	close(client->fd);
	client->fd = -1;
	uv_close((uv_handle_t *)&client->poll, on_client_closed);
}

/* False when the connection is done for. */
static bool client_send(struct probe_client *client)
{
	while (client->out.len) {
		ssize_t n = send(client->fd, client->out.data, client->out.len, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n > 0)
			buf_consume(&client->out, (size_t)n);
		else if (n < 0 && errno == EINTR)
			continue;
		else
			return n < 0 && errno == EAGAIN;
	}
	return true;
}

static bool client_receive(struct probe_client *client)
{
	char *room = buf_reserve(&client->in, 16384);
	if (!room)
		return false;
	ssize_t n = recv(client->fd, room, 16384, MSG_DONTWAIT);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		return false;
	client->in.len += n > 0 ? (size_t)n : 0;
	*client->server->stuck = client->stuck;
	int failed = stlink_serve(client->server->stlink, &client->in, &client->out);
	*client->server->stuck = false;
	if (failed)
		log_warn("probe", "closing a connection: %s", err_name((enum err_code)failed));
	return !failed;
}

static void on_client_event(uv_poll_t *poll, int status, int events)
{
	struct probe_client *client = poll->data;
	struct probe_server *server = client->server;
	bool ok = status >= 0;
	if (ok && events & UV_READABLE)
		ok = client_receive(client);
	if (ok)
		ok = client_send(client);
	if (!ok) {
		client_close(client);
	} else if (client->waits != (client->out.len > 0)) {
		client->waits = client->out.len > 0;
		uv_poll_start(&client->poll, UV_READABLE | (client->waits ? UV_WRITABLE : 0), on_client_event);
	}
	server->on_served(server->context);
}

static void on_connection(uv_poll_t *poll, int status, int events)
{
	struct probe_server *server = poll->data;
	(void)status;
	(void)events;
	int fd = accept4(server->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK), one = 1;
	if (fd < 0)
		return;
	if (server->client_count >= PROBE_CLIENTS_MAX) {
		close(fd);
		return;
	}
	struct probe_client *client = mem_alloc(sizeof *client);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	client->server = server;
	client->fd = fd;
	buf_init(&client->in, CLIENT_IN_MAX);
	buf_init(&client->out, CLIENT_OUT_MAX);
	if (uv_poll_init(server->loop, &client->poll, fd)) {
		close(fd);
		free(client);
		return;
	}
	client->poll.data = client;
	list_append(&server->clients, &client->link);
	server->client_count++;
	uv_poll_start(&client->poll, UV_READABLE, on_client_event);
}

int probe_server_init(struct probe_server *server, uv_loop_t *loop, struct stlink *stlink, unsigned port,
		      struct err *err)
{
	server->loop = loop;
	server->stlink = stlink;
	server->port = port;
	server->client_count = 0;
	server->listen_fd = -1;
	list_init(&server->clients);
	int failed = tcp_listen(&server->listen_fd, &server->port, err);
	if (failed)
		return failed;
	uv_poll_init(loop, &server->listener, server->listen_fd);
	server->listener.data = server;
	uv_poll_start(&server->listener, UV_READABLE, on_connection);
	return 0;
}

void probe_server_stick(struct probe_server *server)
{
	list_for_each (link, &server->clients)
		list_container(link, struct probe_client, link)->stuck = true;
}

void probe_server_reset(struct probe_server *server)
{
	list_for_each_safe (link, &server->clients)
		client_close(list_container(link, struct probe_client, link));
}

void probe_server_finish(struct probe_server *server)
{
	if (server->listen_fd < 0)
		return;
	probe_server_reset(server);
	uv_poll_stop(&server->listener);
	uv_close((uv_handle_t *)&server->listener, NULL);
	close(server->listen_fd);
	server->listen_fd = -1;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors on libwebsockets' poll loop, as raw files: it says when, we read and write. */
#include "daemon/cli/lease_port.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libwebsockets.h>

#define PROTOCOL "local"

struct lease_port {
	struct lws *wsi;
	int fd;
	struct lease_port_events events;
	bool closing;
};

static int on_local(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct lease_port *port = user ? *(struct lease_port **)user : NULL;

	(void)wsi;
	(void)in;
	(void)len;
	if (!port)
		return 0;
	switch (reason) {
	case LWS_CALLBACK_RAW_RX_FILE:
		if (!port->closing)
			port->events.on_readable(port->events.context);
		return 0;
	case LWS_CALLBACK_RAW_WRITEABLE_FILE:
		if (!port->closing)
			port->events.on_writable(port->events.context);
		return 0;
	case LWS_CALLBACK_RAW_CLOSE_FILE:
		*(struct lease_port **)user = NULL;
		port->events.on_closed(port->events.context);
		free(port);
		return 0;
	default:
		return 0;
	}
}

struct lws_protocols lease_port_protocol(void)
{
	return (struct lws_protocols){
		.name = PROTOCOL, .callback = on_local, .per_session_data_size = sizeof(struct lease_port *)};
}

struct lease_port *lease_port_create(struct lws_vhost *vhost, int fd, const struct lease_port_events *events)
{
	struct lease_port *port = calloc(1, sizeof *port);
	lws_sock_file_fd_type descriptor = {.filefd = fd};

	if (port)
		port->wsi = lws_adopt_descriptor_vhost(vhost, LWS_ADOPT_RAW_FILE_DESC, descriptor, PROTOCOL, NULL);
	if (!port || !port->wsi) {
		if (!port)
			close(fd); /* libwebsockets closes what it could not adopt */
		free(port);
		return NULL;
	}
	port->fd = fd;
	port->events = *events;
	*(struct lease_port **)lws_wsi_user(port->wsi) = port;
	return port;
}

int lease_port_fd(const struct lease_port *port)
{
	return port->fd;
}

void lease_port_read(struct lease_port *port, bool on)
{
	lws_rx_flow_control(port->wsi, on ? 1 : 0);
}

void lease_port_wish_write(struct lease_port *port)
{
	lws_callback_on_writable(port->wsi);
}

void lease_port_close(struct lease_port *port)
{
	if (!port || port->closing)
		return;
	port->closing = true;
	(void)shutdown(port->fd, SHUT_RDWR); /* a debugger hears of it at once; no socket: nothing happens */
	lws_set_timeout(port->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
}

int lease_port_listen(uint16_t wanted, int *ret_fd, uint16_t *ret_port, struct err *err)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_port = htons(wanted), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;

	if (fd < 0)
		return err_set_errno(err, errno, "cannot make a socket");
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, 8) ||
	    getsockname(fd, (struct sockaddr *)&address, &size)) {
		int code = err_set_errno(err, errno, "cannot listen at 127.0.0.1:%u", wanted);

		close(fd);
		return code;
	}
	*ret_fd = fd;
	*ret_port = ntohs(address.sin_port);
	return 0;
}

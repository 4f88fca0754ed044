/* SPDX-License-Identifier: Apache-2.0 */
/* Channels of a tunnel, and what they lead to on this machine. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/cli/lease_private.h"

/* One channel. What is typed has no descriptor and outlives the connection; others end with it. */
struct channel {
	struct list link;
	struct lease_tunnel *tunnel;
	enum tunnel_service service;
	uint32_t number; /* 0: not open at the daemon */
	bool opened;     /* the board's side has answered */
	struct tunnel_credit credit;
	struct lease_port *port; /* NULL: what is typed */
	struct buf to_local;     /* waits for the descriptor to take it */
	struct buf to_board;     /* waits for credit; of what is typed */
};

/* A socket that accepts, or a descriptor that is watched for somebody else. */
struct watch {
	struct list link; /* never in a list: freed when its descriptor is gone */
	struct lease_tunnel *tunnel;
	enum tunnel_service service;
	struct lease_port *port;
	bool (*on_readable)(void *context, int fd);
	void *context;
};

static void channel_free(struct channel *channel)
{
	if (channel->tunnel->typed == channel)
		channel->tunnel->typed = NULL;
	list_remove(&channel->link);
	buf_finish(&channel->to_local);
	buf_finish(&channel->to_board);
	free(channel);
}

static void open_channel(struct channel *channel)
{
	struct tunnel_frame open = {.kind = TUNNEL_OPEN, .service = channel->service, .credit = TUNNEL_WINDOW};

	if (!channel->tunnel->up)
		return;
	channel->number = open.channel = ++channel->tunnel->last_channel;
	channel->opened = false;
	channel->credit = (struct tunnel_credit){.may_come = TUNNEL_WINDOW};
	tunnel_send(channel->tunnel, &open);
}

static void tell_close(struct channel *channel)
{
	struct tunnel_frame close = {.kind = TUNNEL_CLOSE, .channel = channel->number, .end = TUNNEL_DONE};

	if (channel->number)
		tunnel_send(channel->tunnel, &close);
	channel->number = 0;
}

static struct channel *channel_create(struct lease_tunnel *tunnel, enum tunnel_service service)
{
	struct channel *channel = calloc(1, sizeof *channel);

	if (!channel)
		return NULL;
	channel->tunnel = tunnel;
	channel->service = service;
	buf_init(&channel->to_local, CHANNEL_MAX_WAITING);
	buf_init(&channel->to_board, 64u << 10);
	list_append(&tunnel->channels, &channel->link);
	return channel;
}

/* --- towards the board --- */

static void send_data(struct channel *channel, const uint8_t *data, size_t size_bytes)
{
	struct tunnel_frame frame = {
		.kind = TUNNEL_DATA, .channel = channel->number, .data = data, .size_bytes = size_bytes};

	(void)tunnel_credit_sent(&channel->credit, size_bytes);
	tunnel_send(channel->tunnel, &frame);
}

static size_t may_send(const struct channel *channel)
{
	size_t room = channel->opened ? channel->credit.may_send : 0;

	return room < TUNNEL_MAX_DATA ? room : TUNNEL_MAX_DATA;
}

static void read_typed(struct lease_tunnel *tunnel)
{
	if (tunnel->typing)
		lease_port_read(tunnel->typing->port, true);
	tunnel->typing = NULL;
}

static void send_waiting(struct channel *channel)
{
	size_t size;

	while (channel->to_board.len && (size = may_send(channel)) > 0) {
		size = size < channel->to_board.len ? size : channel->to_board.len;
		send_data(channel, (const uint8_t *)channel->to_board.data, size);
		buf_consume(&channel->to_board, size);
	}
	if (channel == channel->tunnel->typed && channel->to_board.len < TYPED_MAX_WAITING)
		read_typed(channel->tunnel);
}

static void on_readable(void *context)
{
	struct channel *channel = context;
	uint8_t data[TUNNEL_MAX_DATA];
	size_t room = may_send(channel);
	ssize_t got;

	if (!room) {
		lease_port_read(channel->port, false);
		return;
	}
	got = read(lease_port_fd(channel->port), data, room);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got > 0) {
		send_data(channel, data, (size_t)got);
		return;
	}
	tell_close(channel);
	lease_port_close(channel->port);
}

void lease_tunnel_type(struct lease_tunnel *tunnel, const uint8_t *data, size_t size_bytes)
{
	if (!tunnel->typed) {
		tunnel->typed = channel_create(tunnel, TUNNEL_TO_CONSOLE);
		if (!tunnel->typed)
			return;
	}
	if (!tunnel->typed->number)
		open_channel(tunnel->typed);
	(void)buf_append(&tunnel->typed->to_board, data, size_bytes);
	send_waiting(tunnel->typed);
}

/* --- towards this machine --- */

static void on_writable(void *context)
{
	struct channel *channel = context;
	struct tunnel_frame credit = {.kind = TUNNEL_CREDIT, .channel = channel->number};
	ssize_t put;

	if (!channel->to_local.len)
		return;
	put = write(lease_port_fd(channel->port), channel->to_local.data, channel->to_local.len);
	if (put < 0 && errno != EAGAIN && errno != EINTR) {
		tell_close(channel);
		lease_port_close(channel->port);
		return;
	}
	if (put > 0) {
		buf_consume(&channel->to_local, (size_t)put);
		credit.credit = channel->number ? tunnel_credit_spent(&channel->credit, (size_t)put) : 0;
		if (credit.credit && channel->service != TUNNEL_TO_CONSOLE)
			tunnel_send(channel->tunnel, &credit);
	}
	if (channel->to_local.len)
		lease_port_wish_write(channel->port);
	else if (!channel->number)
		lease_port_close(channel->port); /* closed by the board's side: all it said has been handed over */
}

static void on_closed(void *context)
{
	struct channel *channel = context;

	tell_close(channel);
	channel_free(channel);
}

static void hand_over(struct channel *channel, const uint8_t *data, size_t size_bytes)
{
	if (!channel->port || buf_append(&channel->to_local, data, size_bytes))
		return;
	lease_port_wish_write(channel->port);
}

void lease_tunnel_print(struct lease_tunnel *tunnel, const uint8_t *data, size_t size_bytes)
{
	list_for_each (link, &tunnel->channels) {
		struct channel *channel = list_container(link, struct channel, link);

		if (channel->service == TUNNEL_TO_CONSOLE)
			hand_over(channel, data, size_bytes);
	}
}

/* --- frames --- */

static void end_channel(struct channel *channel, const struct tunnel_frame *frame)
{
	struct lease_tunnel *tunnel = channel->tunnel;
	char text[TUNNEL_MAX_TEXT + 1] = "";

	if (frame->size_bytes)
		memcpy(text, frame->data, frame->size_bytes < TUNNEL_MAX_TEXT ? frame->size_bytes : TUNNEL_MAX_TEXT);
	channel->number = 0;
	channel->opened = false;
	if (channel == tunnel->typed && tunnel->typing) {
		buf_reset(&channel->to_board); /* the board does not take it, and nobody else may have it later */
		read_typed(tunnel);
	}
	if (channel->port && channel->to_local.len)
		lease_port_wish_write(channel->port);
	else
		lease_port_close(channel->port);
	tunnel->events.on_channel_end(tunnel->events.context, channel->service, frame->end, text);
}

void channel_frame(struct lease_tunnel *tunnel, const struct tunnel_frame *frame)
{
	struct channel *channel = NULL;

	list_for_each (link, &tunnel->channels) {
		if (list_container(link, struct channel, link)->number == frame->channel)
			channel = list_container(link, struct channel, link);
	}
	if (!channel || !frame->channel)
		return;
	switch (frame->kind) {
	case TUNNEL_OPENED:
		channel->opened = true;
		__attribute__((fallthrough));
	case TUNNEL_CREDIT:
		(void)tunnel_credit_given(&channel->credit, frame->credit);
		send_waiting(channel);
		if (channel->port)
			lease_port_read(channel->port, true);
		break;
	case TUNNEL_DATA:
		(void)tunnel_credit_came(&channel->credit, frame->size_bytes);
		hand_over(channel, frame->data, frame->size_bytes);
		break;
	case TUNNEL_CLOSE:
		end_channel(channel, frame);
		break;
	case TUNNEL_OPEN:
		break;
	}
}

void channels_lost(struct lease_tunnel *tunnel)
{
	list_for_each (link, &tunnel->channels) {
		struct channel *channel = list_container(link, struct channel, link);

		channel->number = 0;
		channel->opened = false;
		lease_port_close(channel->port);
	}
}

void channels_resume(struct lease_tunnel *tunnel)
{
	if (tunnel->typed && tunnel->typed->to_board.len)
		open_channel(tunnel->typed);
}

void channels_destroy(struct lease_tunnel *tunnel)
{
	list_for_each_safe (link, &tunnel->channels)
		channel_free(list_container(link, struct channel, link));
}

/* --- what is accepted and watched --- */

static void on_accept(void *context)
{
	struct watch *watch = context;
	int fd = accept4(lease_port_fd(watch->port), NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct channel *channel = fd < 0 ? NULL : channel_create(watch->tunnel, watch->service);
	struct lease_port_events events = {
		.context = channel, .on_readable = on_readable, .on_writable = on_writable, .on_closed = on_closed};

	if (!channel) {
		if (fd >= 0)
			close(fd);
		return;
	}
	channel->port = lease_port_create(watch->tunnel->vhost, fd, &events);
	if (!channel->port) {
		channel_free(channel);
		return;
	}
	open_channel(channel);
	if (!channel->number)
		lease_port_close(channel->port); /* the daemon is away */
}

static void on_watched(void *context)
{
	struct watch *watch = context;
	struct lease_tunnel *tunnel = watch->tunnel;

	if (!watch->on_readable(watch->context, lease_port_fd(watch->port))) {
		lease_port_read(watch->port, false);
	} else if (tunnel->typed && tunnel->typed->to_board.len >= TYPED_MAX_WAITING) {
		tunnel->typing = watch;
		lease_port_read(watch->port, false);
	}
}

static void on_nothing(void *context)
{
	(void)context;
}

static void on_watch_closed(void *context)
{
	struct watch *watch = context;

	if (watch->tunnel->typing == watch)
		watch->tunnel->typing = NULL;
	free(watch);
}

static int watch_create(struct lease_tunnel *tunnel, int fd, void (*on_ready)(void *context), struct watch *made)
{
	struct lease_port_events events = {
		.on_readable = on_ready, .on_writable = on_nothing, .on_closed = on_watch_closed};
	struct watch *watch = malloc(sizeof *watch);

	if (!watch) {
		close(fd);
		return ERR_NOMEM;
	}
	*watch = *made;
	watch->tunnel = tunnel;
	events.context = watch;
	watch->port = lease_port_create(tunnel->vhost, fd, &events);
	if (watch->port)
		return 0;
	free(watch);
	return ERR_IO;
}

int lease_tunnel_listen(struct lease_tunnel *tunnel, enum tunnel_service service, uint16_t wanted, uint16_t *ret_port,
			struct err *err)
{
	int fd, code = lease_port_listen(wanted, &fd, ret_port, err);

	if (!code && watch_create(tunnel, fd, on_accept, &(struct watch){.service = service}))
		code = err_set(err, ERR_IO, "cannot watch the port %u", *ret_port);
	return code;
}

int lease_tunnel_watch(struct lease_tunnel *tunnel, int fd, bool (*on_bytes)(void *context, int fd), void *context)
{
	return watch_create(tunnel, fd, on_watched, &(struct watch){.on_readable = on_bytes, .context = context});
}

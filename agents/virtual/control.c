/* SPDX-License-Identifier: Apache-2.0 */
/* Control connections on a unix socket; requests are executed in the order they come. */
#include "agents/virtual/control.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/mem.h"

enum { CONTROL_ANSWER_MAX = 64 * 1024 };

struct control_client {
	struct list link;
	struct control *control;
	uv_poll_t poll;
	int fd;
	struct buf in, out;
};

static void on_client_closed(uv_handle_t *handle)
{
	struct control_client *client = handle->data;
	buf_finish(&client->in);
	buf_finish(&client->out);
	free(client);
}

static void client_close(struct control_client *client)
{
	list_remove(&client->link);
	client->control->client_count--;
	uv_poll_stop(&client->poll);
	close(client->fd);
	uv_close((uv_handle_t *)&client->poll, on_client_closed);
}

static bool client_answer(struct control_client *client, const char *request)
{
	json_t *answer = client->control->on_request(client->control->context, request);
	char *text = answer ? json_dumps(answer, JSON_COMPACT) : NULL;
	bool ok = text && !buf_append_text(&client->out, text) && !buf_append(&client->out, "\n", 1);
	free(text);
	json_decref(answer);
	return ok;
}

static bool client_receive(struct control_client *client)
{
	char *room = buf_reserve(&client->in, 512), *end;
	if (!room)
		return false;
	ssize_t n = recv(client->fd, room, 512, MSG_DONTWAIT);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		return false;
	client->in.len += n > 0 ? (size_t)n : 0;
	while (client->in.len && (end = memchr(client->in.data, '\n', client->in.len))) {
		size_t len = (size_t)(end - client->in.data);
		*end = 0;
		if (len && end[-1] == '\r')
			end[-1] = 0;
		if (!client_answer(client, client->in.data))
			return false;
		buf_consume(&client->in, len + 1);
	}
	return client->in.len < CONTROL_LINE_MAX;
}

static void on_client_event(uv_poll_t *poll, int status, int events)
{
	struct control_client *client = poll->data;
	bool ok = status >= 0 && (!(events & UV_READABLE) || client_receive(client));
	while (ok && client->out.len) {
		ssize_t n = send(client->fd, client->out.data, client->out.len, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n > 0)
			buf_consume(&client->out, (size_t)n);
		else if (n < 0 && errno == EAGAIN)
			break;
		else
			ok = n < 0 && errno == EINTR;
	}
	if (ok)
		uv_poll_start(&client->poll, UV_READABLE | (client->out.len ? UV_WRITABLE : 0), on_client_event);
	else
		client_close(client);
}

static void on_connection(uv_poll_t *poll, int status, int events)
{
	struct control *control = poll->data;
	(void)status;
	(void)events;
	int fd = accept4(control->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return;
	struct control_client *client = mem_alloc(sizeof *client);
	if (control->client_count >= CONTROL_CLIENTS_MAX || uv_poll_init(control->loop, &client->poll, fd)) {
		close(fd);
		free(client);
		return;
	}
	client->control = control;
	client->fd = fd;
	client->poll.data = client;
	buf_init(&client->in, CONTROL_LINE_MAX + 512);
	buf_init(&client->out, CONTROL_ANSWER_MAX);
	list_append(&control->clients, &client->link);
	control->client_count++;
	uv_poll_start(&client->poll, UV_READABLE, on_client_event);
}

/* A socket's name has 107 bytes at most, a directory's 4095: the socket is bound by way of the directory's descriptor.
 */
static int control_listen(struct control *control, const char *dir, const char *name, struct err *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int dir_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), failed = 0;
	if (dir_fd >= 0) {
		snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s", dir_fd, name);
		unlinkat(dir_fd, name, 0);
	}
	if (dir_fd < 0 || fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, 8))
		failed = err_set_errno(err, errno, "cannot listen on %s/%s", dir, name);
	else
		control->listen_fd = fd;
	if (failed && fd >= 0)
		close(fd);
	if (dir_fd >= 0)
		close(dir_fd);
	return failed;
}

int control_init(struct control *control, uv_loop_t *loop, const char *dir, const char *name, struct err *err)
{
	list_init(&control->clients);
	control->loop = loop;
	control->client_count = 0;
	control->listen_fd = -1;
	int failed = control_listen(control, dir, name, err);
	if (failed)
		return failed;
	uv_poll_init(loop, &control->listener, control->listen_fd);
	control->listener.data = control;
	uv_poll_start(&control->listener, UV_READABLE, on_connection);
	return 0;
}

void control_finish(struct control *control)
{
	if (control->listen_fd < 0)
		return;
	list_for_each_safe (link, &control->clients)
		client_close(list_container(link, struct control_client, link));
	uv_poll_stop(&control->listener);
	uv_close((uv_handle_t *)&control->listener, NULL);
	close(control->listen_fd);
	control->listen_fd = -1;
}

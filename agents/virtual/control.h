/* SPDX-License-Identifier: Apache-2.0 */
/* The control socket: one request line, one JSON line in answer. */
#ifndef ASSAY_VIRTUAL_CONTROL_H
#define ASSAY_VIRTUAL_CONTROL_H

#include <uv.h>

#include <jansson.h>

#include "core/base/err.h"
#include "core/base/list.h"

enum { CONTROL_CLIENTS_MAX = 16, CONTROL_LINE_MAX = 1024 };

struct control {
	uv_loop_t *loop;
	uv_poll_t listener;
	int listen_fd; /* -1: not listening */
	struct list clients;
	unsigned client_count;
	/* Executes one request; returns the answer, which is freed here. */
	json_t *(*on_request)(void *context, const char *request);
	void *context;
};

/* Listens on dir/name, which may be longer than a socket's name can be; name is short. Replaces a socket that an
 * earlier process left there. */
int control_init(struct control *control, uv_loop_t *loop, const char *dir, const char *name, struct err *err);
void control_finish(struct control *control);

#endif

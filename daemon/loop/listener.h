/* SPDX-License-Identifier: Apache-2.0 */
/* The listening socket: accepts, waits for a connection's first bytes and lets the owner decide by them who serves it.
 * The bytes are only looked at, never taken, so any server can adopt the socket. */
#ifndef ASSAY_LOOP_LISTENER_H
#define ASSAY_LOOP_LISTENER_H

#include <stddef.h>

#include "core/base/err.h"
#include "daemon/loop/loop.h"

#define LISTENER_PEEK_BYTES   8192 /* as many first bytes are shown at most */
#define LISTENER_MAX_PENDING  512  /* connections that have not said enough yet; the oldest is dropped beyond */
#define LISTENER_MAX_OF_ONE   256  /* of them from one address; its oldest is dropped beyond */
#define LISTENER_FIRST_WAIT_S 10   /* and each is dropped after this long */

/* Looks at the first len bytes of a connection. Returns true when it took the socket (non-blocking, TCP_NODELAY, now
 * its own), false to be asked again with more bytes; with len == LISTENER_PEEK_BYTES it must take it. */
typedef bool (*on_socket_fn)(void *context, int fd, const char *head, size_t len);

struct listener;

/* Listens on host (a numeric IPv4 or IPv6 address, or a name) and port (0: a free one). ERR_EXISTS: the port is in
 * use; ERR_INVALID: no such address; ERR_DENIED; ERR_IO. */
int listener_create(struct loop *loop, const char *host, int port, on_socket_fn on_socket, void *context,
		    struct listener **ret_listener, struct err *err);
/* The address listened on, as "127.0.0.1:7180" or "[::1]:7180". */
const char *listener_address(const struct listener *listener);
/* Stops listening and drops what is pending. Accepts NULL. Memory is freed by later turns of the loop. */
void listener_destroy(struct listener *listener);

/* Splits "host:port" or "[v6]:port". Returns 0 or ERR_INVALID with what was wrong. */
int listener_parse_address(const char *text, char *ret_host, size_t host_size, int *ret_port, struct err *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Listening on the loopback interface. */
#ifndef ASSAY_VIRTUAL_TCP_H
#define ASSAY_VIRTUAL_TCP_H

#include "core/base/err.h"

/* *port 0 takes any free one; the port taken is stored there. *ret_fd is non-blocking and the caller's. */
int tcp_listen(int *ret_fd, unsigned *port, struct err *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Opens a serial line raw. Private to the console. */
#ifndef ASSAY_AGENTS_DRIVER_CONSOLE_SERIAL_H
#define ASSAY_AGENTS_DRIVER_CONSOLE_SERIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/err.h"

/* Opens device non-blocking, exclusive, raw 8N1 at baud (0: left as it is, for a pty). What had arrived before is
 * dropped. ERR_NOT_FOUND when there is no such device (yet). */
int serial_open(const char *device, uint32_t baud, int *ret_fd, struct err *err);
void serial_close(int fd);
bool serial_baud_known(uint32_t baud);

#endif

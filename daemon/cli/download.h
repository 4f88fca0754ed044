/* SPDX-License-Identifier: Apache-2.0 */
/* Fetching an answer into a file. */
#ifndef ASSAY_CLI_DOWNLOAD_H
#define ASSAY_CLI_DOWNLOAD_H

#include "core/base/err.h"
#include "daemon/cli/client.h"

/* "-": to standard output. A regular file is there whole or not at all; a device or a pipe is written into. Errors as
 * client_download has them. */
int download_file(struct client *client, const char *path, const char *file, struct err *err);

#endif

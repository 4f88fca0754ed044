/* SPDX-License-Identifier: Apache-2.0 */
/* A rack file of what was found. */
#ifndef ASSAY_AGENTS_SCAN_WRITE_H
#define ASSAY_AGENTS_SCAN_WRITE_H

#include "agents/scan/usb.h"
#include "core/base/buf.h"

/* As a rack file may have. */
#define SCAN_NAME_MAX   40
#define SCAN_MAX_BOARDS 64

struct scan_options {
	const char *rack; /* its name */
	const char *types_dir;
	bool asks; /* OpenOCD asks each probe what it sees */
};

/* Writes the file's text; what it cannot tell it says in comments. How many boards there are. */
size_t scan_write(const struct usb_tree *tree, const struct scan_options *options, struct buf *ret_text);

#endif

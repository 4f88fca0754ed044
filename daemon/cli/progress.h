/* SPDX-License-Identifier: Apache-2.0 */
/* A job under way as a block of lines that is painted over and over on a terminal: one line a run, with its step, a
 * bar, its cases and its time. */
#ifndef ASSAY_CLI_PROGRESS_H
#define ASSAY_CLI_PROGRESS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/base/buf.h"
#include "daemon/cli/follow.h"
#include "daemon/cli/style.h"

/* Forward steps of a run that went well: what a full bar stands for. */
#define PROGRESS_STEPS 11

/* Appends the block, each line ended by "\n" and no wider than style->columns, at most max_lines of them: open runs
 * first to be kept when there are too many. Returns how many lines there are. */
size_t progress_render(const struct follow *follow, const struct style *style, size_t max_lines, int64_t now_us,
		       struct buf *out);

/* Where the block stands on a terminal. Zero-initialised: nowhere yet. */
struct painter {
	size_t lines;
};

/* Paints the block over the last one. notice (NULL: none) is one line put above the block, to stay. */
void painter_paint(struct painter *painter, const struct follow *follow, const struct style *style, int64_t now_us,
		   const char *notice, FILE *out);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Has every night that ended summed up, one after the other, in a thread of the store. */
#ifndef ASSAY_SUMMARY_SUMMARISE_H
#define ASSAY_SUMMARY_SUMMARISE_H

#include "core/farm/archive.h"
#include "core/farm/nights.h"

/* In the caller's memory. Nothing to finish: an answer that comes when it is no longer wanted is told so by closing. */
struct summariser {
	struct farm *farm;
	const struct archive *archive;
	bool busy, closing;
	int64_t night; /* that is being summed up */
};

void summariser_init(struct summariser *summariser, struct farm *farm, const struct archive *archive);
/* A night may have ended. Also after a start. */
void summariser_look(struct summariser *summariser);

#endif

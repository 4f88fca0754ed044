/* SPDX-License-Identifier: Apache-2.0 */
/* What of a batch of changes need not be written, because the same transaction writes over it. */
#ifndef ASSAY_STORE_BATCH_H
#define ASSAY_STORE_BATCH_H

#include "core/base/list.h"

/* changes: struct change. Marks what is said again, more recently: how far a run is, a step's begin before its end, a
 * board, a lease's begin before its end. Marks of another batch are taken away. */
void batch_thin(struct list *changes);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Reads one entry of the rack file's boards. Private to the rack reader. */
#ifndef ASSAY_AGENTS_RACK_BOARD_H
#define ASSAY_AGENTS_RACK_BOARD_H

#include "agents/driver/config.h"
#include "core/base/doc.h"

/* Reads node into config, which the caller has zeroed and finishes in every case. Mistakes go to problems. */
void rack_board_read(const struct doc_node *node, struct board_config *config, struct doc_problems *problems);

#endif

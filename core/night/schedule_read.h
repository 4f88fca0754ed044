/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a schedule's matrix; private to schedule*.c. */
#ifndef ASSAY_NIGHT_SCHEDULE_READ_H
#define ASSAY_NIGHT_SCHEDULE_READ_H

#include "core/night/schedule.h"

/* Reads `matrix:`. Returns 0 (also with problems) or ERR_NOMEM. */
int schedule_matrix_read(const struct doc_node *root, struct schedule *schedule, struct doc_problems *problems);

#endif

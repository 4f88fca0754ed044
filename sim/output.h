/* SPDX-License-Identifier: Apache-2.0 */
/* What came out, for people and programs: one or more results, side by side. */
#ifndef ASSAY_SIM_OUTPUT_H
#define ASSAY_SIM_OUTPUT_H

#include <stdio.h>

#include "sim/result.h"

void output_text(FILE *out, struct result *const results[], size_t count);
/* Returns 0, or ERR_NOMEM. */
int output_json(FILE *out, struct result *const results[], size_t count);
/* One page that needs nothing else. */
void output_html(FILE *out, struct result *const results[], size_t count);

/* What happened on the whole, figure by figure from 0: its name (NULL: no more), and what it is (scratch). */
const char *output_figure_name(int figure);
const char *output_figure(const struct result *result, int figure, char *scratch, size_t size);

/* "1h 05m", "2m 10s", "3.4 s", "12 ms". Returns scratch. */
const char *output_span(double us, char *scratch, size_t size);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Charts as SVG elements, coloured by the page's --1 to --8. */
#ifndef ASSAY_SIM_CHART_H
#define ASSAY_SIM_CHART_H

#include <stdio.h>

#include "sim/result.h"

/* Of numbers over time. */
struct chart {
	size_t slices;
	double slice_us;
	double top; /* of the scale; 0: as the numbers need */
};

/* Below 0: nothing is drawn there. */
void chart_line(FILE *out, const struct chart *chart, const double *value);
/* Organisations one above the other, with their names; those who used least together. */
void chart_in_use(FILE *out, const struct chart *chart, const struct result *result);
/* Mean, median, 99th percentile and longest wait of each organisation, on a scale of logarithms. */
void chart_waits(FILE *out, const struct result *result);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* How fair a division was. */
#ifndef ASSAY_SIM_FAIR_H
#define ASSAY_SIM_FAIR_H

#include <stddef.h>

/* One that wants a part of what there was. */
struct fair_claim {
	double weight; /* above 0 */
	double wanted;
	double fair; /* out: what it has in the max-min fair division by weights: nobody has more than it wants, and who
		      * has less than it wants has, for its weight, as much as anybody */
};

void fair_divide(struct fair_claim *claim, size_t count, double total);

/* Jain, Chiu and Hawe's index of fairness: 1 when all are equal, 1/count when one has all; 1 when there are none. */
double fair_index(const double *value, size_t count);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Max-min fair division by filling up, and Jain's index. */
#include "sim/fair.h"

#include <stdlib.h>

#include "core/base/mem.h"

static int by_wanted_for_weight(const void *a, const void *b)
{
	const struct fair_claim *x = *(struct fair_claim *const *)a, *y = *(struct fair_claim *const *)b;
	double p = x->wanted * y->weight, q = y->wanted * x->weight;

	return (p > q) - (p < q);
}

void fair_divide(struct fair_claim *claim, size_t count, double total)
{
	struct fair_claim **order = mem_alloc_array(count + 1, sizeof(struct fair_claim *));
	double weights = 0;

	for (size_t i = 0; i < count; i++) {
		order[i] = &claim[i];
		weights += claim[i].weight;
	}
	qsort(order, count, sizeof(struct fair_claim *), by_wanted_for_weight);
	for (size_t i = 0; i < count; i++) {
		double part = total * order[i]->weight / weights;

		order[i]->fair = order[i]->wanted < part ? order[i]->wanted : part;
		total -= order[i]->fair;
		weights -= order[i]->weight;
	}
	free(order);
}

double fair_index(const double *value, size_t count)
{
	double sum = 0, squares = 0;

	for (size_t i = 0; i < count; i++) {
		sum += value[i];
		squares += value[i] * value[i];
	}
	return squares > 0 ? sum * sum / ((double)count * squares) : 1;
}

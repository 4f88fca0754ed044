/* SPDX-License-Identifier: Apache-2.0 */
/* Waits one by one, boards in use and runs that wait as sums over slices of time; and what follows from them. */
#include "sim/measure.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "sim/fair.h"

void measure_init(struct measure *measure, int64_t horizon_us, size_t orgs, size_t pools, size_t streams)
{
	*measure = (struct measure){.org_count = orgs, .pool_count = pools, .stream_count = streams};
	slices_init(&measure->slices, horizon_us);
	measure->party = mem_alloc_array(orgs * pools + 1, sizeof(struct measure_party *));
	measure->org_waits = mem_alloc_array(orgs + 1, sizeof(struct waits));
	measure->stream_waits = mem_alloc_array(streams + 1, sizeof(struct waits));
}

void measure_finish(struct measure *measure)
{
	for (size_t i = 0; i < measure->org_count * measure->pool_count; i++)
		free(measure->party[i]);
	for (size_t i = 0; i < measure->org_count; i++)
		free(measure->org_waits[i].us);
	for (size_t i = 0; i < measure->stream_count; i++)
		free(measure->stream_waits[i].us);
	free(measure->party);
	free(measure->org_waits);
	free(measure->stream_waits);
}

static struct measure_party *party_of(struct measure *measure, size_t org, size_t pool, int64_t now_us)
{
	struct measure_party **party = &measure->party[org * measure->pool_count + pool];

	slices_reach(&measure->slices, now_us);
	if (!*party) {
		*party = mem_alloc(sizeof(**party));
		series_init(&(*party)->in_use, &measure->slices);
		series_init(&(*party)->waiting, &measure->slices);
	}
	return *party;
}

void measure_waiting(struct measure *measure, size_t org, size_t pool, int64_t now_us, int64_t difference)
{
	series_change(&party_of(measure, org, pool, now_us)->waiting, now_us, difference);
}

void measure_in_use(struct measure *measure, size_t org, size_t pool, int64_t now_us, int64_t difference)
{
	series_change(&party_of(measure, org, pool, now_us)->in_use, now_us, difference);
}

/* --- Waits ----------------------------------------------------------------------------------------------------- */

static void waits_add(struct waits *waits, int64_t us)
{
	if (waits->count == waits->capacity) {
		waits->capacity = waits->capacity ? waits->capacity * 2 : 64;
		waits->us = mem_resize_array(waits->us, waits->capacity, sizeof(int64_t));
	}
	waits->us[waits->count++] = us;
}

void measure_start(struct measure *measure, size_t org, size_t stream, int64_t waited_us)
{
	waits_add(&measure->org_waits[org], waited_us);
	waits_add(&measure->stream_waits[stream], waited_us);
}

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* The smallest that at least so many percent are not above. */
static int64_t percentile(const struct waits *waits, size_t percent)
{
	return waits->us[(waits->count * percent + 99) / 100 - 1];
}

static struct result_wait sum_up(struct waits *waits)
{
	struct result_wait wait = {.runs = waits->count};
	double sum = 0;

	if (waits->count == 0)
		return wait;
	qsort(waits->us, waits->count, sizeof(int64_t), by_size);
	for (size_t i = 0; i < waits->count; i++)
		sum += (double)waits->us[i];
	wait.mean_us = (int64_t)(sum / (double)waits->count);
	wait.p50_us = percentile(waits, 50);
	wait.p99_us = percentile(waits, 99);
	wait.max_us = waits->us[waits->count - 1];
	return wait;
}

/* --- Fairness -------------------------------------------------------------------------------------------------- */

/* What the boards of one type gave in one slice, divided fairly among those who used or wanted them. */
static void divide_slice(const struct measure *measure, const struct result *result, size_t pool, size_t slice,
			 double *fair)
{
	struct fair_claim *claim = mem_alloc_array(measure->org_count + 1, sizeof(*claim));
	double total = 0;

	for (size_t org = 0; org < measure->org_count; org++) {
		const struct measure_party *party = measure->party[org * measure->pool_count + pool];

		claim[org].weight = (double)result->orgs[org].weight;
		if (!party)
			continue;
		claim[org].wanted = party->in_use.sum[slice] + party->waiting.sum[slice];
		total += party->in_use.sum[slice];
	}
	fair_divide(claim, measure->org_count, total);
	for (size_t org = 0; org < measure->org_count; org++)
		fair[org] += claim[org].fair;
	free(claim);
}

static double index_of(const double *used, const double *fair, size_t count)
{
	double *part = mem_alloc_array(count + 1, sizeof(double));
	size_t parts = 0;
	double index;

	for (size_t i = 0; i < count; i++)
		if (fair[i] > 0)
			part[parts++] = used[i] / fair[i];
	index = parts > 0 ? fair_index(part, parts) : -1;
	free(part);
	return index;
}

static void sum_slice(const struct measure *measure, struct result *result, size_t slice, int64_t length_us)
{
	double *fair = mem_alloc_array(measure->org_count + 1, sizeof(double));
	double *used = mem_alloc_array(measure->org_count + 1, sizeof(double));

	for (size_t i = 0; i < measure->org_count * measure->pool_count; i++) {
		const struct measure_party *party = measure->party[i];

		if (!party)
			continue;
		used[i / measure->pool_count] += party->in_use.sum[slice];
		result->waiting[slice] += party->waiting.sum[slice] / (double)length_us;
	}
	for (size_t pool = 0; pool < measure->pool_count; pool++)
		divide_slice(measure, result, pool, slice, fair);
	for (size_t org = 0; org < measure->org_count; org++) {
		result->orgs[org].board_us += used[org];
		result->orgs[org].fair_us += fair[org];
		result->orgs[org].in_use[slice] = used[org] / (double)length_us;
		result->in_use[slice] += used[org] / (double)length_us;
		result->board_us += used[org];
	}
	result->fairness_at[slice] = index_of(used, fair, measure->org_count);
	free(fair);
	free(used);
}

static double overall_index(const struct result *result)
{
	double *part = mem_alloc_array(result->org_count + 1, sizeof(double));
	size_t parts = 0;
	double index;

	for (size_t i = 0; i < result->org_count; i++)
		if (result->orgs[i].fair_us > 0)
			part[parts++] = result->orgs[i].board_us / result->orgs[i].fair_us;
	index = fair_index(part, parts);
	free(part);
	return index;
}

void measure_result(struct measure *measure, struct result *result)
{
	int64_t end_us = result->makespan_us > 0 ? result->makespan_us : 1;

	slices_reach(&measure->slices, end_us);
	for (size_t i = 0; i < measure->org_count * measure->pool_count; i++) {
		if (!measure->party[i])
			continue;
		series_reach(&measure->party[i]->in_use, end_us);
		series_reach(&measure->party[i]->waiting, end_us);
	}
	result->slice_us = measure->slices.slice_us;
	result->slices = (size_t)((end_us + result->slice_us - 1) / result->slice_us);
	for (size_t slice = 0; slice < result->slices; slice++) {
		int64_t length_us = end_us - (int64_t)slice * result->slice_us;

		sum_slice(measure, result, slice, length_us < result->slice_us ? length_us : result->slice_us);
	}
	for (size_t i = 0; i < measure->org_count; i++)
		result->orgs[i].wait = sum_up(&measure->org_waits[i]);
	for (size_t i = 0; i < measure->stream_count; i++)
		result->streams[i].wait = sum_up(&measure->stream_waits[i]);
	result->lost_us = measure->lost_us;
	result->fairness = overall_index(result);
	if (result->boards > 0)
		result->utilisation = result->board_us / ((double)result->boards * (double)end_us);
}

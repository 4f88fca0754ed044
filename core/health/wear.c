/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger of erases: added to sector by sector, kept as runs of sectors that are alike. */
#include "core/health/wear.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

/* One entry while it is added to. */
struct cell {
	uint64_t from, end;
	uint32_t erases;
	bool touched; /* in this pass: it counts once */
};

struct cells {
	struct cell *cell;
	size_t count;
};

static uint32_t more(uint32_t erases)
{
	return erases < UINT32_MAX ? erases + 1 : erases;
}

static struct cells spread(const struct wear *wear)
{
	struct cells cells = {.cell = mem_alloc_array(WEAR_MAX_SECTORS, sizeof(*cells.cell))};

	for (size_t i = 0; i < wear->sectors_count; i++) {
		const struct wear_sectors *run = &wear->sectors[i];

		for (uint32_t k = 0; k < run->count && cells.count < WEAR_MAX_SECTORS; k++) {
			uint64_t from = run->address + k * run->size_bytes;

			cells.cell[cells.count++] =
				(struct cell){.from = from, .end = from + run->size_bytes, .erases = run->erases};
		}
	}
	return cells;
}

/* Cells [first, last) become one, which is worn as its worst is. */
static void unite(struct cells *cells, size_t first, size_t last)
{
	struct cell *into = &cells->cell[first];
	bool touched = false;
	uint32_t worst = 0;

	for (size_t i = first; i < last; i++)
		touched |= cells->cell[i].touched;
	for (size_t i = first; i < last; i++) {
		const struct cell *cell = &cells->cell[i];
		uint32_t erases = touched && !cell->touched ? more(cell->erases) : cell->erases;

		worst = erases > worst ? erases : worst;
	}
	into->end = cells->cell[last - 1].end;
	into->erases = worst;
	into->touched = touched;
	memmove(into + 1, &cells->cell[last], (cells->count - last) * sizeof(*into));
	cells->count -= last - first - 1;
}

/* Neighbours become one, two by two. */
static void coarsen(struct cells *cells)
{
	size_t count = 0;

	for (size_t i = 0; i < cells->count; i += 2) {
		struct cells pair = {.cell = &cells->cell[i], .count = i + 1 < cells->count ? 2 : 1};

		unite(&pair, 0, pair.count);
		cells->cell[count++] = pair.cell[0];
	}
	cells->count = count;
}

/* The first cell that ends after address. */
static size_t place_of(const struct cells *cells, uint64_t address)
{
	size_t low = 0, high = cells->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (cells->cell[middle].end > address)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static void erase(struct cells *cells, uint64_t from, uint64_t end)
{
	size_t first = place_of(cells, from), last = first;
	struct cell *cell;

	while (last < cells->count && cells->cell[last].from < end)
		last++;
	if (first == last) {
		if (cells->count == WEAR_MAX_SECTORS) {
			coarsen(cells);
			erase(cells, from, end);
			return;
		}
		cell = &cells->cell[first];
		memmove(cell + 1, cell, (cells->count++ - first) * sizeof(*cell));
		*cell = (struct cell){.from = from, .end = end, .erases = 1, .touched = true};
		return;
	}
	unite(cells, first, last);
	cell = &cells->cell[first];
	cell->from = from < cell->from ? from : cell->from;
	cell->end = end > cell->end ? end : cell->end;
	if (!cell->touched)
		cell->erases = more(cell->erases);
	cell->touched = true;
}

/* A run of more sectors than a ledger holds is added in steps of several. */
static void erase_run(struct cells *cells, const struct flash_sectors *run)
{
	uint32_t step = run->count / (WEAR_MAX_SECTORS + 1) + 1;
	uint64_t end = run->address + (uint64_t)run->count * run->size_bytes;

	for (size_t i = 0; i < cells->count; i++)
		cells->cell[i].touched = false;
	for (uint64_t from = run->address; from < end; from += (uint64_t)step * run->size_bytes) {
		uint64_t to = from + (uint64_t)step * run->size_bytes;

		erase(cells, from, to < end ? to : end);
	}
}

static bool continues(const struct wear_sectors *run, const struct cell *cell)
{
	return run->erases == cell->erases && run->size_bytes == cell->end - cell->from &&
	       run->address + run->count * run->size_bytes == cell->from;
}

static void gather(struct wear *wear, const struct cells *cells)
{
	struct wear_sectors *runs = mem_alloc_array(cells->count + 1, sizeof(*runs));
	size_t count = 0;

	wear->worst = 0;
	for (size_t i = 0; i < cells->count; i++) {
		const struct cell *cell = &cells->cell[i];

		if (cell->erases > wear->worst) {
			wear->worst = cell->erases;
			wear->worst_address = (uint32_t)cell->from;
		}
		if (count && continues(&runs[count - 1], cell))
			runs[count - 1].count++;
		else
			runs[count++] = (struct wear_sectors){.address = (uint32_t)cell->from,
							      .size_bytes = cell->end - cell->from,
							      .count = 1,
							      .erases = cell->erases};
	}
	free(wear->sectors);
	wear->sectors = mem_copy(runs, (count + 1) * sizeof(*runs));
	wear->sectors_count = count;
	free(runs);
}

void wear_add(struct wear *wear, const struct flashed *flashed)
{
	struct cells cells;

	if (!flashed->erased_count)
		return;
	cells = spread(wear);
	for (size_t i = 0; i < flashed->erased_count; i++) {
		erase_run(&cells, &flashed->erased[i]);
		wear->erases += flashed->erased[i].count;
	}
	gather(wear, &cells);
	free(cells.cell);
}

void wear_clear(struct wear *wear)
{
	free(wear->sectors);
	*wear = (struct wear){0};
}

bool wear_is_near(const struct wear *wear, uint32_t endurance)
{
	return endurance && (uint64_t)wear->worst * 100 > (uint64_t)endurance * WEAR_MAX_PERCENT;
}

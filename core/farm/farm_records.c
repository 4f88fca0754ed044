/* SPDX-License-Identifier: Apache-2.0 */
/* Letting go of what a farm is rebuilt from. */
#include "core/farm/farm_records.h"

#include <stdlib.h>
#include <string.h>

void farm_records_finish(struct farm_records *records)
{
	for (size_t i = 0; i < records->job_count; i++)
		free(records->jobs[i].spec);
	for (size_t i = 0; i < records->run_count; i++)
		free(records->runs[i].asked);
	for (size_t i = 0; i < records->type_count; i++)
		free(records->types[i].body);
	for (size_t i = 0; i < records->suite_count; i++)
		free(records->suites[i].text);
	for (size_t i = 0; i < records->schedule_count; i++)
		free(records->schedules[i].text);
	for (size_t i = 0; i < records->drop_count; i++)
		free(records->drops[i].files);
	for (size_t i = 0; i < records->night_count; i++)
		free(records->nights[i].cells);
	free(records->schedules);
	free(records->drops);
	free(records->nights);
	free(records->secrets);
	for (size_t i = 0; i < records->golden_count; i++)
		free(records->goldens[i].spec);
	free(records->goldens);
	free(records->held_images);
	free(records->board_images);
	free(records->tried_images);
	for (size_t i = 0; i < records->wear_count; i++)
		free(records->wears[i].sectors);
	free(records->wears);
	free(records->diagnoses);
	free(records->jobs);
	free(records->runs);
	free(records->tooks);
	free(records->open_steps);
	free(records->boards);
	free(records->times);
	free(records->leases);
	free(records->agents);
	free(records->types);
	free(records->suites);
	free(records->waivers);
	free(records->orgs);
	free(records->members);
	free(records->drains);
	free(records->debts);
	free(records->accepted);
	free(records->holds);
	memset(records, 0, sizeof(*records));
}

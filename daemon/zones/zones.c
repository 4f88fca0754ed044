/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a zone's file when the zone is asked for first. */
#include "daemon/zones/zones.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

#define ZONE_FOLDER "/usr/share/zoneinfo"

struct zone {
	struct list link;
	struct time_zone *zone;
};

static struct time_zone *read_zone(const char *name)
{
	const char *folder = getenv("TZDIR");
	struct time_zone *zone = NULL;
	char path[PATH_MAX], *bytes;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder ? folder : ZONE_FOLDER, name);
	file = fopen(path, "rb");
	if (!file)
		return NULL;
	bytes = mem_alloc(TIME_ZONE_MAX_BYTES + 1);
	(void)time_zone_read(name, bytes, fread(bytes, 1, TIME_ZONE_MAX_BYTES + 1, file), &zone, NULL);
	free(bytes);
	(void)fclose(file);
	return zone;
}

static const struct time_zone *find(void *context, const char *name)
{
	struct zones *zones = context;
	struct time_zone *found;
	struct zone *zone;

	list_for_each (link, &zones->read) {
		zone = list_container(link, struct zone, link);
		if (strcmp(time_zone_name(zone->zone), name) == 0)
			return zone->zone;
	}
	found = read_zone(name);
	if (!found)
		return NULL;
	zone = mem_alloc(sizeof(*zone));
	zone->zone = found;
	list_append(&zones->read, &zone->link);
	return found;
}

void zones_init(struct zones *zones)
{
	zones->zones = (struct time_zones){zones, find};
	list_init(&zones->read);
}

void zones_finish(struct zones *zones)
{
	list_for_each_safe (link, &zones->read) {
		struct zone *zone = list_container(link, struct zone, link);

		time_zone_destroy(zone->zone);
		free(zone);
	}
	list_init(&zones->read);
}

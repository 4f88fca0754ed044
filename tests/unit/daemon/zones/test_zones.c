/* SPDX-License-Identifier: Apache-2.0 */
/* Zones come from the folder that TZDIR names; what is no zone there is none. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/zones/zones.h"
#include "tests/unit/core/base/cmocka_all.h"

/* A TZif file of version 2 of a zone two hours east that never changes: the old part is empty but for its one type. */
static size_t zone_bytes(char *bytes)
{
	static const char counts[24] = {[19] = 1, [23] = 4};
	static const char type[6] = {0, 0, 0x1c, 0x20, 0, 0};
	size_t len = 0;

	for (int part = 0; part < 2; part++) {
		memcpy(bytes + len, "TZif2", 5);
		memset(bytes + len + 5, 0, 15);
		memcpy(bytes + len + 20, counts, 24);
		memcpy(bytes + len + 44, type, 6);
		memcpy(bytes + len + 50, "EET", 4);
		len += 54;
	}
	memcpy(bytes + len, "\nEET-2\n", 7);
	return len + 7;
}

static void put_file(const char *folder, const char *name, const char *bytes, size_t len)
{
	char path[200];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static void drop_file(const char *folder, const char *name)
{
	char path[200];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_int_equal(unlink(path), 0);
}

static void test_zones(void **state)
{
	char folder[] = "/tmp/assay-zones-XXXXXX", bytes[300];
	const struct time_zone *zone;
	struct zones zones;

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(setenv("TZDIR", folder, 1), 0);
	put_file(folder, "East", bytes, zone_bytes(bytes));
	put_file(folder, "Text", "no zone", 7);
	zones_init(&zones);
	zone = zones.zones.find(zones.zones.context, "East");
	assert_non_null(zone);
	assert_int_equal(time_zone_to_local(zone, 0), 7200);
	assert_ptr_equal(zones.zones.find(zones.zones.context, "East"), zone);
	assert_null(zones.zones.find(zones.zones.context, "West"));
	assert_null(zones.zones.find(zones.zones.context, "Text"));
	zones_finish(&zones);
	drop_file(folder, "East");
	drop_file(folder, "Text");
	assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_zones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

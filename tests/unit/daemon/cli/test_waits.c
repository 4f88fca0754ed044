/* SPDX-License-Identifier: Apache-2.0 */
/* When what waits is expected to start, in a person's words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/cli/text.h"
#include "daemon/cli/waits.h"

#define SECOND INT64_C(1000000)
#define NOW    (INT64_C(1760000000) * SECOND)

/* Seconds from now; -1: not known. */
static void expect(int64_t from, int64_t at, int64_t to, int64_t latest, const char *expected)
{
	json_t *entry = json_object();
	const struct {
		const char *key;
		int64_t seconds;
	} times[] = {
		{"expected_from_us", from}, {"expected_at_us", at}, {"expected_to_us", to}, {"latest_at_us", latest}};
	char scratch[128];

	for (size_t i = 0; i < 4; i++)
		json_object_set_new(entry, times[i].key,
				    times[i].seconds < 0 ? json_null() : json_integer(NOW + times[i].seconds * SECOND));
	assert_string_equal(waits_when(entry, NOW, scratch, sizeof(scratch)), expected);
	json_decref(entry);
}

static void test_a_range(void **state)
{
	(void)state;
	expect(-1, -1, -1, -1, "");
	expect(0, 0, 2, -1, "any moment");
	expect(-1, 60, -1, -1, "in about 60 s");
	expect(0, 30, 45, -1, "within 45 s");
	expect(180, 200, 290, -1, "in 3 to 5 min");
	expect(200, 210, 230, -1, "in about 4 min");
	expect(7200, 8000, 18000, -1, "in 2 to 5 h");
	expect(90000, 100000, 300000, -1, "in 1 to 4 days");
}

/* What is bound to a day says something, what is not does not. */
static void test_a_bound(void **state)
{
	char clock[32], text[128];

	(void)state;
	text_time(NOW + 3600 * SECOND, NOW, clock, sizeof(clock));
	(void)snprintf(text, sizeof(text), "in 3 to 5 min, by %s at the latest", clock);
	expect(180, 240, 300, 3600, text);
	expect(180, 240, 300, 90000, "in 3 to 5 min");
	expect(180, 240, 300, 200, "in 3 to 5 min");
}

static void test_a_reason(void **state)
{
	json_t *entry = json_pack("{s:s,s:i,s:n}", "waits", "for board b1: leased", "position", 2, "expected_at_us");
	char text[256];

	(void)state;
	waits_reason(entry, text, sizeof(text));
	assert_string_equal(text, "for board b1: leased; 2 before it");
	json_decref(entry);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_range),
		cmocka_unit_test(test_a_bound),
		cmocka_unit_test(test_a_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

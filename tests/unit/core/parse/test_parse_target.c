/* SPDX-License-Identifier: Apache-2.0 */
/* The lines of schema/target.h: what is one, and what only looks like one and says nothing. */
#include "core/parse/parse.h"
#include "tests/unit/core/base/cmocka_all.h"
#include "tests/unit/core/parse/support_events.h"

static const struct {
	const char *text, *events;
} table[] = {
	{"ASSAY measure latency 12.5 us\n", "measure latency 12.5 us\n"},
	{"ASSAY measure copy/memcpy.4k -1e3 MB/s\r\n", "measure copy/memcpy.4k -1000 MB/s\n"},
	{"ASSAY measure a +0.25 % \n", "measure a 0.25 %\n"},
	{"ASSAY measure a 1 us more\n", ""},
	{"ASSAY measure a 1\n", ""},
	{"ASSAY measure a .5 us\n", ""},
	{"ASSAY measure a 5. us\n", ""},
	{"ASSAY measure a 1e us\n", ""},
	{"ASSAY measure a nan us\n", ""},
	{"ASSAY measure a inf us\n", ""},
	{"ASSAY measure a 0x10 us\n", ""},
	{"ASSAY measure a 1e999 us\n", ""},
	{"ASSAY measure a 12345678901234567890123456789012 us\n", ""},
	{"ASSAY measure a 1 fifteen-letters\n", "measure a 1 fifteen-letters\n"},
	{"ASSAY measure a 1 sixteen--letters\n", ""},
	{"ASSAY measure a  1 us\n", ""},
	{"ASSAY measure a(b) 1 us\n", ""},
	{"ASSAY measure a 1 us", ""}, /* perhaps "12 us" or "1 usb": the output broke off */
	{"ASSAY progress 1/4 half way\n", "progress 1/4 half way\n"},
	{"ASSAY progress 4/4\n", "progress 4/4 \n"},
	{"ASSAY progress 5/4\nASSAY progress 0/0\nASSAY progress 1\n", ""},
	{"ASSAY alive\nASSAY alive still here\n", "alive \nalive still here\n"},
	{"ASSAY alivest\n", ""},
	{"ASSAY mark tick 18446744073709551615\n", ""}, /* more digits than are read */
	{"ASSAY mark tick 1844674407370955161\n", "mark tick 1844674407370955161\n"},
	{"ASSAY mark tick -1\nASSAY mark tick 1 2\n", ""},
	{"ASSAY ask reset\n", "ask 0 0\n"},
	{"ASSAY ask power-cycle 250\n", "ask 1 250\n"},
	{"ASSAY ask power-cut 0\n", "ask 2 0\n"},
	{"ASSAY ask power-cut\nASSAY ask reset 5\nASSAY ask power-cut 99999999999\nASSAY ask more\n", ""},
	{"he said ASSAY ask reset\n", ""},
	{"39 24534 [TestRunner] ASSAY measure a 1 us\n", "measure a 1 us\n"},
	{"TEST(A, one)ASSAY measure a 1 us\n PASS\n", "begun A.one\nmeasure a 1 us\npass A.one\n"},
	{"TEST(A, one)\nASSAY ask reset\nASSAY b 1 image 0123456789abcdef\nTEST(A, one) PASS\n",
	 "begun A.one\nask 0 0\nboot\nbanner 0123456789abcdef\npass A.one\n"},
};

static void test_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		expect_events(table[i].text, table[i].events);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

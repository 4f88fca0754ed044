/* SPDX-License-Identifier: Apache-2.0 */
/* TAP: what its lines become, and what contradicts itself. */
#include "core/parse/parse.h"
#include "tests/unit/core/base/cmocka_all.h"
#include "tests/unit/core/parse/support_events.h"

#define V "TAP version 14\n"

static const struct {
	const char *text, *events;
} table[] = {
	{"1..1\nok 1 - a\n", ""}, /* nobody said that it is TAP */
	{V "1..2\nok 1 - a\nnot ok 2 - b\n",
	 "begun tap.a\npass tap.a\nbegun tap.b\nfail tap.b: not ok\nsummary 2 1 0\n"},
	{V "ok 1 - a\n1..1\n", "begun tap.a\npass tap.a\nsummary 1 0 0\n"},
	{V "1..1\nok 1\n", "begun tap.test_1\npass tap.test_1\nsummary 1 0 0\n"},
	{V "1..2\nok 1 - a # SKIP no disk\nnot ok 2 - b # todo later\n",
	 "begun tap.a\nignored tap.a: no disk\nbegun tap.b\nignored tap.b: to do: later\nsummary 2 0 2\n"},
	{V "1..1\nnot ok 1 - a # SKIP x\n", "begun tap.a\nfail tap.a: not ok\nsummary 1 1 0\n"},
	{V "ok 1 - a\nBail out! no rig\n", "begun tap.a\npass tap.a\nbail no rig\n"},

	{V "1..1\nok 1 - a\nok 1 - b\n",
	 "begun tap.a\npass tap.a\nsummary 1 0 0\ndisorder 1 test points were planned, and one more came\n"
	 "begun tap.b\npass tap.b\n"},
	{V "1..2\nok 2 - a\nok 2 - b\n", "disorder test point 1 has the number 2\nbegun tap.a\npass tap.a\n"
					 "begun tap.b\npass tap.b\nsummary 2 0 0\n"},
	/* what looks like a case of Unity in an interrupted point's second half is a part of its name */
	{V "1..1\n.12 [] \nno13 [] \nt ok 1 TEST(A,5),,\n",
	 "begun tap.TEST_A_5\nfail tap.TEST_A_5: not ok\nsummary 1 1 0\n"},
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

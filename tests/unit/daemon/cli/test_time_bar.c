/* SPDX-License-Identifier: Apache-2.0 */
/* Bars of time: whole, in proportion, and told in words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/cli/time_bar.h"

static void check(const char *text, const char *bar, const char *shares)
{
	json_t *us = json_loads(text, 0, NULL);
	char drawn[TIME_BAR_COLUMNS + 1], words[200];

	assert_non_null(us);
	time_bar(us, drawn);
	assert_string_equal(drawn, bar);
	assert_string_equal(time_bar_shares(us, words, sizeof words), shares);
	json_decref(us);
}

static void test_bars(void **state)
{
	(void)state;
	check("{\"idle\":0,\"running\":0}", "", "");
	check("{\"idle\":5}", "........................................", "100.0 % idle");
	check("{\"idle\":50,\"running\":25,\"offline\":25}", "##########....................----------",
	      "50.0 % idle, 25.0 % running, 25.0 % offline");
	/* what is too little for a sign is told all the same, and the bar is whole */
	check("{\"idle\":86399000000,\"flash\":1000000}", "........................................",
	      "100.0 % idle, 0.0 % flash");
	check("{\"staging\":1,\"power\":1,\"leased\":1}", "pppppppppppppssssssssssssssLLLLLLLLLLLLL",
	      "33.3 % staging, 33.3 % power, 33.3 % leased");
}

static void test_words_that_do_not_fit_are_cut(void **state)
{
	json_t *us = json_pack("{s:i,s:i}", "idle", 1, "running", 1);
	char words[12];

	(void)state;
	assert_string_equal(time_bar_shares(us, words, sizeof words), "50.0 % idle");
	json_decref(us);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_bars),
					   cmocka_unit_test(test_words_that_do_not_fit_are_cut)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Credit: nobody sends more than the other takes, nobody owes more than a window, and none of it leaks away. */
#include <stdlib.h>

#include "core/tunnel/frame.h"
#include "tests/unit/core/base/cmocka_all.h"

static void test_limits(void **state)
{
	struct tunnel_credit credit = {.may_send = 10, .may_come = 4};

	(void)state;
	assert_int_equal(tunnel_credit_sent(&credit, 11), ERR_PROTOCOL);
	assert_int_equal(tunnel_credit_sent(&credit, 10), 0);
	assert_int_equal(tunnel_credit_sent(&credit, 1), ERR_PROTOCOL);
	assert_int_equal(tunnel_credit_came(&credit, 5), ERR_PROTOCOL);
	assert_int_equal(tunnel_credit_came(&credit, 4), 0);
	assert_int_equal(tunnel_credit_given(&credit, TUNNEL_WINDOW + 1), ERR_PROTOCOL);
	assert_int_equal(tunnel_credit_given(&credit, TUNNEL_WINDOW), 0);
	assert_int_equal(tunnel_credit_given(&credit, 1), ERR_PROTOCOL);
	assert_int_equal(tunnel_credit_given(&credit, UINT32_MAX), ERR_PROTOCOL);
	assert_int_equal(credit.may_send, TUNNEL_WINDOW);
}

/* A sender and a reader, in any rhythm: what was sent comes, the window is never passed, and it never gets stuck. */
static void test_random_rhythms(void **state)
{
	struct tunnel_credit sender, reader;
	size_t part, held;
	uint32_t give;

	(void)state;
	for (unsigned seed = 1; seed <= 50; seed++) {
		sender = (struct tunnel_credit){.may_send = TUNNEL_WINDOW};
		reader = (struct tunnel_credit){.may_come = TUNNEL_WINDOW};
		held = 0;
		srand(seed);
		for (int i = 0; i < 2000; i++) {
			part = 1 + (size_t)rand() % TUNNEL_MAX_DATA;
			if (rand() % 2 && tunnel_credit_sent(&sender, part) == 0) {
				assert_int_equal(tunnel_credit_came(&reader, part), 0);
				held += part;
			}
			assert_true(held <= TUNNEL_WINDOW);
			part = part < held ? part : held;
			give = rand() % 2 ? tunnel_credit_spent(&reader, part) : 0;
			assert_int_equal(give ? tunnel_credit_given(&sender, give) : 0, 0);
			held = TUNNEL_WINDOW - reader.may_come - reader.returning;
		}
		/* Once all is read, there is credit for at least one frame again. */
		give = tunnel_credit_spent(&reader, held);
		assert_int_equal(give ? tunnel_credit_given(&sender, give) : 0, 0);
		assert_true(sender.may_send >= TUNNEL_MAX_DATA);
		assert_int_equal(sender.may_send, reader.may_come);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_limits), cmocka_unit_test(test_random_rhythms)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

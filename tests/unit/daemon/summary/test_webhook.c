/* SPDX-License-Identifier: Apache-2.0 */
/* Where a webhook may go, and how it is signed. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "daemon/summary/webhook.h"
#include "tests/unit/core/base/cmocka_all.h"

static bool is_public(const char *text)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};

	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
		return webhook_address_public((const struct sockaddr *)(const void *)&v4);
	assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
	return webhook_address_public((const struct sockaddr *)(const void *)&v6);
}

static void test_addresses_of_the_house_are_none_for_a_webhook(void **state)
{
	static const char *const house[] = {
		"0.0.0.0",
		"10.1.2.3",
		"100.64.0.1",
		"127.0.0.1",
		"127.255.255.254",
		"169.254.169.254",
		"172.16.0.1",
		"172.31.255.255",
		"192.168.1.1",
		"192.0.2.1",
		"198.18.0.1",
		"198.19.255.255",
		"224.0.0.1",
		"255.255.255.255",
		"::",
		"::1",
		"fe80::1",
		"fd00::1",
		"ff02::1",
		"::ffff:127.0.0.1",
		"::ffff:10.0.0.1",
		"64:ff9b::a00:1",
		"2002:7f00:1::",
		"2001:db8::1",
		"2001::1",
		"fec0::1",
		"::127.0.0.1",
	};
	static const char *const everybodys[] = {"8.8.8.8",     "172.15.0.1",      "172.32.0.1",
						 "100.128.0.1", "198.20.0.1",      "223.255.255.255",
						 "2600::1",     "2001:4860::8888", "::ffff:8.8.8.8"};

	(void)state;
	for (size_t i = 0; i < sizeof(house) / sizeof(house[0]); i++) {
		if (is_public(house[i]))
			fail_msg("%s counts as public", house[i]);
	}
	for (size_t i = 0; i < sizeof(everybodys) / sizeof(everybodys[0]); i++) {
		if (!is_public(everybodys[i]))
			fail_msg("%s does not count as public", everybodys[i]);
	}
}

/* Computed by openssl dgst -sha256 -hmac. */
static void test_signature(void **state)
{
	char signature[WEBHOOK_SIGNATURE_MAX];

	(void)state;
	webhook_sign("0123456789abcdef", 1700000000, "{}", 2, signature);
	assert_string_equal(signature, "v1=e4f8e2ecae2295b2ddb2f0b5584c8275e226c0ebe9b3b819e70156bb67122e3e");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses_of_the_house_are_none_for_a_webhook),
		cmocka_unit_test(test_signature),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

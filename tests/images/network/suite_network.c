/* SPDX-License-Identifier: Apache-2.0 */
/* The network as QEMU's user mode lays it out: gateway 10.0.2.2, name server 10.0.2.3, ourselves 10.0.2.15. */
#include "FreeRTOS.h"
#include "ip.h"
#include "network/lan9118.h"
#include "suites.h"
#include "unity_out.h"

/* Answers come from the host, whose time is not the board's: generous. */
enum { WAIT_MS = 3000, NOBODY_MS = 300, PINGS = 20 };

#define GATEWAY     IP_ADDRESS(10, 0, 2, 2)
#define NAME_SERVER IP_ADDRESS(10, 0, 2, 3)
#define OURSELVES   IP_ADDRESS(10, 0, 2, 15)
#define NOBODY      IP_ADDRESS(192, 168, 77, 77)

static uint8_t gateway_mac[6];

static void test_controller_starts(void)
{
	TEST_ASSERT_TRUE_MESSAGE(ip_start(OURSELVES), "a LAN9118 at 0x40200000");
}

static void test_link_is_up(void)
{
	TEST_ASSERT_TRUE_MESSAGE(lan_link_is_up(), "link status of the PHY");
}

static void test_arp_gateway(void)
{
	TEST_ASSERT_TRUE_MESSAGE(ip_resolve(GATEWAY, WAIT_MS, gateway_mac), "the gateway answers");
	TEST_ASSERT_EQUAL_MESSAGE(0, gateway_mac[0] & 1U, "its address is not a group's");
}

static void test_arp_nobody(void)
{
	uint8_t mac[6];

	TEST_ASSERT_TRUE_MESSAGE(!ip_resolve(NOBODY, NOBODY_MS, mac), "nobody has this address");
}

static void test_ping_gateway(void)
{
	TEST_ASSERT_TRUE_MESSAGE(ip_ping(GATEWAY, gateway_mac, 1, 56, WAIT_MS), "an echo of 56 bytes");
}

static void test_ping_large(void)
{
	TEST_ASSERT_TRUE_MESSAGE(ip_ping(GATEWAY, gateway_mac, 2, IP_PING_BYTES, WAIT_MS), "an echo of 1400 bytes");
}

static void test_ping_many(void)
{
	for (uint16_t i = 0; i < PINGS; i++)
		TEST_ASSERT_TRUE_MESSAGE(ip_ping(GATEWAY, gateway_mac, (uint16_t)(100 + i), i * 61U, WAIT_MS),
					 "one of twenty");
}

static void test_ping_name_server(void)
{
	uint8_t mac[6];

	TEST_ASSERT_TRUE_MESSAGE(ip_resolve(NAME_SERVER, WAIT_MS, mac), "the name server answers");
	TEST_ASSERT_TRUE_MESSAGE(ip_ping(NAME_SERVER, mac, 3, 8, WAIT_MS), "and echoes");
}

void suite_network(void)
{
	run_test("Full_Network", "Controller_Starts", test_controller_starts);
	run_test("Full_Network", "Link_Is_Up", test_link_is_up);
	run_test("Full_Network", "Arp_Gateway", test_arp_gateway);
	run_test("Full_Network", "Arp_Nobody", test_arp_nobody);
	run_test("Full_Network", "Ping_Gateway", test_ping_gateway);
	run_test("Full_Network", "Ping_Large", test_ping_large);
	run_test("Full_Network", "Ping_Many", test_ping_many);
	run_test("Full_Network", "Ping_Name_Server", test_ping_name_server);
	unity_end();
}

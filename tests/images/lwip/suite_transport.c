/* SPDX-License-Identifier: Apache-2.0 */
/* TCP and UDP against echo servers on the host, which QEMU's user network shows as the gateway. */
#include <string.h>

#include "console.h"
#include "fixture.h"
#include "lwip/sockets.h"
#include "port.h"
#include "settings.h"
#include "suites.h"

enum {
	DHCP_MS = 20000,
	ANSWER_S = 10,
	CHUNK = 1400,
	LARGE_BYTES = 40000,
	CONNECTIONS = 12,
	DATAGRAMS = 3,
	ATTEMPTS = 3
};

static uint8_t pattern(size_t index)
{
	return (uint8_t)(index * 31U + (index >> 8));
}

static void test_controller_starts(void)
{
	CHECK(network_start(), "a LAN9118 at 0x40200000");
}

static void test_dhcp_gives_an_address(void)
{
	CHECK(network_wait(DHCP_MS), "an address within 20 s");
	CHECK_EQUAL(0x0A00020F, network_address(), "10.0.2.15");
	CHECK_EQUAL(0x0A000202, network_gateway(), "10.0.2.2");
}

static int open_socket(int kind, uint32_t port)
{
	struct sockaddr_in to = {.sin_len = sizeof to,
				 .sin_family = AF_INET,
				 .sin_port = lwip_htons((uint16_t)port),
				 .sin_addr = {lwip_htonl(network_gateway())}};
	struct timeval limit = {.tv_sec = ANSWER_S};
	int fd = lwip_socket(AF_INET, kind, 0);

	if (fd < 0)
		return -1;
	lwip_setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	if (lwip_connect(fd, (struct sockaddr *)&to, sizeof to)) {
		lwip_close(fd);
		return -1;
	}
	return fd;
}

/* Sends bytes of the pattern and takes as many back, at most a chunk on the way; the number that came back right. */
static size_t echo(int fd, size_t size)
{
	static uint8_t out[CHUNK], in[CHUNK];
	size_t done = 0;

	while (done < size) {
		size_t want = size - done < CHUNK ? size - done : CHUNK;
		for (size_t i = 0; i < want; i++)
			out[i] = pattern(done + i);
		if (lwip_send(fd, out, want, 0) != (ssize_t)want)
			return done;
		for (size_t got = 0; got < want;) {
			ssize_t more = lwip_recv(fd, in + got, want - got, 0);
			if (more <= 0)
				return done + got;
			got += (size_t)more;
		}
		if (memcmp(in, out, want) != 0)
			return done;
		done += want;
		if (done % (CHUNK * 8) == 0)
			console_log("sent %u of %u", (unsigned)done, (unsigned)size);
	}
	return done;
}

static void echo_case(int kind, uint32_t port, size_t size)
{
	if (port == 0)
		IGNORE("no echo server was named");
	int fd = open_socket(kind, port);
	CHECK(fd >= 0, "a connection to the gateway");
	size_t done = echo(fd, size);
	lwip_close(fd);
	CHECK_EQUAL(size, done, "bytes that came back");
}

static void test_tcp_echo(void)
{
	echo_case(SOCK_STREAM, settings.tcp_echo_port, 64);
}

static void test_tcp_echo_large(void)
{
	echo_case(SOCK_STREAM, settings.tcp_echo_port, LARGE_BYTES);
}

/* Datagrams may be lost: each is sent until it comes back. */
static void test_udp_echo(void)
{
	if (settings.udp_echo_port == 0)
		IGNORE("no echo server was named");
	for (int i = 0; i < DATAGRAMS; i++) {
		size_t done = 0;
		for (int attempt = 0; attempt < ATTEMPTS && done < CHUNK; attempt++) {
			int fd = open_socket(SOCK_DGRAM, settings.udp_echo_port);
			CHECK(fd >= 0, "a socket");
			done = echo(fd, CHUNK);
			lwip_close(fd);
		}
		CHECK_EQUAL(CHUNK, done, "bytes that came back");
	}
}

static void test_many_connections(void)
{
	for (int i = 0; i < CONNECTIONS; i++)
		echo_case(SOCK_STREAM, settings.tcp_echo_port, 500);
}

void suite_network_start(void)
{
	group_begin("Full_DHCP");
	case_run("Controller_Starts", test_controller_starts);
	case_run("Gives_An_Address", test_dhcp_gives_an_address);
	group_end();
}

void suite_transport(void)
{
	group_begin("Full_TransportInterfaceTest");
	case_run("TransportSendRecv_Small", test_tcp_echo);
	case_run("TransportSendRecv_Large", test_tcp_echo_large);
	case_run("TransportSendRecv_Datagrams", test_udp_echo);
	case_run("TransportConnect_Many", test_many_connections);
	group_end();
}

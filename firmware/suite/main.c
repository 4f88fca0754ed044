/* SPDX-License-Identifier: Apache-2.0 */
/* The reference suite's run: banner, groups in order, summary, then silence. */
#include "cpu.h"
#include "port.h"
#include "suite.h"
#include "target.h"

__attribute__((weak)) void suite_extra(void)
{
}

__attribute__((weak)) void suite_begin(void)
{
}

__attribute__((weak)) void suite_end(void)
{
}

/* By it the farm knows that what speaks is what it flashed; the form is laid down in target.h. */
static void print_banner(void)
{
	const uint8_t *id = build_id();

	fixture_print(ASSAY_BANNER_WORD " ");
	fixture_print(port_board.name);
	fixture_print(" " SUITE_VERSION " " ASSAY_BANNER_IMAGE " ");
	for (size_t i = 0; id && i < ASSAY_BUILD_ID_BYTES; i++) {
		const char *hex = "0123456789abcdef";
		char pair[3] = {hex[id[i] >> 4], hex[id[i] & 0xFU], '\0'};

		fixture_print(pair);
	}
	fixture_print(id ? "\r\n" : ASSAY_BANNER_UNKNOWN "\r\n");
}

int main(void)
{
	port_init();
	print_banner();
	port_clock_start();

	suite_begin();
	for (const struct fixture_group *const *group = suite_groups; *group; group++) {
		fixture_run(*group);
		if (*group == &group_memory)
			suite_extra();
	}
	suite_end();
	fixture_conclude();

	for (;;)
		cpu_wait_for_interrupt();
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Group Reset: the chip restarts when it should and says why; the watchdog bites only what is not fed. */
#include "cpu.h"
#include "journal.h"
#include "port.h"
#include "suite.h"

enum { WATCHDOG_MS = 200, FEEDINGS = 6, PATIENCE_MS = 5000 };

static void check_cause(uint32_t expected, const char *message)
{
	struct port_reset reset = port_reset_cause();

	CHECK_EQUAL_HEX(expected, reset.causes & expected, message);
}

static void case_software(void)
{
	if (journal_phase() == 0) {
		journal_keep(1, 0);
		journal_ask(ASK_SELF_RESET);
		cpu_reset();
	}
}

static void case_software_cause(void)
{
	if (port_reset_cause().absent)
		IGNORE("no register on this board tells why it started");
	if (journal_phase() == 0) {
		journal_keep(1, 0);
		journal_ask(ASK_SELF_RESET);
		cpu_reset();
	}
	check_cause(PORT_RESET_SOFTWARE, "the cause after SYSRESETREQ");
}

static void case_power_cause(void)
{
	struct port_reset reset = port_reset_cause();

	if (reset.absent)
		IGNORE("no register on this board tells why it started");
	if (port_flash().sectors == 0)
		IGNORE("the image of this board does not outlive its power");
	if (journal_phase() == 0)
		journal_restart(1, 0, "power-cycle 100");
	if (reset.power_is_zero)
		CHECK_EQUAL_HEX(0, reset.causes, "the cause after the supply came back");
	else
		check_cause(PORT_RESET_POWER, "the cause after the supply came back");
}

static void wait_ms(uint32_t ms)
{
	uint32_t begin = port_clock_ms();

	while (port_clock_ms() - begin < ms) {
	}
}

/* Fed, it must not bite; then it must. */
static void case_watchdog(void)
{
	if (journal_phase() == 1) {
		struct port_reset reset = port_reset_cause();

		if (!reset.absent)
			check_cause(PORT_RESET_WATCHDOG, "the cause after the watchdog bit");
		return;
	}
	if (!port_watchdog_start(WATCHDOG_MS))
		IGNORE("no watchdog on this board");
	for (uint32_t i = 0; i < FEEDINGS; i++) {
		wait_ms(WATCHDOG_MS / 2);
		port_watchdog_feed();
	}
	journal_keep(1, 0);
	port_watchdog_feed();
	journal_ask(ASK_SELF_RESET);
	wait_ms(PATIENCE_MS);
	CHECK(false, "the watchdog did not bite");
}

static const struct fixture_case cases[] = {
	{"software", case_software},
	{"software_cause", case_software_cause},
	{"power_cause", case_power_cause},
	{"watchdog", case_watchdog},
};
FIXTURE_GROUP(group_reset, "Reset", cases);

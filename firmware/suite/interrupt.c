/* SPDX-License-Identifier: Apache-2.0 */
/* Group Interrupt: lines that software raises arrive once, in the order of their priorities, one inside the other. */
#include "cpu.h"
#include "port.h"
#include "suite.h"

enum { LOG_MAX = 16, LINES = 3, URGENT = 1, NORMAL = 2, PATIENT = 3, ENTER = 0x10, LEAVE = 0x20 };

static struct {
	struct port_interrupts lines;
	volatile uint32_t count;       /* entries in log */
	volatile uint8_t log[LOG_MAX]; /* ENTER or LEAVE, and which line */
	volatile int raises[LINES];    /* the line that a handler raises while it runs; -1: none */
} seen;

static void note(uint32_t what)
{
	if (seen.count < LOG_MAX)
		seen.log[seen.count] = (uint8_t)what;
	seen.count++;
}

static bool on_line(uint32_t irq)
{
	for (uint32_t i = 0; i < LINES; i++) {
		if (seen.lines.line[i] != irq)
			continue;
		note(ENTER + i);
		if (seen.raises[i] >= 0)
			cpu_irq_pend(seen.lines.line[seen.raises[i]]);
		note(LEAVE + i);
		return true;
	}
	return false;
}

static void begin(uint32_t first, uint32_t second, uint32_t third)
{
	const uint32_t priorities[LINES] = {first, second, third};

	seen.lines = port_interrupts();
	seen.count = 0;
	for (uint32_t i = 0; i < LINES; i++) {
		seen.raises[i] = -1;
		cpu_irq_enable(seen.lines.line[i], priorities[i]);
	}
	cpu_irq_catch(on_line);
}

static void end(const uint8_t *expected, uint32_t count)
{
	cpu_irq_catch(NULL);
	for (uint32_t i = 0; i < LINES; i++)
		cpu_irq_disable(seen.lines.line[i]);
	CHECK_EQUAL(count, seen.count, "entries and exits of handlers");
	for (uint32_t i = 0; i < count; i++)
		CHECK_EQUAL_HEX(expected[i], seen.log[i], "who entered (0x1.) or left (0x2.), and which line");
}

static void case_arrives_once(void)
{
	static const uint8_t expected[] = {ENTER, LEAVE};

	begin(NORMAL, NORMAL, NORMAL);
	cpu_irq_pend(seen.lines.line[0]);
	for (volatile uint32_t i = 0; i < 100; i++) {
	}
	end(expected, sizeof(expected));
}

static void case_held_back(void)
{
	static const uint8_t expected[] = {ENTER + 1, LEAVE + 1};

	begin(NORMAL, NORMAL, NORMAL);
	cpu_interrupts_off();
	cpu_irq_pend(seen.lines.line[1]);
	cpu_irq_pend(seen.lines.line[1]); /* what is pending already does not come twice */
	uint32_t meanwhile = seen.count;
	cpu_interrupts_on();
	end(expected, sizeof(expected));
	CHECK_EQUAL(0, meanwhile, "handlers ran although interrupts were off");
}

static void case_priority(void)
{
	static const uint8_t expected[] = {ENTER + 2, LEAVE + 2, ENTER + 1, LEAVE + 1, ENTER, LEAVE};

	begin(PATIENT, NORMAL, URGENT);
	cpu_interrupts_off();
	for (uint32_t i = 0; i < LINES; i++)
		cpu_irq_pend(seen.lines.line[i]);
	cpu_interrupts_on();
	end(expected, sizeof(expected));
}

static void case_nesting(void)
{
	static const uint8_t expected[] = {ENTER, ENTER + 1, ENTER + 2, LEAVE + 2, LEAVE + 1, LEAVE};

	begin(PATIENT, NORMAL, URGENT);
	seen.raises[0] = 1;
	seen.raises[1] = 2;
	cpu_irq_pend(seen.lines.line[0]);
	end(expected, sizeof(expected));
}

/* A line of the same or a lower priority waits; both come before the thread goes on. */
static void case_tail_chaining(void)
{
	static const uint8_t expected[] = {ENTER, LEAVE, ENTER + 1, LEAVE + 1, ENTER + 2, LEAVE + 2};

	begin(NORMAL, NORMAL, PATIENT);
	seen.raises[0] = 1;
	seen.raises[1] = 2;
	cpu_irq_pend(seen.lines.line[0]);
	uint32_t at_once = seen.count;
	end(expected, sizeof(expected));
	CHECK_EQUAL(sizeof(expected), at_once, "the thread went on between two handlers");
}

static const struct fixture_case cases[] = {
	{"arrives_once", case_arrives_once}, {"held_back", case_held_back},         {"priority", case_priority},
	{"nesting", case_nesting},           {"tail_chaining", case_tail_chaining},
};
FIXTURE_GROUP(group_interrupt, "Interrupt", cases);

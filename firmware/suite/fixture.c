/* SPDX-License-Identifier: Apache-2.0 */
/* Runs cases one after another, counts them, and prints what Unity's verbose fixture would. */
#include "fixture.h"

#include <setjmp.h>
#include <string.h>

#include "port.h"

enum outcome { OUTCOME_PASS, OUTCOME_FAIL, OUTCOME_IGNORE };

static struct {
	jmp_buf leave; /* valid while a case runs */
	bool running;
	uint32_t tests;
	uint32_t failures;
	uint32_t ignored;
} fixture;

void fixture_print(const char *text)
{
	port_console_write(text, strlen(text));
}

void fixture_print_eol(void)
{
	fixture_print("\r\n");
}

void fixture_print_unsigned(uint32_t value)
{
	char digits[11];
	size_t at = sizeof(digits) - 1;

	digits[at] = '\0';
	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	fixture_print(&digits[at]);
}

void fixture_print_hex(uint32_t value)
{
	char digits[11] = "0x";

	for (size_t i = 0; i < 8; i++)
		digits[2 + i] = "0123456789ABCDEF"[(value >> (28 - 4 * i)) & 0xFU];
	digits[10] = '\0';
	fixture_print(digits);
}

static void print_place(const char *file, int line, const char *verdict)
{
	fixture_print(file);
	fixture_print(":");
	fixture_print_unsigned((uint32_t)line);
	fixture_print("::");
	fixture_print(verdict);
}

/* A check outside a case has nobody to report to but the console; going on would run tests on a broken board. */
static _Noreturn void leave(enum outcome outcome)
{
	if (fixture.running)
		longjmp(fixture.leave, (int)outcome);
	fixture_print_eol();
	for (;;) {
	}
}

_Noreturn void fixture_fail_text(const char *file, int line, const char *message)
{
	print_place(file, line, "FAIL: ");
	fixture_print(message);
	leave(OUTCOME_FAIL);
}

_Noreturn void fixture_ignore(const char *file, int line, const char *message)
{
	print_place(file, line, "IGNORE: ");
	fixture_print(message);
	leave(OUTCOME_IGNORE);
}

static _Noreturn void fail_unequal(const char *file, int line, uint32_t expected, uint32_t actual, const char *message,
				   void (*print)(uint32_t))
{
	print_place(file, line, "FAIL: Expected ");
	print(expected);
	fixture_print(" Was ");
	print(actual);
	fixture_print(". ");
	fixture_print(message);
	leave(OUTCOME_FAIL);
}

_Noreturn void fixture_fail_unequal(const char *file, int line, uint32_t expected, uint32_t actual, const char *message)
{
	fail_unequal(file, line, expected, actual, message, fixture_print_unsigned);
}

_Noreturn void fixture_fail_unequal_hex(const char *file, int line, uint32_t expected, uint32_t actual,
					const char *message)
{
	fail_unequal(file, line, expected, actual, message, fixture_print_hex);
}

/* Apart from its caller, so that no local variable lives across setjmp. */
static enum outcome run_guarded(void (*run)(void))
{
	int left = setjmp(fixture.leave);

	if (left)
		return (enum outcome)left;
	run();
	return OUTCOME_PASS;
}

static void run_case(const char *group, const struct fixture_case *test)
{
	fixture_print("TEST(");
	fixture_print(group);
	fixture_print(", ");
	fixture_print(test->name);
	fixture_print(")");

	fixture.tests++;
	fixture.running = true;
	enum outcome outcome = run_guarded(test->run);
	fixture.running = false;

	if (outcome == OUTCOME_PASS)
		fixture_print(" PASS");
	else if (outcome == OUTCOME_FAIL)
		fixture.failures++;
	else
		fixture.ignored++;
	fixture_print_eol();
}

void fixture_run(const struct fixture_group *group)
{
	for (size_t i = 0; i < group->count; i++)
		run_case(group->name, &group->cases[i]);
}

void fixture_conclude(void)
{
	fixture_print("\r\n-----------------------\r\n");
	fixture_print_unsigned(fixture.tests);
	fixture_print(" Tests ");
	fixture_print_unsigned(fixture.failures);
	fixture_print(" Failures ");
	fixture_print_unsigned(fixture.ignored);
	fixture_print(" Ignored \r\n");
	fixture_print(fixture.failures ? "FAIL\r\n" : "OK\r\n");
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Runs cases one after another, counts them, and prints what Unity's verbose fixture would. */
#include "fixture.h"

#include <setjmp.h>
#include <string.h>

#include "port.h"
#include "target.h"

enum outcome { OUTCOME_PASS, OUTCOME_FAIL, OUTCOME_IGNORE };

static struct {
	jmp_buf leave; /* valid while a case runs */
	bool running;
	bool line_open; /* the case's name stands on the line, and nothing behind it */
	uint32_t index; /* of the case that comes next */
	struct fixture_progress done;
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

void fixture_line(const char *word)
{
	if (fixture.line_open)
		fixture_print_eol();
	fixture.line_open = false;
	fixture_print(ASSAY_BANNER_WORD " ");
	fixture_print(word);
	fixture_print(" ");
}

void fixture_measure(const char *name, uint32_t value, const char *unit)
{
	fixture_line("measure");
	fixture_print(name);
	fixture_print(" ");
	fixture_print_unsigned(value);
	fixture_print(" ");
	fixture_print(unit);
	fixture_print_eol();
}

void fixture_resume(const struct fixture_progress *progress)
{
	fixture.done = *progress;
}

struct fixture_progress fixture_progress(void)
{
	return fixture.done;
}

/* Apart from its caller, so that no local variable lives across setjmp. */
static enum outcome run_guarded(void (*run)(void))
{
	int left = setjmp(fixture.leave);

	if (left)
		return (enum outcome)left;
	if (strcmp(port_board.name, PORT_UNKNOWN) == 0)
		port_not_ported("port_board");
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

	fixture.running = fixture.line_open = true;
	enum outcome outcome = run_guarded(test->run);
	fixture.running = fixture.line_open = false;
	fixture.done.tests++;

	if (outcome == OUTCOME_PASS)
		fixture_print(" PASS");
	else if (outcome == OUTCOME_FAIL)
		fixture.done.failures++;
	else
		fixture.done.ignored++;
	fixture_print_eol();
}

void fixture_run(const struct fixture_group *group)
{
	for (size_t i = 0; i < group->count; i++) {
		if (fixture.index++ >= fixture.done.tests)
			run_case(group->name, &group->cases[i]);
	}
}

void fixture_conclude(void)
{
	fixture_print("\r\n-----------------------\r\n");
	fixture_print_unsigned(fixture.done.tests);
	fixture_print(" Tests ");
	fixture_print_unsigned(fixture.done.failures);
	fixture_print(" Failures ");
	fixture_print_unsigned(fixture.done.ignored);
	fixture_print(" Ignored \r\n");
	fixture_print(fixture.done.failures ? "FAIL\r\n" : "OK\r\n");
}

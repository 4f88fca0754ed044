/* SPDX-License-Identifier: Apache-2.0 */
/* A small test fixture whose output is that of Unity's fixture in verbose mode, so that any Unity reader understands
 * it. */
#ifndef FIXTURE_H
#define FIXTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Lines end in "\r\n". A case prints "TEST(Group, case)" before it runs, then exactly one of
 *   " PASS", "<file>:<line>::FAIL: <message>", "<file>:<line>::IGNORE: <message>".
 * The check macros leave the case at the first failure; they must be used from the case's own thread of control.
 * Lines that begin with ASSAY (schema/target.h) may stand between a case's name and its verdict.
 *
 * A case may go on over a restart (journal.h): it is printed again then, and only its last word counts.
 */
struct fixture_case {
	const char *name;
	void (*run)(void);
};

struct fixture_group {
	const char *name;
	const struct fixture_case *cases;
	size_t count;
};

#define FIXTURE_GROUP(symbol, group_name, case_array)                                                                  \
	const struct fixture_group symbol = {group_name, case_array, sizeof(case_array) / sizeof((case_array)[0])}

/* How far a suite has come: what it needs to go on after a restart. */
struct fixture_progress {
	uint32_t tests; /* of all groups, that ended */
	uint32_t failures;
	uint32_t ignored;
};

/* What stands for a board's name until a port has said it: no case can pass then. */
#define PORT_UNKNOWN "unported"

/* The cases that ended before the restart are not run again. Before the first fixture_run. */
void fixture_resume(const struct fixture_progress *progress);
struct fixture_progress fixture_progress(void);

/* Runs a group's cases in order. */
void fixture_run(const struct fixture_group *group);

/* Prints the summary block of everything run so far, then "OK" or "FAIL". */
void fixture_conclude(void);

/* Writes text, a number, or an end of line to the console. */
void fixture_print(const char *text);
void fixture_print_unsigned(uint32_t value);
void fixture_print_hex(uint32_t value);
void fixture_print_eol(void);

/* Tells the farm a measurement of the case that runs: name and unit as in schema/target.h. */
void fixture_measure(const char *name, uint32_t value, const char *unit);
/* Begins a line for the farm: the case's own is ended first. */
void fixture_line(const char *word);

/* These end the running case and do not return. */
_Noreturn void fixture_fail_text(const char *file, int line, const char *message);
_Noreturn void fixture_ignore(const char *file, int line, const char *message);
_Noreturn void fixture_fail_unequal(const char *file, int line, uint32_t expected, uint32_t actual,
				    const char *message);
_Noreturn void fixture_fail_unequal_hex(const char *file, int line, uint32_t expected, uint32_t actual,
					const char *message);

/* The file's name without its folders, at compile time. */
#define FIXTURE_FILE (__FILE_NAME__)

#define CHECK(condition, message)                                                                                      \
	do {                                                                                                           \
		if (!(condition))                                                                                      \
			fixture_fail_text(FIXTURE_FILE, __LINE__, message);                                            \
	} while (0)

#define CHECK_EQUAL(expected, actual, message)                                                                         \
	do {                                                                                                           \
		uint32_t check_expected = (expected);                                                                  \
		uint32_t check_actual = (actual);                                                                      \
		if (check_expected != check_actual)                                                                    \
			fixture_fail_unequal(FIXTURE_FILE, __LINE__, check_expected, check_actual, message);           \
	} while (0)

#define CHECK_EQUAL_HEX(expected, actual, message)                                                                     \
	do {                                                                                                           \
		uint32_t check_expected = (expected);                                                                  \
		uint32_t check_actual = (actual);                                                                      \
		if (check_expected != check_actual)                                                                    \
			fixture_fail_unequal_hex(FIXTURE_FILE, __LINE__, check_expected, check_actual, message);       \
	} while (0)

#define IGNORE(message) fixture_ignore(FIXTURE_FILE, __LINE__, message)

#endif

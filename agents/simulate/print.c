/* SPDX-License-Identifier: Apache-2.0 */
/* A simulated board's console. */
#include "agents/simulate/print.h"

#include <inttypes.h>
#include <string.h>

#include "schema/target.h"

/* The text being written: cases go to the first part until half of them are out. */
struct printing {
	struct buf *first, *rest;
	enum sim_outcome outcome;
	size_t total; /* cases to come */
	size_t count; /* cases printed, or left out */
	size_t failed;
	int rc; /* the first error stays */
};

static struct buf *part(const struct printing *printing)
{
	return printing->count < printing->total / 2 ? printing->first : printing->rest;
}

static void note(struct printing *printing, int rc)
{
	if (printing->rc == 0)
		printing->rc = rc;
}

/* As the verbose fixture prints a case with a group, and plain Unity one without. */
static void print_case(struct printing *printing, const char *group, size_t group_len, const char *name, bool expected)
{
	bool last = printing->count + 1 == printing->total;
	bool fails = !expected || (last && printing->outcome == SIM_FAIL);
	struct buf *buf = part(printing);

	printing->count++;
	if (last && printing->outcome == SIM_MISSING)
		return;
	printing->failed += fails;
	if (!group_len)
		note(printing,
		     buf_appendf(buf, "simulated.c:1:%s:%s\r\n", name, fails ? "FAIL: the script says so" : "PASS"));
	else if (fails)
		note(printing, buf_appendf(buf, "TEST(%.*s, %s)simulated.c:1::FAIL: the script says so\r\n",
					   (int)group_len, group, name));
	else
		note(printing, buf_appendf(buf, "TEST(%.*s, %s) PASS\r\n", (int)group_len, group, name));
}

static void print_listed(struct printing *printing, const struct requirements *require)
{
	for (size_t i = 0; i < require->case_count; i++) {
		const char *key = require->cases[i], *dot = strchr(key, '.');
		bool passes = !require->rules || require->rules[i].expect != EXPECT_FAIL;

		print_case(printing, key, dot ? (size_t)(dot - key) : 0, dot ? dot + 1 : key, passes);
	}
}

/* Cases that the job counts without naming them. */
static void print_unnamed(struct printing *printing, const char *group, size_t count)
{
	char name[32];

	for (size_t i = 1; i <= count; i++) {
		snprintf(name, sizeof name, "simulated_%zu", i);
		print_case(printing, group, strlen(group), name, true);
	}
}

static size_t listed_in(const struct requirements *require, const char *group)
{
	size_t count = 0, len = strlen(group);

	for (size_t i = 0; i < require->case_count; i++)
		count += strncmp(require->cases[i], group, len) == 0 && require->cases[i][len] == '.';
	return count;
}

static size_t missing_in(const struct requirements *require, const struct required_group *group)
{
	size_t least = group->min_cases ? group->min_cases : 1, listed = listed_in(require, group->name);

	return least > listed ? least - listed : 0;
}

static size_t count_cases(const struct requirements *require, const struct sim_script *script, size_t *ret_loose)
{
	size_t total = require->case_count;

	for (size_t i = 0; i < require->group_count; i++)
		total += missing_in(require, &require->groups[i]);
	if (total == 0 && require->tests == 0 && require->line_count == 0)
		*ret_loose = (size_t)script->cases;
	else
		*ret_loose = require->tests > total ? require->tests - total : 0;
	return total + *ret_loose;
}

static void print_flood(struct printing *printing, int64_t bytes)
{
	static const char line[] =
		"a simulated board prints far more than anybody wants to read of it, again and again\r\n";

	for (int64_t at = 0; at < bytes; at += (int64_t)sizeof line - 1)
		note(printing, buf_append(printing->rest, line, sizeof line - 1));
}

static void print_end(struct printing *printing, const struct requirements *require)
{
	size_t tests = printing->count - (printing->outcome == SIM_MISSING && printing->count);

	for (size_t i = 0; i < require->line_count; i++)
		note(printing, buf_appendf(printing->rest, "%s\r\n", require->lines[i]));
	note(printing,
	     buf_appendf(printing->rest, "\r\n-----------------------\r\n%zu Tests %zu Failures 0 Ignored \r\n%s\r\n",
			 tests, printing->failed, printing->failed ? "FAIL" : "OK"));
}

int sim_print(const struct requirements *require, const struct sim_script *script, enum sim_outcome outcome,
	      const char *board, struct buf *first, struct buf *rest)
{
	struct printing printing = {.first = first, .rest = rest, .outcome = outcome};
	size_t loose = 0;

	if (outcome == SIM_SILENT)
		return 0;
	printing.total = count_cases(require, script, &loose);
	note(&printing, buf_appendf(first, ASSAY_BANNER_FORMAT, "simulated", "0", ASSAY_BANNER_UNKNOWN));
	note(&printing, buf_appendf(first, "%s is simulated: no firmware ran\r\n", board));
	if (outcome == SIM_FLOOD)
		print_flood(&printing, script->flood_bytes);
	print_listed(&printing, require);
	for (size_t i = 0; i < require->group_count; i++)
		print_unnamed(&printing, require->groups[i].name, missing_in(require, &require->groups[i]));
	print_unnamed(&printing, "", loose);
	print_end(&printing, require);
	return printing.rc;
}

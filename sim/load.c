/* SPDX-License-Identifier: Apache-2.0 */
/* Reads load files: boards, organisations and what holds for all. */
#include "sim/load.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/civil.h"
#include "core/base/mem.h"

#define DEFAULT_START_US (INT64_C(1767571200) * 1000000) /* Monday, 5 January 2026 */
#define HOUR_US          (INT64_C(3600) * 1000000)

struct load *load_create(const char *name)
{
	struct load *load = mem_alloc(sizeof(*load));

	mem_text_into(load->name, sizeof(load->name), name);
	load->seed = 1;
	load->start_us = DEFAULT_START_US;
	load->horizon_us = 24 * HOUR_US;
	load->ageing_us = HOUR_US;
	load->yield_us = 5 * INT64_C(1000000);
	return load;
}

void load_destroy(struct load *load)
{
	if (!load)
		return;
	free(load->groups);
	free(load->orgs);
	free(load->streams);
	free(load);
}

struct load_org *load_find_org(const struct load *load, const char *name)
{
	for (size_t i = 0; i < load->org_count; i++)
		if (strcmp(load->orgs[i].name, name) == 0)
			return &load->orgs[i];
	return NULL;
}

bool load_has_type(const struct load *load, const char *type)
{
	for (size_t i = 0; i < load->group_count; i++)
		if (strcmp(load->groups[i].type, type) == 0)
			return true;
	return false;
}

struct load_org *load_add_org(struct load *load, const char *name)
{
	struct load_org *org;

	load->orgs = mem_resize_array(load->orgs, load->org_count + 1, sizeof(*load->orgs));
	org = &load->orgs[load->org_count++];
	*org = (struct load_org){.weight = 100, .members = 1};
	mem_text_into(org->name, sizeof(org->name), name);
	return org;
}

struct load_group *load_add_group(struct load *load, const char *name, const char *type, int64_t count)
{
	struct load_group *group;

	load->groups = mem_resize_array(load->groups, load->group_count + 1, sizeof(*load->groups));
	group = &load->groups[load->group_count++];
	*group = (struct load_group){.count = count, .hosts = 1};
	mem_text_into(group->name, sizeof(group->name), name);
	mem_text_into(group->type, sizeof(group->type), type);
	return group;
}

int64_t load_mean_us(const struct load_takes *takes)
{
	if (takes->shape == TAKES_UNIFORM)
		return takes->a_us + (takes->b_us - takes->a_us) / 2;
	if (takes->shape == TAKES_LOGNORMAL)
		return (int64_t)((double)takes->a_us * exp(takes->sigma * takes->sigma / 2));
	return takes->a_us;
}

/* --- Small readers --------------------------------------------------------------------------------------------- */

bool load_read_span(const struct doc_node *node, const char *key, bool required, int64_t min_ms, int64_t max_ms,
		    int64_t *ret_us, struct doc_problems *problems)
{
	int64_t ms;

	if (!doc_read_duration_ms(node, key, required, min_ms, max_ms, &ms, problems))
		return false;
	*ret_us = ms * 1000;
	return true;
}

static bool is_word(const char *text)
{
	if (strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == 0)
		return false;
	return text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")] == '\0';
}

static bool word_of(const struct doc_node *node, const char *text, char target[LOAD_NAME_MAX],
		    struct doc_problems *problems)
{
	if (!is_word(text)) {
		doc_problem_add(problems, node->line, node->path, text,
				"letters, digits, '.', '_' and '-', beginning with a letter or digit");
		return false;
	}
	mem_text_into(target, LOAD_NAME_MAX, text);
	return true;
}

bool load_read_word(const struct doc_node *node, const char *key, bool required, char target[LOAD_NAME_MAX],
		    struct doc_problems *problems)
{
	const char *text;

	return doc_read_text(node, key, required, LOAD_NAME_MAX - 1, &text, problems) &&
	       word_of(doc_get(node, key), text, target, problems);
}

static void add_trait(const struct doc_node *node, enum plan_trait_kind kind, struct load_traits *traits,
		      struct doc_problems *problems)
{
	const char *text;

	if (!doc_node_text(node, LOAD_NAME_MAX - 1, &text, problems))
		return;
	if (traits->count == LOAD_MAX_TRAITS)
		doc_problem_add(problems, node->line, node->path, "more",
				"at most %d tags, features and sites together", LOAD_MAX_TRAITS);
	else if (word_of(node, text, traits->item[traits->count].name, problems))
		traits->item[traits->count++].kind = kind;
}

void load_read_traits(const struct doc_node *node, struct load_traits *traits, struct doc_problems *problems)
{
	static const struct {
		const char *key;
		enum plan_trait_kind kind;
	} lists[] = {{"tags", PLAN_TRAIT_TAG}, {"features", PLAN_TRAIT_FEATURE}};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		const struct doc_node *list = doc_read_sequence(node, lists[i].key, false, LOAD_MAX_TRAITS, problems);

		for (size_t k = 0; list && k < list->count; k++)
			add_trait(list->child[k], lists[i].kind, traits, problems);
	}
	if (doc_get(node, "site"))
		add_trait(doc_get(node, "site"), PLAN_TRAIT_SITE, traits, problems);
}

/* --- Boards and organisations ---------------------------------------------------------------------------------- */

static void refuse_repeated(const struct doc_node *node, bool is_repeated, struct doc_problems *problems)
{
	const struct doc_node *name = doc_get(node, "name");

	if (is_repeated && name)
		doc_problem_add(problems, name->line, name->path, name->text, "a name that is not used above");
}

static void read_group(const struct doc_node *node, struct load *load, struct doc_problems *problems)
{
	static const char *const known[] = {"name",  "type", "count",    "hosts", "tokens",
					    "owner", "tags", "features", "site",  NULL};
	struct load_group *group = load_add_group(load, "", "", 1);

	(void)doc_refuse_unknown(node, known, problems);
	(void)load_read_word(node, "name", true, group->name, problems);
	(void)load_read_word(node, "type", true, group->type, problems);
	(void)load_read_word(node, "owner", false, group->owner, problems);
	(void)doc_read_int(node, "count", true, 1, LOAD_MAX_BOARDS, &group->count, problems);
	(void)doc_read_int(node, "hosts", false, 1, LOAD_MAX_BOARDS, &group->hosts, problems);
	(void)doc_read_int(node, "tokens", false, 1, LOAD_MAX_BOARDS, &group->tokens, problems);
	load_read_traits(node, &group->traits, problems);
	for (size_t i = 0; i + 1 < load->group_count; i++)
		refuse_repeated(node, strcmp(load->groups[i].name, group->name) == 0, problems);
	if (group->owner[0] && !load_find_org(load, group->owner))
		doc_problem_add(problems, node->line, doc_get(node, "owner")->path, group->owner,
				"one of the organisations");
}

static void read_org(const struct doc_node *node, struct load *load, struct doc_problems *problems)
{
	static const char *const known[] = {"name", "weight", "cap", "guaranteed", "members", NULL};
	struct load_org *org;
	char name[LOAD_NAME_MAX] = "";

	(void)doc_refuse_unknown(node, known, problems);
	(void)load_read_word(node, "name", true, name, problems);
	refuse_repeated(node, load_find_org(load, name) != NULL, problems);
	org = load_add_org(load, name);
	(void)doc_read_int(node, "weight", false, 1, SHARE_WEIGHT_MAX, &org->weight, problems);
	(void)doc_read_int(node, "cap", false, 1, LOAD_MAX_BOARDS, &org->cap, problems);
	(void)doc_read_int(node, "guaranteed", false, 0, LOAD_MAX_BOARDS, &org->guaranteed, problems);
	(void)doc_read_int(node, "members", false, 1, LOAD_MAX_MEMBERS, &org->members, problems);
}

/* --- The whole ------------------------------------------------------------------------------------------------- */

static bool all_digits(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] < '0' || text[i] > '9')
			return false;
	return true;
}

/* YYYY-MM-DD */
static void read_start(const struct doc_node *root, int64_t *ret_us, struct doc_problems *problems)
{
	const char *text;
	struct civil_date date;

	if (!doc_read_text(root, "start", false, 20, &text, problems))
		return;
	if (strlen(text) == 10 && all_digits(text, 4) && text[4] == '-' && all_digits(text + 5, 2) && text[7] == '-' &&
	    all_digits(text + 8, 2)) {
		date.year = strtol(text, NULL, 10);
		date.month = (int)strtol(text + 5, NULL, 10);
		date.day = (int)strtol(text + 8, NULL, 10);
		if (date.year >= CALENDAR_FIRST_YEAR && date.year < CALENDAR_LAST_YEAR && date.month >= 1 &&
		    date.month <= 12 && date.day >= 1 && date.day <= civil_days_in_month(date.year, date.month)) {
			*ret_us = civil_to_days(&date) * CIVIL_DAY_S * 1000000;
			return;
		}
	}
	doc_problem_add(problems, doc_get(root, "start")->line, "start", text, "a day as 2026-01-31");
}

static void read_streams(const struct doc_node *list, const struct time_zones *zones, struct load *load,
			 struct doc_problems *problems)
{
	load->streams = mem_alloc_array(list->count, sizeof(*load->streams));
	for (size_t i = 0; i < list->count; i++) {
		load_read_stream(list->child[i], zones, load, &load->streams[i], problems);
		for (size_t k = 0; k < i; k++)
			refuse_repeated(list->child[i], strcmp(load->streams[k].name, load->streams[i].name) == 0,
					problems);
		load->stream_count++;
	}
}

static void refuse_too_many(const struct doc_node *list, const struct load *load, struct doc_problems *problems)
{
	int64_t boards = 0;

	for (size_t i = 0; i < load->group_count; i++)
		boards += load->groups[i].count;
	if (boards > LOAD_MAX_BOARDS)
		doc_problem_add(problems, list->line, list->path, "more boards", "at most %d in all", LOAD_MAX_BOARDS);
}

static void read_lists(const struct doc_node *root, bool needs_jobs, const struct time_zones *zones, struct load *load,
		       struct doc_problems *problems)
{
	const struct doc_node *list;

	list = doc_read_sequence(root, "organisations", needs_jobs, LOAD_MAX_ORGS, problems);
	for (size_t i = 0; list && i < list->count; i++)
		read_org(list->child[i], load, problems);
	list = doc_read_sequence(root, "boards", needs_jobs, LOAD_MAX_GROUPS, problems);
	for (size_t i = 0; list && i < list->count; i++)
		read_group(list->child[i], load, problems);
	if (list)
		refuse_too_many(list, load, problems);
	list = doc_read_sequence(root, "jobs", needs_jobs, LOAD_MAX_STREAMS, problems);
	if (list)
		read_streams(list, zones, load, problems);
}

int load_read(const struct doc_node *root, bool needs_jobs, const struct time_zones *zones, struct load **ret_load,
	      struct doc_problems *problems)
{
	static const char *const known[] = {"name",  "seed",   "start",         "horizon", "ageing",
					    "yield", "boards", "organisations", "jobs",    NULL};
	struct load *load = load_create("");
	size_t before = problems->count;

	(void)doc_refuse_unknown(root, known, problems);
	(void)load_read_word(root, "name", true, load->name, problems);
	(void)doc_read_int(root, "seed", false, 0, INT32_MAX, &load->seed, problems);
	read_start(root, &load->start_us, problems);
	(void)load_read_span(root, "horizon", needs_jobs, 1, LOAD_MAX_SPAN_MS, &load->horizon_us, problems);
	(void)load_read_span(root, "ageing", false, 0, LOAD_MAX_SPAN_MS, &load->ageing_us, problems);
	(void)load_read_span(root, "yield", false, 0, LOAD_MAX_TAKES_MS, &load->yield_us, problems);
	read_lists(root, needs_jobs, zones, load, problems);
	if (problems->count > before) {
		load_destroy(load);
		return ERR_INVALID;
	}
	*ret_load = load;
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the script of a simulated rack. */
#include "agents/simulate/script.h"

#include <stdio.h>
#include <string.h>

static const char *const step_names[] = {
#define X(name, text) text,
	SIM_STEPS(X)
#undef X
		NULL};

static const char *const outcome_names[] = {
#define X(name, text) text,
	SIM_OUTCOMES(X)
#undef X
		NULL};

const char *sim_step_name(enum sim_step step)
{
	return step_names[step];
}

const char *sim_outcome_name(enum sim_outcome outcome)
{
	return outcome_names[outcome];
}

void sim_script_init(struct sim_script *script)
{
	*script = (struct sim_script){
		.name = "sim", .rack_boards = 500, .cases = 8, .flood_bytes = 1 << 20, .away_ms = 500};
	script->share[SIM_PASS] = 1;
}

static void complain(const struct doc_node *node, struct doc_problems *problems, const char *expected)
{
	char scratch[100];

	doc_problem_add(problems, node->line, node->path, doc_describe(node, scratch, sizeof scratch), "%s", expected);
}

static void read_name(const struct doc_node *root, struct sim_script *script, struct doc_problems *problems)
{
	const char *name;

	if (!doc_read_text(root, "name", false, SIM_NAME_MAX, &name, problems))
		return;
	if (!name[0] || name[0] == '-' || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(name))
		complain(doc_get(root, "name"), problems, "lower-case letters, digits and '-'");
	else
		snprintf(script->name, sizeof script->name, "%s", name);
}

static void read_lognormal(const struct doc_node *mapping, struct sim_delay *delay, struct doc_problems *problems)
{
	static const char *const known[] = {"median", "sigma", "most", NULL};
	const struct doc_node *node = doc_read_mapping(mapping, "lognormal", true, problems);

	delay->kind = SIM_LOGNORMAL;
	if (!node)
		return;
	doc_refuse_unknown(node, known, problems);
	doc_read_duration_ms(node, "median", true, 0, SIM_DELAY_MAX_MS, &delay->ms, problems);
	doc_read_duration_ms(node, "most", true, 0, SIM_DELAY_MAX_MS, &delay->most_ms, problems);
	if (doc_read_number(node, "sigma", true, &delay->sigma, problems) && (delay->sigma < 0 || delay->sigma > 10))
		complain(doc_get(node, "sigma"), problems, "0 to 10");
}

/* A sequence's elements have no keys, which doc_read_duration_ms looks for: each is read as if it had. */
static bool read_element(const struct doc_node *element, int64_t *ret_ms, struct doc_problems *problems)
{
	struct doc_node keyed = *element, *child = &keyed;
	struct doc_node mapping = {
		.kind = DOC_MAPPING, .line = element->line, .path = element->path, .count = 1, .child = &child};

	keyed.key = "duration";
	return doc_read_duration_ms(&mapping, "duration", true, 0, SIM_DELAY_MAX_MS, ret_ms, problems);
}

static void read_uniform(const struct doc_node *mapping, struct sim_delay *delay, struct doc_problems *problems)
{
	const struct doc_node *list = doc_read_sequence(mapping, "uniform", true, 2, problems);

	delay->kind = SIM_UNIFORM;
	if (!list)
		return;
	if (list->count != 2)
		complain(list, problems, "[least, most]");
	else if (read_element(list->child[0], &delay->ms, problems) &&
		 read_element(list->child[1], &delay->most_ms, problems) && delay->most_ms < delay->ms)
		complain(list, problems, "the least first, then the most");
}

static void read_delay(const struct doc_node *steps, const char *name, struct sim_delay *delay,
		       struct doc_problems *problems)
{
	static const char *const known[] = {"uniform", "lognormal", NULL};
	const struct doc_node *node = doc_get(steps, name);

	if (!node)
		return;
	*delay = (struct sim_delay){.kind = SIM_FIXED};
	if (node->kind == DOC_SCALAR) {
		doc_read_duration_ms(steps, name, true, 0, SIM_DELAY_MAX_MS, &delay->ms, problems);
		return;
	}
	if (!doc_refuse_unknown(node, known, problems))
		return;
	if (node->count != 1)
		complain(node, problems, "a duration, or one of \"uniform\" and \"lognormal\"");
	else if (doc_get(node, "uniform"))
		read_uniform(node, delay, problems);
	else
		read_lognormal(node, delay, problems);
}

static void read_steps(const struct doc_node *root, struct sim_script *script, struct doc_problems *problems)
{
	const struct doc_node *steps = doc_read_mapping(root, "steps", false, problems);

	if (!steps || !doc_refuse_unknown(steps, step_names, problems))
		return;
	for (size_t i = 0; i < SIM_STEP_COUNT; i++)
		read_delay(steps, step_names[i], &script->step[i], problems);
}

/* Leaves share as it is when there are none. */
static void read_outcomes(const struct doc_node *mapping, bool required, uint32_t share[SIM_OUTCOME_COUNT],
			  struct doc_problems *problems)
{
	const struct doc_node *node = doc_read_mapping(mapping, "outcomes", required, problems);
	int64_t value, sum = 0;

	if (!node || !doc_refuse_unknown(node, outcome_names, problems))
		return;
	for (size_t i = 0; i < SIM_OUTCOME_COUNT; i++) {
		value = 0;
		doc_read_int(node, outcome_names[i], false, 0, 1000000, &value, problems);
		share[i] = (uint32_t)value;
		sum += value;
	}
	if (sum == 0)
		complain(node, problems, "a share over 0");
}

static void read_boards(const struct doc_node *root, struct sim_script *script, struct doc_problems *problems)
{
	static const char *const known[] = {"from", "to", "outcomes", "tags", "features", "hub", NULL};
	const struct doc_node *list = doc_read_sequence(root, "boards", false, SIM_MAX_SPECIAL, problems);
	struct sim_special *special;

	for (size_t i = 0; list && i < list->count; i++) {
		special = &script->special[script->special_count];
		if (!doc_refuse_unknown(list->child[i], known, problems) ||
		    !doc_read_int(list->child[i], "from", true, 1, SIM_MAX_BOARDS, &special->from, problems))
			continue;
		special->to = special->from;
		doc_read_int(list->child[i], "to", false, special->from, SIM_MAX_BOARDS, &special->to, problems);
		equipment_read(list->child[i], &special->equipment, problems);
		special->has_shares = doc_get(list->child[i], "outcomes");
		read_outcomes(list->child[i], list->child[i]->count < 2, special->share, problems);
		script->special_count++;
	}
}

static void read_racks(const struct doc_node *root, struct sim_script *script, struct doc_problems *problems)
{
	static const char *const known[] = {"rack", "fault", "every", "for", NULL};
	static const char *const faults[] = {"deaf", "leaves"};
	const struct doc_node *list = doc_read_sequence(root, "racks", false, SIM_MAX_SPECIAL, problems);
	struct sim_rack_special *rack;
	size_t fault = 0;
	bool leaves;

	for (size_t i = 0; list && i < list->count; i++) {
		rack = &script->rack[script->rack_count++];
		if (!doc_refuse_unknown(list->child[i], known, problems))
			continue;
		doc_read_int(list->child[i], "rack", true, 1, SIM_MAX_BOARDS, &rack->rack, problems);
		doc_read_enum(list->child[i], "fault", true, faults, 2, &fault, problems);
		rack->fault = (enum sim_rack_fault)fault;
		leaves = rack->fault == SIM_LEAVES;
		doc_read_duration_ms(list->child[i], "every", leaves, 1, SIM_DELAY_MAX_MS, &rack->every_ms, problems);
		doc_read_duration_ms(list->child[i], "for", leaves, 1, SIM_DELAY_MAX_MS, &rack->for_ms, problems);
	}
}

static void read_site(const struct doc_node *root, struct sim_script *script, struct doc_problems *problems)
{
	const char *site;

	if (!doc_read_text(root, "site", false, TAG_SIZE - 1, &site, problems))
		return;
	if (!tag_valid(site))
		complain(doc_get(root, "site"), problems, "lower-case letters, digits, '-', '_' and '.'");
	snprintf(script->site, sizeof script->site, "%s", site);
}

int sim_script_read(const char *file, const char *text, size_t len, struct sim_script *script,
		    struct doc_problems *problems)
{
	static const char *const known[] = {"name", "rack-boards", "seed",  "steps", "outcomes", "cases", "flood",
					    "away", "boards",      "racks", "site",  "hubs",     NULL};
	struct doc *doc = NULL;
	int rc = doc_parse(file, text, len, &doc, problems);

	if (rc)
		return rc;
	doc_refuse_unknown(doc->root, known, problems);
	read_name(doc->root, script, problems);
	doc_read_int(doc->root, "rack-boards", false, 1, SIM_MAX_RACK_BOARDS, &script->rack_boards, problems);
	doc_read_int(doc->root, "seed", false, 0, INT64_MAX, &script->seed, problems);
	read_steps(doc->root, script, problems);
	read_outcomes(doc->root, false, script->share, problems);
	doc_read_int(doc->root, "cases", false, 1, SIM_MAX_CASES, &script->cases, problems);
	doc_read_int(doc->root, "flood", false, 1, SIM_MAX_FLOOD, &script->flood_bytes, problems);
	doc_read_duration_ms(doc->root, "away", false, 0, SIM_DELAY_MAX_MS, &script->away_ms, problems);
	read_boards(doc->root, script, problems);
	read_site(doc->root, script, problems);
	script->hub_count = equipment_hubs_read(doc->root, script->hubs, problems);
	read_racks(doc->root, script, problems);
	doc_destroy(doc);
	return problems->count ? ERR_INVALID : 0;
}

const uint32_t *sim_script_shares(const struct sim_script *script, int64_t board)
{
	const uint32_t *shares = script->share;

	for (size_t i = 0; i < script->special_count; i++) {
		if (script->special[i].has_shares && board >= script->special[i].from && board <= script->special[i].to)
			shares = script->special[i].share;
	}
	return shares;
}

struct equipment sim_script_equipment(const struct sim_script *script, int64_t board)
{
	struct equipment equipment = {.tags = ""};

	for (size_t i = 0; i < script->special_count; i++) {
		if (board >= script->special[i].from && board <= script->special[i].to)
			equipment = script->special[i].equipment;
	}
	return equipment;
}

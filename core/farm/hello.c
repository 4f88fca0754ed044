/* SPDX-License-Identifier: Apache-2.0 */
/* Whether an agent's hello can be taken: names that are its own, types that are known, nothing of another's. */
#include <stdio.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/farm/farm_state.h"
#include "core/farm/state_board.h"
#include "core/farm/state_rack.h"

static int refuse(struct agent_refusal *refusal, const char *field, const char *found, const char *expected,
		  struct err *err)
{
	mem_text_into(refusal->field, sizeof(refusal->field), field);
	mem_text_into(refusal->found, sizeof(refusal->found), found);
	mem_text_into(refusal->expected, sizeof(refusal->expected), expected);
	return err_set(err, ERR_INVALID, "%s: found %s, expected %s", refusal->field, refusal->found,
		       refusal->expected);
}

static int refuse_item(struct agent_refusal *refusal, const char *field, size_t index, const char *member,
		       const char *found, const char *expected, struct err *err)
{
	char place[48];

	(void)snprintf(place, sizeof(place), "%s[%zu].%s", field, index, member);
	return refuse(refusal, place, found, expected, err);
}

static bool says_type(const struct agent_hello *hello, const char *type)
{
	for (size_t i = 0; i < hello->type_count; i++) {
		if (strcmp(hello->types[i].name, type) == 0)
			return true;
	}
	return false;
}

static bool named_before(const struct agent_hello *hello, size_t index)
{
	for (size_t i = 0; i < index; i++) {
		if (strcmp(hello->boards[i].name, hello->boards[index].name) == 0)
			return true;
	}
	return false;
}

static int check_agent(struct farm *farm, const struct principal *who, const struct agent_hello *hello,
		       struct agent_refusal *refusal, struct err *err)
{
	const struct agent *agent = agent_find(farm, hello->agent);
	const char *barred = agent_barred(farm, hello->agent);
	char bound[PRINCIPAL_MAX + 48];

	if (!hello->agent[0] || strlen(hello->agent) >= FARM_NAME_MAX)
		return refuse(refusal, "agent", hello->agent, "a name of 1 to 63 bytes", err);
	if (barred)
		return refuse(refusal, "hello", "something the store refuses", barred, err);
	(void)snprintf(bound, sizeof(bound), "%s, the rack that the token is good for", who->rack);
	if (who->rack[0] && strcmp(who->rack, hello->agent) != 0)
		return refuse(refusal, "agent", hello->agent, bound, err);
	if (agent && strcmp(agent->record.org, who->org) != 0)
		return refuse(refusal, "agent", hello->agent, "a name that no agent of another organisation has", err);
	return 0;
}

/* Whoever brought a type may change it, and so may the farm's own organisation. */
static int check_types(struct farm *farm, const struct principal *who, const struct agent_hello *hello,
		       struct agent_refusal *refusal, struct err *err)
{
	for (size_t i = 0; i < hello->type_count; i++) {
		const struct board_type *said = &hello->types[i];
		const struct pool *pool = pool_find(farm, said->name);

		if (pool && pool->has_type && strcmp(pool->record.org, who->org) != 0 &&
		    strcmp(who->org, ORG_DEFAULT) != 0 && !pool_type_is(pool, said))
			return refuse_item(refusal, "types", i, "type", said->name,
					   "another name, or just the type that another organisation brought", err);
	}
	return 0;
}

/* Who has the name already; NULL: it is free. A board may move to another rack of its organisation once its old one is
 * gone and nothing runs on it. */
static const char *taken_by(const struct board *board, const struct principal *who, const char *agent)
{
	if (board && strcmp(board->record.org, who->org) != 0)
		return "a name that no board of another organisation has";
	if (!board || strcmp(board->record.agent, agent) == 0)
		return NULL;
	return board->run || (board->agent->record.online && board->listed) ? "a name no other rack uses" : NULL;
}

static int check_boards(struct farm *farm, const struct principal *who, const struct agent_hello *hello,
			struct agent_refusal *refusal, struct err *err)
{
	for (size_t i = 0; i < hello->board_count; i++) {
		const struct agent_board *said = &hello->boards[i];
		const struct board *board = board_find(farm, said->name);
		const char *taken = taken_by(board, who, hello->agent);
		char expected[240];

		if (!said->name[0] || strlen(said->name) >= FARM_NAME_MAX)
			return refuse_item(refusal, "boards", i, "name", said->name, "a name of 1 to 63 bytes", err);
		if (named_before(hello, i))
			return refuse_item(refusal, "boards", i, "name", said->name,
					   "a name that no other board of the rack has", err);
		if (!says_type(hello, said->type))
			return refuse_item(refusal, "boards", i, "type", said->type, "one of the types of this hello",
					   err);
		if (board_type_is_simulated(said->type) && !said->is_virtual)
			return refuse_item(refusal, "boards", i, "type", said->type,
					   "another type for a board that exists: this name is for simulated ones",
					   err);
		if (taken) {
			(void)snprintf(expected, sizeof(expected), "%s; agent %s has a board of this name", taken,
				       board->record.agent);
			return refuse_item(refusal, "boards", i, "name", said->name, expected, err);
		}
	}
	return 0;
}

int hello_check(struct farm *farm, const struct principal *who, const struct agent_hello *hello,
		struct agent_refusal *ret_refusal, struct err *err)
{
	int rc;

	memset(ret_refusal, 0, sizeof(*ret_refusal));
	rc = check_agent(farm, who, hello, ret_refusal, err);
	if (rc == 0)
		rc = check_types(farm, who, hello, ret_refusal, err);
	return rc ? rc : check_boards(farm, who, hello, ret_refusal, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Keeping and removing tokens. */
#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"
#include "core/base/mem.h"
#include "daemon/store/store_private.h"

struct token_wish {
	struct wish wish;
	struct token token;
	struct err refused; /* what is wrong with the wish itself */
	struct ask *ask;
};

static void on_done(struct wish *wish, const struct err *err)
{
	struct token_wish *it = list_container(wish, struct token_wish, wish);

	it->ask->answer.err = err ? *err : it->refused;
	if (!it->ask->answer.err.code)
		it->ask->answer.json = json_pack("{s:s}", "name", it->token.who.name);
	ask_post(it->ask);
	free(it);
}

static void send(struct store *store, struct token_wish *it, on_answer_fn on_answer, void *context)
{
	it->ask = ask_create(store, on_answer, context);
	it->wish.on_done = on_done;
	list_init(&it->wish.link);
	if (store->closing) {
		struct err err;

		(void)err_set(&err, ERR_CANCELLED, "the store is closing");
		on_done(&it->wish, &err);
		return;
	}
	writer_wish(store->writer, &it->wish);
}

static int apply_put(struct wish *wish, struct db *db, struct err *err)
{
	struct token_wish *it = list_container(wish, struct token_wish, wish);
	const struct token *token = &it->token;
	int rc = db_run(db, err, "INSERT INTO organisation (name, created_at_us) VALUES (?, ?) ON CONFLICT DO NOTHING",
			"ti", token->who.org, token->created_at_us);

	if (rc == 0)
		rc = db_run(db, err,
			    "INSERT INTO token (name, org, role, hash, created_at_us, rack) VALUES (?, ?, ?, ?, ?, ?)"
			    " ON CONFLICT DO NOTHING",
			    "tttbit", token->who.name, token->who.org, role_name(token->who.role), token->hash,
			    sizeof(token->hash), token->created_at_us, token->who.rack);
	if (rc == 0 && sqlite3_changes(db->handle) == 0)
		(void)err_set(&it->refused, ERR_EXISTS, "there is a token %s already", token->who.name);
	return rc;
}

static int apply_remove(struct wish *wish, struct db *db, struct err *err)
{
	struct token_wish *it = list_container(wish, struct token_wish, wish);
	int rc = db_run(db, err, "DELETE FROM token WHERE name = ?", "t", it->token.who.name);

	if (rc == 0 && sqlite3_changes(db->handle) == 0)
		(void)err_set(&it->refused, ERR_NOT_FOUND, "there is no token %s", it->token.who.name);
	return rc;
}

void token_put(void *context, const struct token *token, on_answer_fn on_answer, void *answer_context)
{
	struct token_wish *it = mem_alloc(sizeof(*it));

	it->token = *token;
	it->wish.apply = apply_put;
	send(context, it, on_answer, answer_context);
}

void token_remove(void *context, const char *name, on_answer_fn on_answer, void *answer_context)
{
	struct token_wish *it = mem_alloc(sizeof(*it));

	mem_text_into(it->token.who.name, sizeof(it->token.who.name), name);
	it->wish.apply = apply_remove;
	send(context, it, on_answer, answer_context);
}

int store_load_tokens(struct store *store, struct token **ret_tokens, size_t *ret_count, struct err *err)
{
	sqlite3_stmt *row = db_statement(
		&store->db, "SELECT name, org, role, hash, created_at_us, rack FROM token ORDER BY name", err);
	struct token *tokens = mem_alloc(sizeof(*tokens));
	size_t count = 0;
	bool more = true;
	int rc = row ? 0 : ERR_CORRUPT;

	while (rc == 0 && (rc = db_step(&store->db, row, &more, err)) == 0 && more) {
		struct token *token;

		tokens = mem_resize_array(tokens, count + 1, sizeof(*tokens));
		token = &tokens[count];
		memset(token, 0, sizeof(*token));
		db_text_into(row, 0, token->who.name, sizeof(token->who.name));
		db_text_into(row, 1, token->who.org, sizeof(token->who.org));
		token->created_at_us = db_int(row, 4);
		db_text_into(row, 5, token->who.rack, sizeof(token->who.rack));
		if (!role_parse(db_text(row, 2), &token->who.role) || sqlite3_column_bytes(row, 3) != TOKEN_HASH_BYTES)
			continue;
		memcpy(token->hash, sqlite3_column_blob(row, 3), TOKEN_HASH_BYTES);
		count++;
	}
	if (row)
		sqlite3_reset(row);
	if (rc) {
		free(tokens);
		return rc;
	}
	*ret_tokens = tokens;
	*ret_count = count;
	return 0;
}

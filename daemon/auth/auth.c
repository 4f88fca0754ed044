/* SPDX-License-Identifier: Apache-2.0 */
/* The tokens in memory. Written on the main thread, read by every thread; the store decides, this follows. */
#include "daemon/auth/auth.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/auth/auth_private.h"

#define AUTH_MAX_TOKENS 10000

static int auth_keep(struct auth *auth, const struct token *token)
{
	if (auth->count == auth->room) {
		size_t room = auth->room ? 2 * auth->room : 16;
		struct token *grown = (struct token *)realloc(auth->tokens, room * sizeof(*grown));
		if (!grown)
			return ERR_NOMEM;
		auth->tokens = grown;
		auth->room = room;
	}
	auth->tokens[auth->count++] = *token;
	return 0;
}

int auth_create(const struct archive *archive, const struct token *tokens, size_t count, struct auth **ret_auth,
		struct err *err)
{
	struct auth *auth = (struct auth *)calloc(1, sizeof(*auth));

	if (!auth)
		return err_set(err, ERR_NOMEM, "cannot load the tokens: out of memory");
	auth->archive = archive;
	pthread_rwlock_init(&auth->lock, NULL);
	for (size_t i = 0; i < count; i++) {
		if (auth_keep(auth, &tokens[i])) {
			auth_destroy(auth);
			return err_set(err, ERR_NOMEM, "cannot load the tokens: out of memory");
		}
	}
	*ret_auth = auth;
	return 0;
}

void auth_destroy(struct auth *auth)
{
	if (!auth)
		return;
	pthread_rwlock_destroy(&auth->lock);
	free(auth->tokens);
	free(auth);
}

bool auth_check(struct auth *auth, const char *token, struct principal *ret_who)
{
	uint8_t hash[TOKEN_HASH_BYTES];
	bool found = false;

	if (strlen(token) >= TOKEN_TEXT_MAX)
		return false;
	token_hash(token, hash);
	pthread_rwlock_rdlock(&auth->lock);
	for (size_t i = 0; i < auth->count && !found; i++) {
		found = token_matches(&auth->tokens[i], hash);
		if (found)
			*ret_who = auth->tokens[i].who;
	}
	pthread_rwlock_unlock(&auth->lock);
	return found;
}

const struct token *auth_find(struct auth *auth, const char *name)
{
	for (size_t i = 0; i < auth->count; i++)
		if (strcmp(auth->tokens[i].who.name, name) == 0)
			return &auth->tokens[i];
	return NULL;
}

bool auth_named(struct auth *auth, const char *name, struct principal *ret_who)
{
	pthread_rwlock_rdlock(&auth->lock);
	const struct token *token = auth_find(auth, name);
	if (token)
		*ret_who = token->who;
	pthread_rwlock_unlock(&auth->lock);
	return token != NULL;
}

static void auth_forget(struct auth *auth, const char *name)
{
	pthread_rwlock_wrlock(&auth->lock);
	for (size_t i = 0; i < auth->count; i++) {
		if (strcmp(auth->tokens[i].who.name, name) != 0)
			continue;
		auth->tokens[i] = auth->tokens[--auth->count];
		break;
	}
	pthread_rwlock_unlock(&auth->lock);
}

/* A token being kept. */
struct adding {
	struct auth *auth;
	struct token token;
	char text[TOKEN_TEXT_MAX];
	on_answer_fn on_answer;
	void *answer_context;
};

static void on_kept(void *context, struct answer *answer)
{
	struct adding *adding = (struct adding *)context;
	const struct principal *who = &adding->token.who;
	struct auth *auth = adding->auth;

	if (!answer->err.code) {
		pthread_rwlock_wrlock(&auth->lock);
		int rc = auth_keep(auth, &adding->token);
		pthread_rwlock_unlock(&auth->lock);
		if (rc)
			err_set(&answer->err, ERR_NOMEM, "the token is kept, but good only after a restart");
	}
	json_decref(answer->json);
	answer->json = answer->err.code ? NULL
					: json_pack("{s:s,s:s,s:s,s:s}", "name", who->name, "org", who->org, "role",
						    role_name(who->role), "token", adding->text);
	adding->on_answer(adding->answer_context, answer);
	json_decref(answer->json);
	answer->json = NULL;
	free(adding);
}

void auth_put(struct auth *auth, const struct token *token, const char *text, on_answer_fn on_answer,
	      void *answer_context)
{
	struct adding *adding = (struct adding *)calloc(1, sizeof(*adding));

	if (!adding)
		abort(); /* a few hundred bytes: the machine is beyond help */
	adding->auth = auth;
	adding->token = *token;
	strncpy(adding->text, text, sizeof(adding->text) - 1);
	adding->on_answer = on_answer;
	adding->answer_context = answer_context;
	auth->archive->put_token(auth->archive->context, token, on_kept, adding);
}

int64_t auth_now_unix_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void auth_add(struct auth *auth, const struct principal *who, on_answer_fn on_answer, void *answer_context)
{
	struct token token;
	char text[TOKEN_TEXT_MAX];

	token_create(who, auth_now_unix_us(), &token, text);
	auth_put(auth, &token, text, on_answer, answer_context);
}

void auth_remove(struct auth *auth, const char *name, on_answer_fn on_answer, void *answer_context)
{
	/* Refused at once: should the store fail, the token is back after a restart, and the answer says so. */
	auth_forget(auth, name);
	auth->archive->remove_token(auth->archive->context, name, on_answer, answer_context);
}

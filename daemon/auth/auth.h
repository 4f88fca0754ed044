/* SPDX-License-Identifier: Apache-2.0 */
/* Who a token belongs to. The store keeps the tokens; this is the copy in memory that every request is held against,
 * from any thread. */
#ifndef ASSAY_AUTH_AUTH_H
#define ASSAY_AUTH_AUTH_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/err.h"
#include "core/farm/archive.h"
#include "core/farm/principal.h"

struct auth; /* private; create/destroy */

/* tokens are copied. archive outlives it. */
int auth_create(const struct archive *archive, const struct token *tokens, size_t count, struct auth **ret_auth,
		struct err *err);
/* After the store is closed, so that no answer is owed. Accepts NULL. */
void auth_destroy(struct auth *auth);

/* Whose token this is. From any thread. */
bool auth_check(struct auth *auth, const char *token, struct principal *ret_who);

/* Whose token has this name; false: there is none. From any thread. */
bool auth_named(struct auth *auth, const char *name, struct principal *ret_who);

/* Makes a token (ERR_EXISTS when the name is taken); the answer's json is {"name","org","role","token"}. Good from the
 * moment of the answer. */
void auth_add(struct auth *auth, const struct principal *who, on_answer_fn on_answer, void *answer_context);
/* Removes a token by name; it is refused from now on. */
void auth_remove(struct auth *auth, const char *name, on_answer_fn on_answer, void *answer_context);

/* Sees to the farm's own tokens, "admin" and "agent": those the store has not are taken from <dir>/<name>.token, or
 * made and written there (0600, never overwriting a file). When 0 is returned and *ret_waiting is set, on_done is
 * called once, later; when it is not set, all was there already and nothing is called. */
int auth_bootstrap(struct auth *auth, const char *dir, void (*on_done)(void *context, const struct err *err),
		   void *context, bool *ret_waiting, struct err *err);

#endif

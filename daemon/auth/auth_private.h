/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of daemon/auth share. */
#ifndef ASSAY_AUTH_PRIVATE_H
#define ASSAY_AUTH_PRIVATE_H

#include <pthread.h>

#include "daemon/auth/auth.h"

struct auth {
	const struct archive *archive;
	pthread_rwlock_t lock; /* guards tokens, count, room; written on the main thread only */
	struct token *tokens;
	size_t count, room;
};

/* On the main thread. */
const struct token *auth_find(struct auth *auth, const char *name);
/* Keeps a token whose text is known. */
void auth_put(struct auth *auth, const struct token *token, const char *text, on_answer_fn on_answer,
	      void *answer_context);
int64_t auth_now_unix_us(void);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Roles and what they may see. */
#include "core/farm/principal.h"

#include <stddef.h>
#include <string.h>

static const char *const names[] = {
#define X(name, text) text,
	ROLES(X)
#undef X
};

const char *role_name(enum role role)
{
	return (size_t)role < sizeof(names) / sizeof(names[0]) ? names[role] : "unknown";
}

bool role_parse(const char *name, enum role *ret_role)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i], name) == 0) {
			*ret_role = (enum role)i;
			return true;
		}
	}
	return false;
}

/* A path cannot end in ".", so what is named so could never be deleted. */
bool principal_name_valid(const char *name, size_t size)
{
	size_t len = strlen(name);

	return len > 0 && len < size && name[0] != '-' && name[0] != '_' && name[0] != '.' && name[0] != '@' &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.@") == len;
}

bool principal_sees(const struct principal *who, const char *org)
{
	return who->role == ROLE_ADMIN || who->role == ROLE_AGENT || strcmp(who->org, org) == 0;
}

bool principal_sees_shared(const struct principal *who, const char *org)
{
	return strcmp(org, ORG_DEFAULT) == 0 || principal_sees(who, org);
}

bool principal_may_submit(const struct principal *who)
{
	return who->role == ROLE_ADMIN || who->role == ROLE_MEMBER;
}

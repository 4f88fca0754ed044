/* SPDX-License-Identifier: Apache-2.0 */
/* Who asks: every read and every wish of the outside carries one. */
#ifndef ASSAY_FARM_PRINCIPAL_H
#define ASSAY_FARM_PRINCIPAL_H

#include <stdbool.h>
#include <stddef.h>

#define ORG_MAX       64 /* bytes with the NUL, as all of these */
#define PRINCIPAL_MAX 64
#define ORG_DEFAULT   "default" /* the farm's own: its boards, board types and suites are shared with everyone */

#define ROLES(X)                                                                                                       \
	X(VIEWER, "viewer") /* reads what its organisation has */                                                      \
	X(MEMBER, "member") /* and submits and cancels */                                                              \
	X(ADMIN, "admin")   /* sees and does everything, in every organisation */                                      \
	X(AGENT, "agent")   /* a rack host: the link, and the images it is told to flash */

enum role {
#define X(name, text) ROLE_##name,
	ROLES(X)
#undef X
};

struct principal {
	char org[ORG_MAX];
	char name[PRINCIPAL_MAX]; /* the token's */
	enum role role;
	char rack[PRINCIPAL_MAX]; /* of an agent: the one name it may say; "": any */
};

const char *role_name(enum role role);
bool role_parse(const char *name, enum role *ret_role);

#define NAME_RULE "letters, digits, '-', '_', '.' or '@', first a letter or digit"
/* Whether an organisation, a token or a rack may be called that; size: of the field that is to hold it. */
bool principal_name_valid(const char *name, size_t size);

/* Admins and agents see every organisation, others their own. */
bool principal_sees(const struct principal *who, const char *org);
/* Of boards, their types, suites and what else organisations share: those of the farm's own are everybody's. */
bool principal_sees_shared(const struct principal *who, const char *org);
bool principal_may_submit(const struct principal *who);

#endif

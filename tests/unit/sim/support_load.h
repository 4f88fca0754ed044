/* SPDX-License-Identifier: Apache-2.0 */
/* Loads out of text, for tests. */
#ifndef ASSAY_TESTS_SUPPORT_LOAD_H
#define ASSAY_TESTS_SUPPORT_LOAD_H

#include "sim/engine.h"
#include "sim/load.h"
#include "tests/unit/core/base/cmocka_all.h"

/* The load that text says, with one thing set in it (NULL: nothing). NULL when it is refused; told then has the first
 * problem as "LINE: FIELD: found …, expected …". */
struct load *load_of(const char *text, const char *set, char told[700]);

/* The load is good; simulated. */
struct result *simulated(const char *text);
const struct result_org *org_of(const struct result *result, const char *name);
const struct result_stream *stream_of(const struct result *result, const char *name);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* A night's summary as a page. */
#ifndef ASSAY_REPORT_NIGHT_PAGE_H
#define ASSAY_REPORT_NIGHT_PAGE_H

#include <jansson.h>
#include <stddef.h>

#include "core/base/err.h"

/* night: as QUERY_NIGHT gives it; nights: those of its schedule until it, the newest first (may be NULL). A heap block.
 * ERR_NOMEM. */
int report_night_page(const json_t *night, const json_t *nights, char **ret_html, size_t *ret_len, struct err *err);

#endif

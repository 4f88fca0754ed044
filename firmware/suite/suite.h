/* SPDX-License-Identifier: Apache-2.0 */
/* The suite's groups, the build id it reports, and the one place where an image may add cases of its own. */
#ifndef SUITE_H
#define SUITE_H

#include "fixture.h"

extern const struct fixture_group group_hello;
extern const struct fixture_group group_clock;
extern const struct fixture_group group_memory;
extern const struct fixture_group group_flash;
extern const struct fixture_group group_fault;

/* Called between the groups Memory and Flash; does nothing unless an image (inputs/) supplies its own. */
void suite_extra(void);

/* The GNU build id that the linker put into this image: ASSAY_BUILD_ID_BYTES (target.h), or NULL when the note is not
 * sound. */
const uint8_t *build_id(void);

#endif

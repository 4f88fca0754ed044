/* SPDX-License-Identifier: Apache-2.0 */
/* What if: values of a load file that are set from outside, as `boards.desk.count=50`. */
#ifndef ASSAY_SIM_CHANGE_H
#define ASSAY_SIM_CHANGE_H

#include "core/base/doc.h"
#include "core/base/list.h"

/* Keeps what it added to documents; they are read before it is finished. */
struct changes {
	struct list made;
};

void changes_init(struct changes *changes);
void changes_finish(struct changes *changes);

/* text: PATH=VALUE; the path's words are keys of mappings, and in a list the `name` of an element or its number from
 * 0. The last word is a single value that is there, or a key that is not. Returns 0 or ERR_INVALID with err filled. */
int changes_apply(struct changes *changes, struct doc *doc, const char *text, struct err *err);

#endif

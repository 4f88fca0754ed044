/* SPDX-License-Identifier: Apache-2.0 */
/* Memory for state that must not be torn: a program that cannot have it ends at once, and what it kept on disk is where
 * it starts again. For input of a stranger's size use malloc and return ERR_NOMEM. */
#ifndef ASSAY_BASE_MEM_H
#define ASSAY_BASE_MEM_H

#include <stddef.h>

/* Zeroed; never NULL. free() it. */
void *mem_alloc(size_t size);
/* As mem_alloc, not zeroed. */
void *mem_raw(size_t size);
void *mem_alloc_array(size_t count, size_t size);
/* Never NULL; what is new is not zeroed. */
void *mem_resize_array(void *block, size_t count, size_t size);
/* Ends the program: what could not be had was needed. */
void mem_exhausted(void) __attribute__((noreturn));
/* A copy of text ("" for NULL); never NULL. */
char *mem_text(const char *text);
void *mem_copy(const void *data, size_t size);

/* Copies text into a fixed array, cut to fit at a UTF-8 boundary, always NUL-terminated; NULL counts as "". */
void mem_text_into(char *target, size_t size, const char *text);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Allocation that ends the program rather than tear its state. */
#include "core/base/mem.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"

void mem_exhausted(void)
{
	log_error("memory", "out of memory");
	abort();
}

static void *checked(void *block)
{
	if (!block)
		mem_exhausted();
	return block;
}

void *mem_alloc(size_t size)
{
	return checked(calloc(1, size ? size : 1));
}

void *mem_raw(size_t size)
{
	return checked(malloc(size ? size : 1));
}

void *mem_alloc_array(size_t count, size_t size)
{
	return checked(calloc(count ? count : 1, size ? size : 1));
}

void *mem_resize_array(void *block, size_t count, size_t size)
{
	return checked(reallocarray(block, count ? count : 1, size ? size : 1));
}

char *mem_text(const char *text)
{
	return checked(strdup(text ? text : ""));
}

void *mem_copy(const void *data, size_t size)
{
	void *block = checked(malloc(size ? size : 1));

	if (size)
		memcpy(block, data, size);
	return block;
}

void mem_text_into(char *target, size_t size, const char *text)
{
	size_t len = text ? strlen(text) : 0;

	if (len >= size) {
		len = size - 1;
		while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
			len--;
	}
	if (len)
		memcpy(target, text, len);
	target[len] = '\0';
}

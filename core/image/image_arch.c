/* SPDX-License-Identifier: Apache-2.0 */
/* The ARM build attributes (ELF section .ARM.attributes, "Addenda to, and errata in, the ABI for the Arm
 * architecture"): which architecture the code was built for. libelf has no reader for them. */
#include <string.h>

#include "core/image/image_read.h"

enum { TAG_FILE = 1, TAG_CPU_RAW_NAME = 4, TAG_CPU_NAME = 5, TAG_CPU_ARCH = 6, TAG_CPU_ARCH_PROFILE = 7 };
enum { TAG_COMPATIBILITY = 32 };

/* A part of the attributes that is read to its end. bad: it ended too soon. */
struct cursor {
	const uint8_t *at, *end;
	bool bad;
};

static uint32_t read_u32(struct cursor *cursor)
{
	const uint8_t *at = cursor->at;

	if (cursor->end - at < 4) {
		cursor->bad = true;
		return 0;
	}
	cursor->at += 4;
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static uint32_t read_uleb(struct cursor *cursor)
{
	uint32_t value = 0;

	for (unsigned int shift = 0; cursor->at < cursor->end && shift < 35; shift += 7) {
		uint8_t byte = *cursor->at++;

		if (shift < 32)
			value |= (uint32_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return value;
	}
	cursor->bad = true;
	return 0;
}

static const char *read_string(struct cursor *cursor)
{
	const char *text = (const char *)cursor->at;
	const uint8_t *nul = memchr(cursor->at, 0, (size_t)(cursor->end - cursor->at));

	if (!nul) {
		cursor->bad = true;
		return "";
	}
	cursor->at = nul + 1;
	return text;
}

/* Cuts the next size bytes off as a part, where size counts from start. */
static struct cursor take_part(struct cursor *cursor, const uint8_t *start, uint32_t size)
{
	struct cursor part = {cursor->at, cursor->at, false};

	if (size > (size_t)(cursor->end - start) || start + size < cursor->at) {
		cursor->bad = true;
		return part;
	}
	part.end = start + size;
	cursor->at = part.end;
	return part;
}

static bool is_string_tag(uint32_t tag)
{
	return tag == TAG_CPU_RAW_NAME || tag == TAG_CPU_NAME || (tag > TAG_COMPATIBILITY && tag % 2);
}

static void read_file_attributes(struct cursor part, uint32_t *arch, uint32_t *profile)
{
	while (part.at < part.end && !part.bad) {
		uint32_t tag = read_uleb(&part), value = 0;

		if (tag == TAG_COMPATIBILITY)
			read_uleb(&part);
		if (tag == TAG_COMPATIBILITY || is_string_tag(tag))
			read_string(&part);
		else
			value = read_uleb(&part);
		if (part.bad)
			return;
		if (tag == TAG_CPU_ARCH)
			*arch = value;
		if (tag == TAG_CPU_ARCH_PROFILE)
			*profile = value;
	}
}

static void read_vendor(struct cursor vendor, uint32_t *arch, uint32_t *profile)
{
	if (strcmp(read_string(&vendor), "aeabi") != 0)
		return;
	while (vendor.at < vendor.end && !vendor.bad) {
		const uint8_t *start = vendor.at;
		uint32_t tag = read_uleb(&vendor);
		uint32_t size = read_u32(&vendor);
		struct cursor part = take_part(&vendor, start, size);

		if (tag == TAG_FILE && !vendor.bad)
			read_file_attributes(part, arch, profile);
	}
}

#define NO_ARCH UINT32_MAX

/* The name of a Tag_CPU_arch value. The v7 of A, R and M cores is one value, told apart by the profile. */
static const char *arch_name(uint32_t arch, uint32_t profile)
{
	static const char *const names[] = {"armv3",     "armv4",          "armv4t",       "armv5t",    "armv5te",
					    "armv5tej",  "armv6",          "armv6kz",      "armv6t2",   "armv6k",
					    "armv7",     "armv6-m",        "armv6-m",      "armv7e-m",  "armv8-a",
					    "armv8-r",   "armv8-m.base",   "armv8-m.main", "armv8.1-a", "armv8.2-a",
					    "armv8.3-a", "armv8.1-m.main", "armv9-a"};

	if (arch >= sizeof names / sizeof names[0])
		return NULL;
	if (arch != 10)
		return names[arch];
	switch (profile) {
	case 'A':
		return "armv7-a";
	case 'R':
		return "armv7-r";
	case 'M':
		return "armv7-m";
	default:
		return names[arch];
	}
}

const char *arm_attributes_arch(const uint8_t *data, size_t size_bytes)
{
	uint32_t arch = NO_ARCH, profile = 0;
	struct cursor cursor;

	if (!size_bytes || data[0] != 'A')
		return NULL;
	cursor = (struct cursor){data + 1, data + size_bytes, false};
	while (cursor.at < cursor.end && !cursor.bad) {
		const uint8_t *start = cursor.at;
		uint32_t size = read_u32(&cursor);
		struct cursor vendor = take_part(&cursor, start, size);

		if (!cursor.bad)
			read_vendor(vendor, &arch, &profile);
	}
	return cursor.bad ? NULL : arch_name(arch, profile);
}

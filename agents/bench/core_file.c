/* SPDX-License-Identifier: Apache-2.0 */
/* Core files out of registers and dumps. */
#include "agents/bench/core_file.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "agents/base/files.h"

int core_file_registers(const uint32_t *words, size_t count, struct core_registers *ret_registers, struct err *err)
{
	struct core_registers registers = {0};

	if (count < CORE_REGISTER_COUNT + 1)
		return err_set(err, ERR_PROTOCOL, "the probe gave %zu registers, expected %d", count,
			       CORE_REGISTER_COUNT + 1);
	memcpy(registers.word, words, sizeof registers.word);
	registers.has_fp = words[CORE_REGISTER_COUNT] == 1 && count >= CORE_REGISTER_COUNT + 1 + (size_t)CORE_FP_WORDS;
	if (registers.has_fp)
		memcpy(registers.fp, words + CORE_REGISTER_COUNT + 1, sizeof registers.fp);
	*ret_registers = registers;
	return 0;
}

static int read_dumps(struct core_range *ranges, size_t range_count, const char *const *dumps, char **data,
		      struct err *err)
{
	size_t len = 0;

	for (size_t i = 0; i < range_count; i++) {
		if (files_read(dumps[i], CORE_RAM_BYTES, &data[i], &len, err))
			return (int)err->code;
		if (len != ranges[i].size_bytes)
			return err_set(err, ERR_CORRUPT, "%s has %zu bytes, expected %u", dumps[i], len,
				       (unsigned)ranges[i].size_bytes);
		ranges[i].data = (const uint8_t *)data[i];
	}
	return 0;
}

static int write_file(const struct core_registers *registers, const struct core_range *ranges, size_t range_count,
		      const char *path, struct core_file *ret_file, struct err *err)
{
	uint8_t hash[crypto_hash_sha256_BYTES];
	struct core_registers interrupted;
	struct buf out;
	int rc;

	buf_init(&out, CORE_FILE_BYTES);
	rc = core_elf_write(registers, ranges, range_count, &out);
	if (rc)
		err_set(err, (enum err_code)rc, "cannot write the core file");
	else
		rc = files_write(path, out.data, out.len, err);
	if (rc == 0) {
		crypto_hash_sha256(hash, (const uint8_t *)out.data, out.len);
		sodium_bin2hex(ret_file->sha256, sizeof ret_file->sha256, hash, sizeof hash);
		ret_file->size_bytes = out.len;
		ret_file->interrupted = core_interrupted(registers, ranges, range_count, &interrupted);
	}
	buf_finish(&out);
	return rc;
}

int core_file_write(const struct core_registers *registers, const struct core_range *ranges, size_t range_count,
		    const char *const *dumps, const char *path, struct core_file *ret_file, struct err *err)
{
	struct core_range filled[CORE_MAX_RANGES];
	char *data[CORE_MAX_RANGES] = {NULL};
	int rc;

	memcpy(filled, ranges, range_count * sizeof *ranges);
	rc = read_dumps(filled, range_count, dumps, data, err);
	if (rc == 0)
		rc = write_file(registers, filled, range_count, path, ret_file, err);
	for (size_t i = 0; i < range_count; i++)
		free(data[i]);
	return rc;
}

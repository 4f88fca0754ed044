/* SPDX-License-Identifier: Apache-2.0 */
/* The manifest: reads back as it was written, and whatever is not one is refused. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/bundle/manifest.h"
#include "tests/unit/core/base/cmocka_all.h"

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void fill(struct manifest *manifest, size_t files)
{
	manifest_init(manifest);
	snprintf(manifest->farm, sizeof(manifest->farm), "cafe");
	snprintf(manifest->key, sizeof(manifest->key), "0123456789ABCDEF");
	snprintf(manifest->assay, sizeof(manifest->assay), "1.2");
	snprintf(manifest->name, sizeof(manifest->name), "a \"job\"\nin two lines");
	snprintf(manifest->org, sizeof(manifest->org), "default");
	manifest->created_at_us = 1700000000000000;
	manifest->job = 4;
	manifest->verdict = RUN_FAILED;
	manifest->cause = CAUSE_CRASH;
	struct manifest_run *run = manifest_add_run(manifest);
	*run = (struct manifest_run){.run = 9,
				     .attempt = 2,
				     .verdict = RUN_FAILED,
				     .cause = CAUSE_CRASH,
				     .console_bytes = 100,
				     .console_sha256 = HASH,
				     .chain = HASH};
	for (size_t i = 0; i < files; i++) {
		struct manifest_file *file = manifest_add_file(manifest);
		snprintf(file->path, sizeof(file->path), "runs/9/%zu.bin", i);
		file->size_bytes = i;
		memcpy(file->sha256, HASH, sizeof(file->sha256));
	}
	snprintf(manifest_add_file(manifest)->path, USTAR_PATH_MAX, "%s", MANIFEST_SUMS);
	memcpy(manifest->files[files].sha256, HASH, sizeof(HASH));
}

static void test_reads_back(void **state)
{
	struct manifest manifest, again;
	struct buf text, twice;
	struct err err = {0};

	(void)state;
	fill(&manifest, 1000);
	buf_init(&text, MANIFEST_MAX_BYTES);
	buf_init(&twice, MANIFEST_MAX_BYTES);
	assert_int_equal(manifest_write(&manifest, &text), 0);
	if (manifest_read(text.data, text.len, &again, &err))
		fail_msg("%s", err.text);
	assert_int_equal(again.file_count, 1001);
	assert_int_equal(again.files[999].size_bytes, 999);
	assert_string_equal(again.name, manifest.name);
	assert_int_equal(again.runs[0].cause, CAUSE_CRASH);
	assert_int_equal(manifest_write(&again, &twice), 0);
	assert_string_equal(buf_text(&text), buf_text(&twice));
	assert_ptr_equal(manifest_find(&again, "runs/9/3.bin"), &again.files[3]);
	assert_null(manifest_find(&again, "runs/9/x"));
	manifest_finish(&manifest);
	manifest_finish(&again);
	buf_finish(&text);
	buf_finish(&twice);
}

static void test_sums_leave_themselves_out(void **state)
{
	struct manifest manifest;
	struct buf out;

	(void)state;
	fill(&manifest, 2);
	buf_init(&out, 4096);
	assert_int_equal(manifest_sums(&manifest, &out), 0);
	assert_string_equal(buf_text(&out), HASH "  runs/9/0.bin\n" HASH "  runs/9/1.bin\n");
	manifest_finish(&manifest);
	buf_finish(&out);
}

/* Every field taken away, and every one changed into something that it cannot be. */
static void test_what_is_no_manifest_is_refused(void **state)
{
	static const char *const wrong[][2] = {
		{"assay-evidence", "assay-other"},
		{"\"version\":1", "\"version\":2"},
		{"\"version\":1", "\"version\":\"1\""},
		{"\"farm\":", "\"barn\":"},
		{"\"job\":{", "\"job\":{\"x\":1,"},
		{"\"verdict\":\"failed\"", "\"verdict\":\"good\""},
		{"\"cause\":\"crash\"", "\"cause\":\"bored\""},
		{"\"run\":9", "\"run\":0"},
		{"\"attempt\":2", "\"attempt\":-1"},
		{"\"chain\":\"0123", "\"chain\":\"0XYZ"},
		{"\"size\":1", "\"size\":-1"},
		{"\"files\":[", "\"files\":[1,"},
		{"]}", "]"},
		{"]}", "]}x"},
	};
	struct manifest manifest, again;
	struct buf text;
	struct err err = {0};

	(void)state;
	fill(&manifest, 2);
	buf_init(&text, MANIFEST_MAX_BYTES);
	assert_int_equal(manifest_write(&manifest, &text), 0);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char *at = strstr(text.data, wrong[i][0]);
		struct buf changed;

		assert_non_null(at);
		buf_init(&changed, MANIFEST_MAX_BYTES);
		buf_append(&changed, text.data, (size_t)(at - text.data));
		buf_append_text(&changed, wrong[i][1]);
		buf_append_text(&changed, at + strlen(wrong[i][0]));
		if (manifest_read(changed.data, changed.len, &again, &err) == 0)
			fail_msg("%s instead of %s was accepted", wrong[i][1], wrong[i][0]);
		buf_finish(&changed);
	}
	for (size_t len = 0; len < text.len - 2; len++)
		assert_int_not_equal(manifest_read(text.data, len, &again, &err), 0);
	manifest_finish(&manifest);
	buf_finish(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_back),
		cmocka_unit_test(test_sums_leave_themselves_out),
		cmocka_unit_test(test_what_is_no_manifest_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

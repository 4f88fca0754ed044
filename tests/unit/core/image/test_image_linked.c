/* SPDX-License-Identifier: Apache-2.0 */
/* Images as arm-none-eabi-gcc and its linker really make them: what becomes of each kind of section and segment, and
 * whether a board type takes it. */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/image/image.h"
#include "tests/unit/core/base/cmocka_all.h"

#define MAX_SEGMENTS 5
#define FILE_MAX     (4u << 20)

extern char **environ;

static const char program[] =
	"typedef void (*entry)(void);\n"
	"void start(void) { for (;;) ; }\n"
	"__attribute__((section(\".vectors\"), used)) const entry vectors[4] = {(entry)(STACK), start, start, start};\n"
	"__attribute__((section(\".initialised\"), used)) int initialised[2] = {0x11111111, 0x22222222};\n"
	"__attribute__((section(\".kept\"), used)) int kept[4];\n"
	"__attribute__((section(\".fast\"), used)) int fast(int a) { return a + 1; }\n"
	"__attribute__((section(\".uicr\"), used)) const unsigned options[2] = {0xffffff00, 0x33333333};\n"
	"int zeroed[8];\n";

static const struct board_type f405 = {
	.name = "f405",
	.arch = "armv7e-m",
	.region = {{MEMORY_FLASH, 0x08000000, 1 << 20, false, 0},
		   {MEMORY_FLASH, 0x00000000, 1 << 20, true, 0x08000000},
		   {MEMORY_RAM, 0x20000000, 128 << 10, false, 0}},
	.region_count = 3,
	.vectors_address = 0x08000000,
};

static const struct board_type nrf51 = {
	.name = "nrf51",
	.arch = "armv7e-m",
	.region = {{MEMORY_FLASH, 0, 256 << 10, false, 0}, {MEMORY_RAM, 0x20000000, 128 << 10, false, 0}},
	.region_count = 2,
};

static const struct board_type nrf51_with_uicr = {
	.name = "nrf51",
	.arch = "armv7e-m",
	.region = {{MEMORY_FLASH, 0, 256 << 10, false, 0},
		   {MEMORY_FLASH, 0x10001000, 0x100, false, 0},
		   {MEMORY_RAM, 0x20000000, 128 << 10, false, 0}},
	.region_count = 3,
};

#define TEXT     "*(.text*) *(.rodata*)"
#define DISCARD  "/DISCARD/ : { *(.ARM.exidx*) *(.comment) } "
#define NO_UICR  "/DISCARD/ : { *(.uicr) } "
#define RAM_REST ".bss (NOLOAD) : { *(.bss*) *(COMMON) } .kept (NOLOAD) : { *(.kept) } "

/* Each begins with ".vectors ADDRESS". at: where a segment begins once placed; 0 bytes: any size. */
static const struct linked {
	const char *what;
	const char *flags; /* for the linker, or NULL */
	const char *script;
	const struct board_type *type;
	const char *refused; /* what image_check says, in part; NULL: it fits */
	struct {
		uint32_t at;
		uint32_t first_word; /* 0: whatever it is */
	} segment[MAX_SEGMENTS];
} table[] = {
	{"initialised data is kept in flash and copied by the program, as CMSIS and FreeRTOS do",
	 NULL,
	 ".vectors 0x08000000 : { *(.vectors) } .text : { " TEXT " *(.fast) } "
	 ".data 0x20000000 : AT(0x08004000) { *(.initialised) } " RAM_REST NO_UICR,
	 &f405,
	 NULL,
	 {{0x08000000, 0x20010000}, {0x08004000, 0x11111111}}},
	{"code that is run from RAM and loaded from flash",
	 NULL,
	 ".vectors 0x08000000 : { *(.vectors) } .text : { " TEXT " *(.initialised) } "
	 ".fast 0x20000000 : AT(0x08004000) { *(.fast) } " RAM_REST NO_UICR,
	 &f405,
	 NULL,
	 {{0x08000000, 0x20010000}, {0x08004000, 0}}},
	{"a vector table that the program copies to RAM: NOLOAD takes nothing of the file",
	 NULL,
	 ".vectors 0x08000000 : { *(.vectors) } .text : { " TEXT " *(.fast) *(.initialised) } "
	 ".ramvectors 0x20000000 (NOLOAD) : { . += 0x200; } " RAM_REST NO_UICR,
	 &f405,
	 NULL,
	 {{0x08000000, 0x20010000}}},
	{"everything in RAM, vectors included",
	 NULL,
	 ".vectors 0x20000000 : { *(.vectors) } .text : { " TEXT " *(.fast) *(.initialised) } " RAM_REST NO_UICR,
	 &f405,
	 NULL,
	 {{0x20000000, 0x20010000}}},
	{"data whose load address is RAM itself: loaded there, which no reset repeats",
	 NULL,
	 ".vectors 0x08000000 : { *(.vectors) } .text : { " TEXT " *(.fast) } "
	 ".data 0x20000000 : { *(.initialised) } " RAM_REST NO_UICR,
	 &f405,
	 NULL,
	 {{0x08000000, 0x20010000}, {0x20000000, 0x11111111}}},
	{"flash reserved by NOLOAD is not written",
	 NULL,
	 ".vectors 0x08000000 : { *(.vectors) } .text : { " TEXT " *(.fast) *(.initialised) } "
	 ".settings 0x08010000 (NOLOAD) : { . += 0x4000; } " RAM_REST NO_UICR,
	 &f405,
	 NULL,
	 {{0x08000000, 0x20010000}}},
	{"linked for the alias at 0: written where the flash controller has it",
	 NULL,
	 ".vectors 0x0 : { *(.vectors) } .text : { " TEXT " *(.fast) } "
	 ".data 0x20000000 : AT(0x4000) { *(.initialised) } " RAM_REST NO_UICR,
	 &f405,
	 NULL,
	 {{0x08000000, 0x20010000}, {0x08004000, 0x11111111}}},
	{"vectors at the alias and code at home are one place each",
	 NULL,
	 ".vectors 0x0 : { *(.vectors) } .text 0x08000200 : { " TEXT " *(.fast) *(.initialised) } " RAM_REST NO_UICR,
	 &f405,
	 NULL,
	 {{0x08000000, 0x20010000}, {0x08000200, 0}}},
	{"the same cells by both their names",
	 NULL,
	 ".vectors 0x0 : { *(.vectors) } .text : { " TEXT " *(.fast) } "
	 ".more 0x08000004 : { *(.initialised) } " RAM_REST NO_UICR,
	 &f405,
	 "the same memory of board type f405",
	 {{0, 0}}},
	{"past the end of the alias",
	 NULL,
	 ".vectors 0x0 : { *(.vectors) } .text : { " TEXT " *(.fast) *(.initialised) . = 0x100010; } " RAM_REST NO_UICR,
	 &f405,
	 "passes the end of the flash at 0x00000000",
	 {{0, 0}}},
	{"behind a boot loader: the linker puts the file's own headers in front, which are not written",
	 NULL,
	 ".vectors 0x0800c200 : { *(.vectors) } .text : { " TEXT " *(.fast) *(.initialised) } " RAM_REST NO_UICR,
	 &f405,
	 NULL,
	 {{0x0800c200, 0x20010000}}},
	{"the same with the large pages of older linkers",
	 "-Wl,-z,max-page-size=65536",
	 ".vectors 0x08008000 : { *(.vectors) } .text : { " TEXT " *(.fast) *(.initialised) } " RAM_REST NO_UICR,
	 &f405,
	 NULL,
	 {{0x08008000, 0x20010000}}},
	{"option words, and a type that has them",
	 NULL,
	 ".vectors 0x0 : { *(.vectors) } .text : { " TEXT " *(.fast) *(.initialised) } " RAM_REST
	 ".uicr 0x10001000 : { *(.uicr) } ",
	 &nrf51_with_uicr,
	 NULL,
	 {{0x00000000, 0x20010000}, {0x10001000, 0xffffff00}}},
	{"option words, and a type that does not",
	 NULL,
	 ".vectors 0x0 : { *(.vectors) } .text : { " TEXT " *(.fast) *(.initialised) } " RAM_REST
	 ".uicr 0x10001000 : { *(.uicr) } ",
	 &nrf51,
	 "at 0x10001000, where board type nrf51 has no memory",
	 {{0, 0}}},
};

static void write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
	assert_int_equal(fclose(file), 0);
}

/* The linked file's bytes; free() them. NULL when there is no compiler. */
static uint8_t *link_program(const char *dir, const struct linked *linked, size_t *ret_size)
{
	char source[64], script[64], out[64], text[1024];
	const char *argv[] = {"arm-none-eabi-gcc",
			      "-mcpu=cortex-m4",
			      "-mthumb",
			      "-O1",
			      "-ffreestanding",
			      "-nostdlib",
			      "-DSTACK=0x20010000",
			      "-Wl,-estart",
			      "-Wl,--no-warnings",
			      "-T",
			      script,
			      source,
			      "-o",
			      out,
			      linked->flags,
			      NULL};
	uint8_t *data = malloc(FILE_MAX);
	int status = 0;
	pid_t pid;

	snprintf(source, sizeof source, "%s/program.c", dir);
	snprintf(script, sizeof script, "%s/script.ld", dir);
	snprintf(out, sizeof out, "%s/program.elf", dir);
	snprintf(text, sizeof text, "ENTRY(start) SECTIONS { %s" DISCARD "}\n", linked->script);
	write_text(source, program);
	write_text(script, text);
	assert_non_null(data);
	if (posix_spawnp(&pid, argv[0], NULL, NULL, (char **)(uintptr_t)argv, environ)) {
		free(data);
		return NULL;
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (status)
		fail_msg("%s: cannot be linked", linked->what);
	FILE *file = fopen(out, "rb");
	assert_non_null(file);
	*ret_size = fread(data, 1, FILE_MAX, file);
	fclose(file);
	unlink(source);
	unlink(script);
	unlink(out);
	return data;
}

static uint32_t first_word(const struct image_segment *segment)
{
	uint32_t word;

	memcpy(&word, segment->data, sizeof word);
	return word;
}

static void check_segments(const struct linked *linked, const struct image *image)
{
	size_t count = 0;

	while (count < MAX_SEGMENTS && (count == 0 || linked->segment[count].at))
		count++;
	if (image->segment_count != count)
		fail_msg("%s: %zu segments instead of %zu", linked->what, image->segment_count, count);
	for (size_t i = 0; i < count; i++) {
		uint32_t word = first_word(&image->segment[i]);

		if (image->segment[i].address != linked->segment[i].at ||
		    (linked->segment[i].first_word && word != linked->segment[i].first_word))
			fail_msg("%s: segment %zu begins with 0x%08x at 0x%08x", linked->what, i, word,
				 image->segment[i].address);
	}
}

static void test_linked(void **state)
{
	const struct linked *linked = *state;
	char dir[] = "/tmp/assay-linked-XXXXXX";
	struct image image;
	struct err err = {0};
	size_t size = 0;
	uint8_t *data;

	assert_non_null(mkdtemp(dir));
	data = link_program(dir, linked, &size);
	rmdir(dir);
	if (!data)
		skip();
	if (image_parse(&image, data, size, &err))
		fail_msg("%s: %s", linked->what, err.text);
	int rc = image_check(&image, linked->type, &err);
	if (linked->refused && (!rc || !strstr(err.text, linked->refused)))
		fail_msg("%s: \"%s\" instead of \"%s\"", linked->what, err.text, linked->refused);
	if (!linked->refused) {
		if (rc)
			fail_msg("%s: %s", linked->what, err.text);
		image_place(&image, linked->type);
		check_segments(linked, &image);
		if (image_check(&image, linked->type, &err)) /* the agent checks after placing, the farm before */
			fail_msg("%s, once placed: %s", linked->what, err.text);
	}
	image_finish(&image);
	free(data);
}

int main(void)
{
	struct CMUnitTest tests[sizeof table / sizeof table[0]];

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		tests[i] = (struct CMUnitTest){
			.name = table[i].what, .test_func = test_linked, .initial_state = (void *)(uintptr_t)&table[i]};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Which monitor commands go on, and that nothing gets past by how its packet is cut or dressed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agents/tunnel/gdb_filter.h"
#include "tests/unit/core/base/cmocka_all.h"

struct run {
	struct gdb_filter filter;
	struct buf pass, reply;
	struct err err;
};

static void init(struct run *run)
{
	*run = (struct run){.err = {0}};
	buf_init(&run->pass, 1u << 20);
	buf_init(&run->reply, 1u << 20);
}

static void finish(struct run *run)
{
	buf_finish(&run->pass);
	buf_finish(&run->reply);
}

static int feed(struct run *run, const void *data, size_t len)
{
	return gdb_filter_feed(&run->filter, data, len, &run->pass, &run->reply, &run->err);
}

/* $qRcmd,<hex>#xx; the sum is of no matter to the filter. Returns its length. */
static size_t monitor(const char *command, char ret_packet[3000])
{
	struct buf packet;
	size_t len;

	buf_init(&packet, 2999);
	assert_int_equal(buf_append_text(&packet, "$qRcmd,"), 0);
	for (const char *c = command; *c; c++)
		assert_int_equal(buf_appendf(&packet, "%02x", (unsigned)(unsigned char)*c), 0);
	assert_int_equal(buf_append_text(&packet, "#42"), 0);
	len = packet.len;
	memcpy(ret_packet, packet.data, len + 1);
	buf_finish(&packet);
	return len;
}

static void test_commands(void **state)
{
	static const char *const good[] = {"reset",
					   "reset halt",
					   " reset  init",
					   "halt",
					   "mdw 0x20000000 4",
					   "mww 0x20000000 1",
					   "reg",
					   "reg pc",
					   "flash info 0",
					   "flash banks",
					   "flash erase_sector 0 0 last",
					   "bp 0x100 2 hw",
					   "targets",
					   "nrf51 mass_erase 0",
					   "cortex_m vector_catch hard_err",
					   "flash",
					   "adapter speed 1000"};
	static const char *const bad[] = {"",
					  " ",
					  "exec touch /tmp/x",
					  "halt; exec ls",
					  "halt\nexec ls",
					  "[exec ls]",
					  "mdw [exec ls]",
					  "mdw $x",
					  "mdw {a}",
					  "reset \"halt\"",
					  "flash write_image x",
					  "flash dump_image",
					  "dump_image x 0 4",
					  "load_image x",
					  "source x",
					  "script x",
					  "shutdown",
					  "arm semihosting enable",
					  "arm semihostin",
					  "log_output x",
					  "adapter driver x",
					  "rtt server start 1 0",
					  "resethalt",
					  "res",
					  "proc x y z",
					  "mdw\\x",
					  "tcl_port 1",
					  "gdb_port 1",
					  "\xff"};

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		if (!gdb_filter_allows(good[i]))
			fail_msg("\"%s\" should go on", good[i]);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		if (gdb_filter_allows(bad[i]))
			fail_msg("\"%s\" should not go on", bad[i]);
	}
}

/* However the stream is cut, what comes out is the same. */
static void test_every_cut(void **state)
{
	static const char start[] = "+$qSupported:multiprocess+#00$?#3f\x03$X20000000,4:a}\x03}]}#b#99$g#67";
	char stream[4000], packet[3000];
	size_t len = sizeof start - 1, allowed_len, refused_len;
	struct run whole, cut;

	(void)state;
	memcpy(stream, start, len);
	allowed_len = monitor("reset halt", packet);
	memcpy(stream + len, packet, allowed_len);
	len += allowed_len;
	refused_len = monitor("exec reboot", packet);
	memcpy(stream + len, packet, refused_len);
	len += refused_len;
	memcpy(stream + len, "$qR#23$qRcmx#00$c#63", 20);
	len += 20;
	init(&whole);
	assert_int_equal(feed(&whole, stream, len), 0);
	assert_int_equal(whole.pass.len, len - refused_len);
	assert_null(strstr(buf_text(&whole.pass), "65786563")); /* "exec" */
	assert_non_null(strstr(buf_text(&whole.pass), "$qR#23$qRcmx#00$c#63"));
	for (size_t step = 1; step < 9; step++) {
		init(&cut);
		for (size_t at = 0; at < len; at += step)
			assert_int_equal(feed(&cut, stream + at, at + step < len ? step : len - at), 0);
		assert_int_equal(cut.pass.len, whole.pass.len);
		assert_memory_equal(cut.pass.data, whole.pass.data, whole.pass.len);
		assert_string_equal(buf_text(&cut.reply), buf_text(&whole.reply));
		finish(&cut);
	}
	finish(&whole);
}

static void test_refusal_is_an_answer(void **state)
{
	char packet[3000];
	struct run run;
	unsigned sum = 0;
	const char *at;

	(void)state;
	init(&run);
	assert_int_equal(feed(&run, packet, monitor("exec x", packet)), 0);
	assert_int_equal(run.pass.len, 0);
	at = buf_text(&run.reply);
	assert_memory_equal(at, "+$O", 3);
	for (at += 2; *at != '#'; at++)
		sum += (unsigned char)*at;
	assert_int_equal(strtoul(at + 1, NULL, 16), sum & 0xff);
	assert_string_equal(at + 3, "$OK#9a");
	/* The next packet is looked at afresh. */
	assert_int_equal(feed(&run, "$g#67", 5), 0);
	assert_string_equal(buf_text(&run.pass), "$g#67");
	finish(&run);
}

static void closes(const void *data, size_t len, const char *words)
{
	struct run run;

	init(&run);
	assert_int_equal(feed(&run, data, len), ERR_PROTOCOL);
	if (!strstr(run.err.text, words))
		fail_msg("\"%s\" does not say \"%s\"", run.err.text, words);
	finish(&run);
}

/* Where two programs could see different packets, there is none. */
static void test_what_could_be_read_in_two_ways(void **state)
{
	char packet[3000], command[GDB_FILTER_MAX_COMMAND + 200];
	struct run run;

	(void)state;
	closes("$abc$qRcmd,65#00", 16, "inside another");
	closes("$Xabc}$qRcmd,65#00", 18, "inside another");  /* OpenOCD gave the first one up */
	closes("$Xabc#$qRcmd,65#00", 18, "inside another");  /* so here, waiting for its sum */
	closes("$Xabc#0$qRcmd,65#00", 19, "inside another"); /* and here */
	closes("$qRcmd,68616c74#$qRcmd,65#00", 28, "inside another");
	closes("$}QRcmd,65#00", 13, "an escape"); /* '}' and 'Q' are 'q' */
	closes("$qRcm}Dx#00", 11, "an escape");
	closes("$qRcmd,zz#00", 12, "hexadecimal");
	closes("$qRcmd,6}5#00", 13, "hexadecimal");
	memset(command, 'a', sizeof command - 1);
	command[sizeof command - 1] = '\0';
	closes(packet, monitor(command, packet), "more than");
	init(&run);
	/* An odd digit or a zero byte is no command. */
	assert_int_equal(feed(&run, "$qRcmd,68616c7#00$qRcmd,68616c7400#00", 37), 0);
	assert_int_equal(run.pass.len, 0);
	finish(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_commands), cmocka_unit_test(test_every_cut),
					   cmocka_unit_test(test_refusal_is_an_answer),
					   cmocka_unit_test(test_what_could_be_read_in_two_ways)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

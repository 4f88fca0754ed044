/* SPDX-License-Identifier: Apache-2.0 */
/* gdb's packets, taken apart just as OpenOCD does, so that both see the same ones.
 *
 * Where OpenOCD may lose its place in a packet (it gives one up that pauses for a second, or is longer than its
 * buffer), it looks for the next '$'. gdb never sends that byte within a packet, not even escaped, and no packet of
 * gdb's has an escape among its first characters: so none of that goes on, and whatever OpenOCD may take for the
 * beginning of a packet was one here. A monitor command goes on whole or not at all. */
#include "agents/tunnel/gdb_filter.h"

#include <stdio.h>
#include <string.h>

/* Of a packet $body#xx. HEAD: it may still be a monitor command; COMMAND: it is one; ESCAPED: after '}', whatever comes
 * belongs to the body. */
enum state { OUTSIDE, HEAD, BODY, ESCAPED, SUM1, SUM2, COMMAND, COMMAND_SUM1, COMMAND_SUM2 };

static const char head[] = "$qRcmd,";

#define HEAD_LEN (sizeof head - 1)

/* What is about the target alone. rest: the second words allowed, between spaces; NULL: any. */
static const struct {
	const char *word, *rest;
} allowed[] = {
	{"adapter", " speed name "},
	{"arm", " disassemble core_state reg "},
	{"bp", NULL},
	{"cortex_m", " maskisr vector_catch reset_config "},
	{"flash",
	 " banks list info probe erase_check erase_sector erase_address protect fillw fillh fillb mdw mdh mdb "},
	{"halt", NULL},
	{"mdb", NULL},
	{"mdd", NULL},
	{"mdh", NULL},
	{"mdw", NULL},
	{"mwb", NULL},
	{"mwd", NULL},
	{"mwh", NULL},
	{"mww", NULL},
	{"nrf51", " mass_erase "},
	{"nrf5", " mass_erase info "},
	{"poll", NULL},
	{"rbp", NULL},
	{"reg", NULL},
	{"reset", " run halt init "},
	{"resume", NULL},
	{"rwp", NULL},
	{"step", NULL},
	{"stm32f0x", " mass_erase "},
	{"stm32f1x", " mass_erase "},
	{"stm32f2x", " mass_erase "},
	{"stm32f4x", " mass_erase "},
	{"stm32h7x", " mass_erase "},
	{"stm32l4x", " mass_erase "},
	{"targets", NULL},
	{"version", NULL},
	{"wait_halt", NULL},
	{"wp", NULL},
};

/* No character that means something to Tcl: what is left are words. */
static bool plain(const char *text)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.,:+- ";

	return text[strspn(text, good)] == '\0';
}

static bool word_in(const char *words, const char *word, size_t len)
{
	char wanted[40];

	if (len == 0)
		return true; /* the command by itself */
	if ((size_t)snprintf(wanted, sizeof wanted, " %.*s ", (int)len, word) >= sizeof wanted)
		return false;
	return strstr(words, wanted) != NULL;
}

bool gdb_filter_allows(const char *command)
{
	const char *word = command + strspn(command, " "), *rest;
	size_t len = strcspn(word, " ");

	rest = word + len + strspn(word + len, " ");
	if (!plain(command))
		return false;
	for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++) {
		if (strlen(allowed[i].word) == len && strncmp(allowed[i].word, word, len) == 0)
			return !allowed[i].rest || word_in(allowed[i].rest, rest, strcspn(rest, " "));
	}
	return false;
}

static int hex_value(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	if (digit >= 'A' && digit <= 'F')
		return digit - 'A' + 10;
	return -1;
}

/* The command of the packet that is held whole; false when it is no text. */
static bool read_command(const struct gdb_filter *filter, char ret_text[GDB_FILTER_MAX_COMMAND + 1])
{
	size_t digits = filter->held_len - HEAD_LEN - 3;
	const char *at = filter->held + HEAD_LEN;

	if (digits % 2 || digits / 2 > GDB_FILTER_MAX_COMMAND)
		return false;
	for (size_t i = 0; i < digits / 2; i++) {
		int high = hex_value(at[2 * i]), low = hex_value(at[2 * i + 1]);

		if (high < 0 || low < 0 || high * 16 + low == 0)
			return false;
		ret_text[i] = (char)(high * 16 + low);
	}
	ret_text[digits / 2] = '\0';
	return true;
}

static int append_packet(struct buf *reply, const char *body)
{
	unsigned sum = 0;
	char end[4];

	for (const char *at = body; *at; at++)
		sum += (uint8_t)*at;
	snprintf(end, sizeof end, "#%02x", sum & 0xff);
	return buf_append_text(reply, "$") || buf_append_text(reply, body) || buf_append_text(reply, end) ? ERR_TOO_BIG
													  : 0;
}

/* A line on gdb's console, then the answer it waits for. */
static int refuse(struct buf *reply)
{
	static const char text[] =
		"This command is not passed on: on a leased board, monitor takes plain commands about the"
		" target only.\n";
	char body[2 * sizeof text + 2] = "O";

	for (size_t i = 0; text[i]; i++)
		snprintf(body + 1 + 2 * i, 3, "%02x", (unsigned)(uint8_t)text[i]);
	return buf_append_text(reply, "+") || append_packet(reply, body) || append_packet(reply, "OK") ? ERR_TOO_BIG
												       : 0;
}

static int end_command(struct gdb_filter *filter, struct buf *pass, struct buf *reply)
{
	char text[GDB_FILTER_MAX_COMMAND + 1];
	size_t len = filter->held_len;
	bool good = read_command(filter, text) && gdb_filter_allows(text);

	filter->held_len = 0;
	filter->state = OUTSIDE;
	return good ? buf_append(pass, filter->held, len) : refuse(reply);
}

static int feed_body(struct gdb_filter *filter, char byte, struct buf *pass)
{
	if (byte == '}')
		filter->state = ESCAPED;
	else if (byte == '#')
		filter->state = SUM1;
	else
		filter->state = BODY;
	return buf_append(pass, &byte, 1);
}

/* The byte is held already. */
static int feed_head(struct gdb_filter *filter, char byte, struct buf *pass, struct err *err)
{
	size_t len = filter->held_len;
	int rc;

	if (byte == head[len - 1]) {
		filter->state = len == HEAD_LEN ? COMMAND : HEAD;
		return 0;
	}
	if (byte == '}')
		return err_set(err, ERR_PROTOCOL, "an escape where a packet says what it is");
	filter->held_len = 0;
	rc = buf_append(pass, filter->held, len - 1);
	return rc ? rc : feed_body(filter, byte, pass);
}

static int feed_command(struct gdb_filter *filter, char byte, struct err *err)
{
	if (byte == '#')
		filter->state = COMMAND_SUM1;
	else if (hex_value(byte) < 0)
		return err_set(err, ERR_PROTOCOL, "a monitor command that is not in hexadecimal digits");
	return 0;
}

/* A byte of a packet that is held back. */
static int feed_held(struct gdb_filter *filter, char byte, struct buf *pass, struct buf *reply, struct err *err)
{
	if (filter->held_len == sizeof filter->held)
		return err_set(err, ERR_PROTOCOL, "a monitor command of more than %d characters",
			       GDB_FILTER_MAX_COMMAND);
	filter->held[filter->held_len++] = byte;
	if (filter->state == HEAD)
		return feed_head(filter, byte, pass, err);
	if (filter->state == COMMAND)
		return feed_command(filter, byte, err);
	if (filter->state == COMMAND_SUM2)
		return end_command(filter, pass, reply);
	filter->state = COMMAND_SUM2;
	return 0;
}

static int feed_byte(struct gdb_filter *filter, char byte, struct buf *pass, struct buf *reply, struct err *err)
{
	if (byte == '$' && filter->state != OUTSIDE)
		return err_set(err, ERR_PROTOCOL, "a packet begins inside another");
	switch ((enum state)filter->state) {
	case OUTSIDE:
		if (byte != '$')
			break;
		filter->state = HEAD;
		filter->held[0] = byte;
		filter->held_len = 1;
		return 0;
	case BODY:
		return feed_body(filter, byte, pass);
	case ESCAPED:
		filter->state = BODY;
		break;
	case SUM1:
		filter->state = SUM2;
		break;
	case SUM2:
		filter->state = OUTSIDE;
		break;
	case HEAD:
	case COMMAND:
	case COMMAND_SUM1:
	case COMMAND_SUM2:
		return feed_held(filter, byte, pass, reply, err);
	}
	return buf_append(pass, &byte, 1);
}

int gdb_filter_feed(struct gdb_filter *filter, const uint8_t *data, size_t size_bytes, struct buf *pass,
		    struct buf *reply, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < size_bytes && rc == 0; i++)
		rc = feed_byte(filter, (char)data[i], pass, reply, err);
	return rc;
}

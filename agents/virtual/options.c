/* SPDX-License-Identifier: Apache-2.0 */
/* Command line of assay-vboard. */
#include "agents/virtual/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agents/virtual/chip/chip.h"
#include "agents/virtual/probe/stlink.h"
#include "core/base/log.h"

static void usage(FILE *out)
{
	fprintf(out,
		"usage: assay-vboard --chip CHIP --dir DIR --serial TEXT [OPTION]...\n"
		"One virtual board: an emulated microcontroller behind a virtual ST-LINK on TCP.\n"
		"  --chip CHIP            %s\n"
		"  --dir DIR              its own: flash.bin, control, console, qemu.log\n"
		"  --serial TEXT          of the probe, 1 to 32 characters; the chip's unique\n"
		"                         id follows from it\n"
		"  --probe-port N         the probe's TCP port on 127.0.0.1 (default: a free one)\n"
		"  --console pty|tcp[:N]  where the UART is to be found (default: pty)\n"
		"  --nic none|user|isolated\n"
		"                         network of a board that has one (default: none)\n"
		"  --log-level LEVEL      debug, info, warn or error (default: info)\n"
		"  --exit-with-stdin      end when standard input closes\n"
		"  --help, --version\n",
		chip_names());
}

static bool serial_is_good(const char *serial)
{
	size_t len = strlen(serial);
	for (const char *c = serial; *c; c++)
		if (*c <= ' ' || *c > '~')
			return false;
	return len >= 1 && len <= STLINK_SERIAL_MAX;
}

static bool parse_port(const char *text, unsigned *ret_port)
{
	char *end;
	unsigned long port = strtoul(text, &end, 10);

	if (*end || end == text || *text == '-' || port > 65535)
		return false;
	*ret_port = (unsigned)port;
	return true;
}

enum { CHIP = 1, DIR, SERIAL, PORT, CONSOLE, NIC, LOG, STDIN, HELP, VERSION };

static const struct option table[] = {{"chip", 1, NULL, CHIP},
				      {"dir", 1, NULL, DIR},
				      {"serial", 1, NULL, SERIAL},
				      {"probe-port", 1, NULL, PORT},
				      {"console", 1, NULL, CONSOLE},
				      {"nic", 1, NULL, NIC},
				      {"log-level", 1, NULL, LOG},
				      {"exit-with-stdin", 0, NULL, STDIN},
				      {"help", 0, NULL, HELP},
				      {"version", 0, NULL, VERSION},
				      {0}};

/* Takes one option in; false: its value is of no use. */
static bool take(struct options *options, int option, const char *value)
{
	enum log_level level;

	switch (option) {
	case CHIP:
		options->chip = value;
		return true;
	case DIR:
		options->dir = value;
		return true;
	case SERIAL:
		options->serial = value;
		return serial_is_good(value);
	case PORT:
		return parse_port(value, &options->probe_port);
	case CONSOLE:
		options->console = value;
		return true;
	case NIC:
		options->nic = value;
		return true;
	case LOG:
		if (log_level_parse(value, &level))
			return false;
		log_set_level(level);
		return true;
	default: /* STDIN */
		options->exit_with_stdin = true;
		return true;
	}
}

int options_parse(struct options *options, int argc, char **argv)
{
	*options = (struct options){.console = "pty", .nic = "none"};
	for (int option; (option = getopt_long(argc, argv, "", table, NULL)) != -1;) {
		switch (option) {
		case HELP:
			usage(stdout);
			return 0;
		case VERSION:
			puts("assay-vboard " ASSAY_VERSION);
			return 0;
		case '?':
			return 2;
		default:
			if (take(options, option, optarg))
				break;
			fprintf(stderr, "assay-vboard: unusable value \"%s\"\n", optarg);
			return 2;
		}
	}
	if (optind < argc || !options->chip || !options->dir || !options->serial) {
		usage(stderr);
		return 2;
	}
	return -1;
}

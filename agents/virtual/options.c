/* SPDX-License-Identifier: Apache-2.0 */
/* Command line of assay-vboard. */
#include "agents/virtual/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agents/virtual/chip/chip.h"
#include "agents/virtual/probe/stlink.h"
#include "core/base/err.h"
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

static int parse_port(const char *text, unsigned *ret_port)
{
	char *end;
	unsigned long port = strtoul(text, &end, 10);
	if (*end || end == text || port > 65535)
		return ERR_INVALID;
	*ret_port = (unsigned)port;
	return 0;
}

int options_parse(struct options *options, int argc, char **argv)
{
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
	enum log_level level;
	*options = (struct options){.console = "pty", .nic = "none"};
	for (int option; (option = getopt_long(argc, argv, "", table, NULL)) != -1;) {
		bool good = true;
		switch (option) {
		case CHIP:
			options->chip = optarg;
			break;
		case DIR:
			options->dir = optarg;
			break;
		case SERIAL:
			options->serial = optarg;
			break;
		case PORT:
			good = !parse_port(optarg, &options->probe_port);
			break;
		case CONSOLE:
			options->console = optarg;
			break;
		case NIC:
			options->nic = optarg;
			break;
		case LOG:
			good = !log_level_parse(optarg, &level);
			if (good)
				log_set_level(level);
			break;
		case STDIN:
			options->exit_with_stdin = true;
			break;
		case HELP:
			usage(stdout);
			return 0;
		case VERSION:
			puts("assay-vboard " ASSAY_VERSION);
			return 0;
		default:
			return 2;
		}
		if (!good) {
			fprintf(stderr, "assay-vboard: unusable value \"%s\"\n", optarg);
			return 2;
		}
	}
	if (optind < argc || !options->chip || !options->dir || !options->serial || !serial_is_good(options->serial)) {
		usage(stderr);
		return 2;
	}
	return -1;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the command line of assay-sim. */
#include "sim/options.h"

#include <getopt.h>
#include <stdio.h>

static void usage(FILE *out)
{
	fputs("usage: assay-sim LOAD... [--set PATH=VALUE]... [OPTION]...\n"
	      "       assay-sim --record FILE [LOAD] [--set PATH=VALUE]... [OPTION]...\n"
	      "Simulates a farm: the daemon's own plan on a made-up or a recorded load.\n"
	      "  --set PATH=VALUE  what if: a value of the load file is another, as\n"
	      "                    boards.desk.count=50; beside it as it is\n"
	      "  --record FILE     jobs of a real farm, as `assay job N --json` prints them,\n"
	      "                    one after the other\n"
	      "  --json            JSON instead of text\n"
	      "  --html FILE       writes a page with charts, too\n"
	      "  --help, --version\n",
	      out);
}

static enum options_next wrong(const char *why)
{
	fprintf(stderr, "assay-sim: %s\n", why);
	usage(stderr);
	return OPTIONS_WRONG;
}

static enum options_next check(const struct options *options)
{
	if (options->load_count == 0 && !options->record)
		return wrong("nothing to simulate: name a load file or a recording");
	if (options->record && options->load_count > 1)
		return wrong("a recording goes with one load file");
	if (options->set_count > 0 && options->load_count == 0)
		return wrong("--set changes a load file: name one");
	return OPTIONS_GO;
}

enum options_next options_parse(struct options *options, int argc, char **argv)
{
	enum { SET = 1, RECORD, JSON, HTML, HELP, VERSION };
	static const struct option table[] = {{"set", 1, NULL, SET},   {"record", 1, NULL, RECORD},
					      {"json", 0, NULL, JSON}, {"html", 1, NULL, HTML},
					      {"help", 0, NULL, HELP}, {"version", 0, NULL, VERSION},
					      {NULL, 0, NULL, 0}};
	int option;

	*options = (struct options){0};
	while ((option = getopt_long(argc, argv, "", table, NULL)) != -1) {
		if (option == SET && options->set_count < OPTIONS_MAX_SETS)
			options->sets[options->set_count++] = optarg;
		else if (option == SET)
			return wrong("too many --set");
		else if (option == RECORD)
			options->record = optarg;
		else if (option == JSON)
			options->json = true;
		else if (option == HTML)
			options->html = optarg;
		else if (option == HELP)
			return usage(stdout), OPTIONS_DONE;
		else if (option == VERSION)
			return puts("assay-sim " ASSAY_VERSION), OPTIONS_DONE;
		else
			return usage(stderr), OPTIONS_WRONG;
	}
	for (; optind < argc; optind++) {
		if (options->load_count == OPTIONS_MAX_LOADS)
			return wrong("too many load files");
		options->loads[options->load_count++] = argv[optind];
	}
	return check(options);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The table of options, and reading it from a file and a command line alike. */
#include "daemon/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/doc.h"
#include "core/base/log.h"
#include "core/base/wrap.h"
#include "core/farm/farm.h"
#include "core/health/image_suspicion.h"

#ifndef ASSAY_WEB_DIR
#define ASSAY_WEB_DIR "/usr/share/assay/web"
#endif

#ifndef ASSAY_SUITES_DIR
#define ASSAY_SUITES_DIR "/usr/share/assay/suites"
#endif

enum option_kind { OPTION_TEXT, OPTION_LEVEL, OPTION_NUMBER, OPTION_DURATION, OPTION_YES };

struct option {
	const char *name;
	enum option_kind kind;
	size_t offset, size; /* of the member in struct config */
	const char *value;   /* the default; NULL: worked out at start */
	int64_t min, max;
	const char *help;
};

#define MEMBER(name)  offsetof(struct config, name), sizeof(((struct config *)0)->name)
#define HOUR_MS       3600000
#define GIB           (1ll << 30)
#define KEEP_MAX_DAYS 36500

/* Sorted by name: a test holds it to that. */
static const struct option OPTIONS[] = {
	{"agent-grace", OPTION_DURATION, MEMBER(agent_grace_ms), "60s", 100, 24 * HOUR_MS,
	 "how long the runs of an agent that is not connected stay open"},
	{"cancel-grace", OPTION_DURATION, MEMBER(cancel_grace_ms), "60s", 100, 24 * HOUR_MS,
	 "how long an agent may take to end a cancelled run"},
	{"check-after", OPTION_DURATION, MEMBER(check_after_ms), "24h", 0, 8760 * (int64_t)HOUR_MS,
	 "a free board that nobody saw work for so long is checked, where there is a golden image; 0: never"},
	{"check-after-runs", OPTION_NUMBER, MEMBER(check_after_runs), "20", 0, 1000000,
	 "a board on which so many runs ended and none passed is checked; 0: never"},
	{"client-timeout", OPTION_DURATION, MEMBER(client_timeout_ms), "30s", 1000, HOUR_MS,
	 "how long a client may take to accept the next piece of an answer"},
	{"config", OPTION_TEXT, MEMBER(config_file), "", 0, 0, "a YAML file of these options; the command line wins"},
	{"console-max", OPTION_NUMBER, MEMBER(console_max_bytes), "256M", 4096, 64 * GIB,
	 "bytes kept of one run's console; the rest is dropped and counted"},
	{"delivery-retry", OPTION_DURATION, MEMBER(delivery_retry_ms), "10s", 100, HOUR_MS,
	 "after which a webhook or mail that was not taken is tried again; then three times as long each time"},
	{"image-boards", OPTION_NUMBER, MEMBER(image_boards), "3", 0, SUSPICION_MAX_BOARDS,
	 "boards that an image may put out of action before it gets no more of them; 0: any number"},
	{"image-trial-boards", OPTION_NUMBER, MEMBER(image_trial_boards), "3", 0, 1000000,
	 "boards that an image new to their type gets at once, until one that ran it takes a next run well; 0: all"},
	{"keep-deliveries", OPTION_NUMBER, MEMBER(keep_deliveries), "90", 0, KEEP_MAX_DAYS,
	 "days after which is forgotten how webhooks and mails of a night went; 0: never"},
	{"keep-drops", OPTION_NUMBER, MEMBER(keep_drops), "200", 0, 1000000,
	 "versions of each drop that are kept; the images stay; 0: all"},
	{"keep-nights", OPTION_NUMBER, MEMBER(keep_nights), "400", 0, KEEP_MAX_DAYS,
	 "days after which a night is forgotten, unless it was accepted or is its schedule's last; its jobs stay; 0: "
	 "never"},
	{"keep-recoveries", OPTION_NUMBER, MEMBER(keep_recoveries), "400", 0, KEEP_MAX_DAYS,
	 "days after which is forgotten how a board was recovered; 0: never"},
	{"lease-grace", OPTION_DURATION, MEMBER(lease_grace_ms), "2m", 1000, 24 * HOUR_MS,
	 "how long a lease goes on without its client, when nothing else was asked for"},
	{"lease-max", OPTION_DURATION, MEMBER(lease_max_ms), "8h", LEASE_MIN_MS, LEASE_LONGEST_MS,
	 "how long a lease may be at most, with all extensions"},
	{"listen", OPTION_TEXT, MEMBER(listen), "127.0.0.1:7180", 0, 0, "address and port; port 0 takes a free one"},
	{"live-clients", OPTION_NUMBER, MEMBER(live_max_clients), "4096", 1, 60000,
	 "viewers connected at the same time"},
	{"live-ring", OPTION_NUMBER, MEMBER(live_ring_events), "8192", 16, 1 << 20,
	 "events held in memory for viewers; one who is further behind is fed from the store"},
	{"live-send-buffer", OPTION_NUMBER, MEMBER(live_send_buffer_bytes), "0", 0, 64 << 20,
	 "bytes of a viewer's socket buffer; 0 leaves it to the system"},
	{"live-tail", OPTION_NUMBER, MEMBER(live_tail_bytes), "256K", 4096, 64 << 20,
	 "bytes of each console held in memory for viewers"},
	{"log-level", OPTION_LEVEL, MEMBER(log_level), "info", 0, 0, "debug, info, warn or error"},
	{"mail-from", OPTION_TEXT, MEMBER(mail_from), "", 0, 0,
	 "address that mails come from; default assay@ and this machine's name"},
	{"max-waiting-runs", OPTION_NUMBER, MEMBER(max_waiting_runs), "100000", 1, 10000000,
	 "runs in the queue; jobs beyond are refused"},
	{"run-slack", OPTION_DURATION, MEMBER(run_slack_ms), "10m", 1000, 24 * HOUR_MS,
	 "what a run may take beyond its own limit before the farm gives it up"},
	{"sendmail", OPTION_TEXT, MEMBER(sendmail), "/usr/sbin/sendmail", 0, 0,
	 "program that takes a mail on standard input, as sendmail does"},
	{"state-dir", OPTION_TEXT, MEMBER(state_dir), NULL, 0, 0,
	 "where everything is kept; default $XDG_STATE_HOME/assay or ~/.local/state/assay"},
	{"suites-dir", OPTION_TEXT, MEMBER(suites_dir), ASSAY_SUITES_DIR, 0, 0,
	 "folder of suite files that are put at every start where they differ from what is kept"},
	{"web-dir", OPTION_TEXT, MEMBER(web_dir), ASSAY_WEB_DIR, 0, 0, "folder of the web pages"},
	{"webhook-private", OPTION_YES, MEMBER(webhook_private), "no", 0, 0,
	 "whether webhooks may go to addresses of the house: loopback, private and link-local ones"},
};

#define OPTION_COUNT (sizeof(OPTIONS) / sizeof(OPTIONS[0]))

static char *member_text(struct config *config, const struct option *option)
{
	return (char *)config + option->offset;
}

static void read_text(struct config *config, const struct option *option, const struct doc_node *from,
		      struct doc_problems *problems)
{
	const char *text = NULL;
	enum log_level level;

	if (!doc_read_text(from, option->name, false, option->size - 1, &text, problems))
		return;
	if (option->kind == OPTION_LEVEL && log_level_parse(text, &level)) {
		doc_problem_add(problems, doc_get(from, option->name)->line, option->name, text, "%s", option->help);
		return;
	}
	snprintf(member_text(config, option), option->size, "%s", text);
}

/* Takes over what the mapping says about this option. */
static void read_option(struct config *config, const struct option *option, const struct doc_node *from,
			struct doc_problems *problems)
{
	int64_t *number = (int64_t *)(void *)((char *)config + option->offset);

	switch (option->kind) {
	case OPTION_NUMBER:
		doc_read_int(from, option->name, false, option->min, option->max, number, problems);
		break;
	case OPTION_DURATION:
		doc_read_duration_ms(from, option->name, false, option->min, option->max, number, problems);
		break;
	case OPTION_YES:
		doc_read_bool(from, option->name, false, (bool *)(void *)((char *)config + option->offset), problems);
		break;
	default:
		read_text(config, option, from, problems);
	}
}

/* One value from elsewhere than a file, read by the same rules. */
static void read_value(struct config *config, const struct option *option, const char *value,
		       struct doc_problems *problems)
{
	struct doc_node leaf = {
		.kind = DOC_SCALAR, .path = option->name, .key = option->name, .text = value, .plain = true};
	struct doc_node *children[] = {&leaf};
	struct doc_node from = {.kind = DOC_MAPPING, .path = "", .count = 1, .child = children};

	read_option(config, option, &from, problems);
}

/* "" when nobody says where. */
static void default_state_dir(char *out, size_t size)
{
	const char *state = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");

	if (state && state[0] == '/')
		snprintf(out, size, "%s/assay", state);
	else if (home && home[0] == '/')
		snprintf(out, size, "%s/.local/state/assay", home);
	else
		out[0] = '\0';
}

static void read_defaults(struct config *config)
{
	struct doc_problems problems;

	doc_problems_init(&problems, "defaults");
	memset(config, 0, sizeof(*config));
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (OPTIONS[i].value)
			read_value(config, &OPTIONS[i], OPTIONS[i].value, &problems);
	default_state_dir(config->state_dir, sizeof(config->state_dir));
}

int config_read_file(const char *path, struct buf *text, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = 0;
	char piece[4096];
	int rc = 0;

	if (fd < 0)
		return err_set_errno(err, errno, "cannot read %s", path);
	while (!rc && (got = read(fd, piece, sizeof(piece))) > 0)
		rc = buf_append(text, piece, (size_t)got);
	if (got < 0)
		rc = err_set_errno(err, errno, "cannot read %s", path);
	else if (rc)
		err_set(err, (enum err_code)rc, "%s is larger than %u bytes", path, DOC_MAX_BYTES);
	close(fd);
	return rc;
}

static void read_document(struct config *config, const struct doc_node *root, struct doc_problems *problems)
{
	const char *known[OPTION_COUNT + 1] = {0};
	size_t count = 0;

	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (strcmp(OPTIONS[i].name, "config") != 0)
			known[count++] = OPTIONS[i].name;
	if (!doc_refuse_unknown(root, known, problems))
		return;
	for (size_t i = 0; i < OPTION_COUNT; i++)
		read_option(config, &OPTIONS[i], root, problems);
}

static int read_file(struct config *config, const char *path, struct buf *out)
{
	struct doc_problems problems;
	struct doc *doc = NULL;
	struct err err = {0};
	struct buf text;

	buf_init(&text, DOC_MAX_BYTES);
	if (config_read_file(path, &text, &err)) {
		buf_appendf(out, "assayd: %s\n", err.text);
		buf_finish(&text);
		return ERR_INVALID;
	}
	doc_problems_init(&problems, path);
	int rc = doc_parse(path, buf_text(&text), text.len, &doc, &problems);
	/* A file of nothing but comments says nothing, and that is fine. */
	if (!rc && !(doc->root->kind == DOC_SCALAR && doc->root->text[0] == '\0'))
		read_document(config, doc->root, &problems);
	doc_destroy(doc);
	buf_finish(&text);
	if (!rc && problems.count == 0)
		return 0;
	doc_problems_format(&problems, out);
	return ERR_INVALID;
}

/* An argument taken apart. */
struct argument {
	const struct option *option;
	const char *value;
};

/* Reads the argument at *at, moving on over what it takes. Returns 0 or ERR_INVALID. */
static int read_argument(int argc, char *const argv[], int *at, struct argument *ret, struct buf *out)
{
	const char *text = argv[(*at)++];
	const char *name = strncmp(text, "--", 2) == 0 ? text + 2 : NULL;
	size_t len = name ? strcspn(name, "=") : 0;

	for (size_t i = 0; name && i < OPTION_COUNT; i++) {
		if (strlen(OPTIONS[i].name) != len || strncmp(OPTIONS[i].name, name, len) != 0)
			continue;
		ret->option = &OPTIONS[i];
		ret->value = name[len] ? name + len + 1 : *at < argc ? argv[(*at)++] : NULL;
		if (ret->value)
			return 0;
		buf_appendf(out, "assayd: --%s: a value is expected\n", OPTIONS[i].name);
		return ERR_INVALID;
	}
	buf_appendf(out, "assayd: unknown argument \"%s\"; assayd --help lists them\n", text);
	return ERR_INVALID;
}

static bool read_wish(const char *text, enum config_wish *ret_wish)
{
	if (strcmp(text, "--help") == 0 || strcmp(text, "-h") == 0)
		*ret_wish = CONFIG_HELP;
	else if (strcmp(text, "--help-man") == 0)
		*ret_wish = CONFIG_HELP_MAN;
	else if (strcmp(text, "--version") == 0)
		*ret_wish = CONFIG_VERSION;
	else
		return false;
	return true;
}

/* First pass: finds the file and whether the words can be read; second: takes their values over. */
static int read_arguments(struct config *config, int argc, char *const argv[], bool only_file,
			  enum config_wish *ret_wish, struct buf *out)
{
	struct doc_problems problems;
	struct argument argument = {0};

	doc_problems_init(&problems, "command line");
	for (int at = 1; at < argc;) {
		if (read_wish(argv[at], ret_wish))
			return 0;
		if (read_argument(argc, argv, &at, &argument, out))
			return ERR_INVALID;
		if (!only_file || strcmp(argument.option->name, "config") == 0)
			read_value(config, argument.option, argument.value, &problems);
	}
	for (size_t i = 0; i < problems.count && i < DOC_MAX_PROBLEMS; i++)
		buf_appendf(out, "assayd: --%s: found %s, expected %s\n", problems.item[i].field,
			    problems.item[i].found, problems.item[i].expected);
	return problems.count ? ERR_INVALID : 0;
}

int config_read(struct config *config, int argc, char *const argv[], enum config_wish *ret_wish, struct buf *out)
{
	read_defaults(config);
	*ret_wish = CONFIG_RUN;
	int rc = read_arguments(config, argc, argv, true, ret_wish, out);
	if (rc || *ret_wish != CONFIG_RUN)
		return rc;
	if (config->config_file[0] && read_file(config, config->config_file, out))
		return ERR_INVALID;
	rc = read_arguments(config, argc, argv, false, ret_wish, out);
	if (!rc && !config->state_dir[0]) {
		buf_appendf(out, "assayd: --state-dir is expected, as neither XDG_STATE_HOME nor HOME names a home\n");
		return ERR_INVALID;
	}
	return rc;
}

void config_print_help(FILE *file)
{
	fputs("assayd: the farm's daemon. It keeps jobs, boards and results, and serves the API\n"
	      "and the pages.\n\nusage: assayd [--name value]...\n\n",
	      file);
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct option *option = &OPTIONS[i];
		int column = fprintf(file, "  --%-18s ", option->name);
		char text[512];

		if (option->value && option->value[0])
			snprintf(text, sizeof text, "%s (default %s)", option->help, option->value);
		else
			snprintf(text, sizeof text, "%s", option->help);
		wrap_print(file, text, (size_t)column, (size_t)column, WRAP_COLUMNS);
	}
	fputs("  --help, --help-man, --version\n\n"
	      "Exit status: 0 stopped on request, 1 failed later, 2 cannot start (the message\nsays why).\n",
	      file);
}

void config_print_man(FILE *file)
{
	fputs(".Sh OPTIONS\n.Bl -tag -width indent\n", file);
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct option *option = &OPTIONS[i];
		fprintf(file, ".It Fl -%s Ar value\n%s", option->name, option->help);
		if (option->value && option->value[0])
			fprintf(file, "; default\n.Ql %s", option->value);
		fputs(".\n", file);
	}
	fputs(".El\n", file);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Tones and signs, one table. */
#include "daemon/cli/style.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const struct {
	const char *word;
	enum tone tone;
	const char *sign;
	const char *ascii;
} words[] = {
	{"passed", TONE_GOOD, "✓", "+"},
	{"pass", TONE_GOOD, "✓", "+"},
	{"failed", TONE_BAD, "✗", "x"},
	{"fail", TONE_BAD, "✗", "x"},
	{"crashed", TONE_BAD, "✗", "x"},
	{"missing", TONE_BAD, "✗", "x"},
	{"error", TONE_BAD, "✗", "x"},
	{"infrastructure", TONE_WARN, "!", "!"},
	{"inconclusive", TONE_WARN, "?", "?"},
	{"cancelled", TONE_DIM, "–", "-"},
	{"ignored", TONE_DIM, "–", "-"},
	{"free", TONE_GOOD, "●", "o"},
	{"leased", TONE_BUSY, "◆", "@"},
	{"suspect", TONE_WARN, "?", "?"},
	{"retired", TONE_DIM, "×", "x"},
	{"running", TONE_BUSY, "▶", ">"},
	{"assigned", TONE_BUSY, "▶", ">"},
	{"recovering", TONE_WARN, "↻", "~"},
	{"quarantined", TONE_BAD, "■", "#"},
	{"offline", TONE_DIM, "○", "."},
	{"online", TONE_GOOD, "●", "o"},
	{"queued", TONE_DIM, "…", "."},
	{"finished", TONE_PLAIN, "■", "#"},
	{"degraded", TONE_WARN, "!", "!"},
	{"waived", TONE_WARN, "~", "~"},
	{"expected", TONE_WARN, "~", "~"},
	{"unexpected-pass", TONE_BAD, "✗", "x"},
	{"ok", TONE_GOOD, "✓", "+"},
	{"out", TONE_BAD, "✗", "x"},
	{"passed-on-retry", TONE_WARN, "↻", "~"},
	{"passed-waived", TONE_WARN, "~", "~"},
	{"passed-expected", TONE_WARN, "~", "~"},
	{"unjudged", TONE_DIM, "·", "."},
};

static const char *const escapes[] = {
	[TONE_PLAIN] = "",        [TONE_GOOD] = "\033[32m", [TONE_BAD] = "\033[31m",   [TONE_WARN] = "\033[33m",
	[TONE_BUSY] = "\033[36m", [TONE_DIM] = "\033[2m",   [TONE_STRONG] = "\033[1m",
};

void style_init(struct style *style, FILE *stream, bool no_colour)
{
	const char *term = getenv("TERM"), *never = getenv("NO_COLOR"), *codeset = nl_langinfo(CODESET);
	struct winsize size = {0};

	style->tty = isatty(fileno(stream));
	style->colour = style->tty && !no_colour && !(never && *never) && term && strcmp(term, "dumb") != 0;
	style->unicode = codeset && strcmp(codeset, "UTF-8") == 0;
	style->columns = 80;
	if (style->tty && ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col >= 20)
		style->columns = size.ws_col;
}

const char *style_on(const struct style *style, enum tone tone)
{
	return style->colour ? escapes[tone] : "";
}

const char *style_off(const struct style *style)
{
	return style->colour ? "\033[0m" : "";
}

static size_t find(const char *word)
{
	size_t i = 0;

	while (i < sizeof words / sizeof words[0] && (!word || strcmp(words[i].word, word) != 0))
		i++;
	return i;
}

enum tone style_word_tone(const char *word)
{
	size_t i = find(word);

	return i < sizeof words / sizeof words[0] ? words[i].tone : TONE_PLAIN;
}

const char *style_word_sign(const struct style *style, const char *word)
{
	size_t i = find(word);

	if (i == sizeof words / sizeof words[0])
		return " ";
	return style->unicode ? words[i].sign : words[i].ascii;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Colour on a terminal, and how the farm's words look there. */
#ifndef ASSAY_CLI_STYLE_H
#define ASSAY_CLI_STYLE_H

#include <stdbool.h>
#include <stdio.h>

enum tone { TONE_PLAIN, TONE_GOOD, TONE_BAD, TONE_WARN, TONE_BUSY, TONE_DIM, TONE_STRONG };

struct style {
	bool tty;     /* the stream is a terminal */
	bool colour;  /* and colours are wanted (no NO_COLOR, no --no-color, TERM not "dumb") */
	bool unicode; /* the locale can show more than ASCII */
	int columns;  /* of the terminal; 80 when unknown */
};

/* Looks at the stream and the environment. */
void style_init(struct style *style, FILE *stream, bool no_colour);

/* The escape sequence that begins a tone, and the one that ends all; "" without colour. Never NULL. */
const char *style_on(const struct style *style, enum tone tone);
const char *style_off(const struct style *style);

/* The tone of a verdict (run, job or case) or state word; TONE_PLAIN for words it does not know or NULL. */
enum tone style_word_tone(const char *word);

/* A sign that stands for the word without colour: "✓", "✗", "!", … (ASCII where the terminal knows no better). */
const char *style_word_sign(const struct style *style, const char *word);

#endif

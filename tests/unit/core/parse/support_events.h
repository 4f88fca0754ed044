/* SPDX-License-Identifier: Apache-2.0 */
/* What the parser tells of a text, one event a line, for tests of single forms of lines. */
#ifndef ASSAY_TEST_SUPPORT_EVENTS_H
#define ASSAY_TEST_SUPPORT_EVENTS_H

#define EVENTS_MAX 4000

/* Fails the test when the events of text are not those. "begun G.N", "pass G.N", "fail G.N: why", "measure name 12.5
 * us", "progress 1/4 text", "alive text", "mark name 7", "ask <number> <ms>", "summary 4 1 0", "disorder why", "bail
 * why", "boot", "banner id"; each with a newline. */
void expect_events(const char *text, const char *events);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What firmware may print for the farm: which image is speaking, measurements, signs of life, and what it asks the farm
 * to do. Plain C, no dependencies: copy it into your firmware or include it from here.
 *
 * Each is one line that begins with the word ASSAY. It stands on a line by itself, behind a log prefix, or right behind
 * the fixture's "TEST(Group, Case)"; anywhere else, and in any other form than those here, it is text like any other:
 * a line that is not understood never fails anything. Words are parted by one blank. <name> is 1 to 63 of
 * A-Z a-z 0-9 _ - . /
 *
 * The banner
 *     ASSAY <board> <suite-version> image <build-id>
 * stands on a line by itself and is printed once a boot, before the first test case, as the first line if that can be:
 *   <board>          the board type's name; no blanks
 *   <suite-version>  the version of the suite; no blanks
 *   <build-id>       the image's GNU build id (the note that `ld --build-id=sha1` writes, 40 digits), all of it, in
 *                    lower-case hex; or the word "unknown" when the image cannot find it
 *
 * What the farm does with it:
 *   - the build id is held against that of the ELF file that was flashed; another one means that something else than
 *     the flashed image is running: the run ends `infrastructure / wrong-image`, and nothing it printed is judged;
 *   - a second banner in one run means that the board started again by itself: `failed / reboot`, unless the job
 *     allows `resets`;
 *   - with `banner: true` in the job's requirements its absence is `failed / banner-missing`.
 * Firmware without a banner can be judged as well; then nothing proves which image printed the results. A board type
 * cannot be called like one of the words below (measure, progress, alive, mark, ask).
 *
 * A measurement
 *     ASSAY measure <name> <value> <unit>
 * belongs to the case that is open, that is, whose name was printed and whose verdict was not; else to none.
 *   <value>  decimal, with sign, fraction and exponent as needed, at most 31 characters: 12, -0.5, 1.25e6
 *   <unit>   1 to 15 bytes without blanks: us, ns, cycles, MB/s, kB/s, %, ppm, count; the suite names the one it wants
 *
 * For people who watch; both also prove that the board is alive:
 *     ASSAY progress <done>/<total> [text]     0 <= done <= total, total > 0
 *     ASSAY alive [text]                       a heartbeat: resets the silence timer, as every byte does; nothing else
 *
 * The target's clock against the rack's
 *     ASSAY mark <name> <target-us>
 * says that the target's own clock shows that many microseconds now. The first and the last mark of a name within a
 * case are compared with the times their bytes came at; the difference becomes the measurement <name>, in ppm. Print
 * them far apart: a serial line's delay counts as error.
 *
 * Asking the farm, for cases that go on over a restart (flash survives a power cut, an update is booted):
 *     ASSAY ask reset               reset me now
 *     ASSAY ask power-cycle <ms>    off now, on again after that time
 *     ASSAY ask power-cut <ms>      go on; cut the power after that time, then on again
 *     ASSAY ask self-reset          nothing is to be done: I reset myself now, or my watchdog does
 * At most 60000 ms. The job must allow it (end: asks: N) and each is done and recorded as an event of the run. The boot
 * that follows is an allowed one, and the case that is open stays open over it: the firmware goes on with it, by what
 * it kept in its own memory, and prints its verdict, with or without printing its name again.
 *
 * The results themselves are Unity's, for example
 *     TEST(Group, Case) PASS
 *     TEST(Group, Case)file.c:5::FAIL: Expected 1 Was 2
 *     TEST(Group, Case)file.c:9::IGNORE: why
 * followed, after the last case, by one summary block:
 *     -----------------------
 *     3 Tests 1 Failures 1 Ignored
 *     FAIL
 * Lines may end in "\r\n", "\n" or "\n\r". */
#ifndef ASSAY_TARGET_H
#define ASSAY_TARGET_H

/* The banner's parts, for firmware without printf. */
#define ASSAY_BANNER_WORD     "ASSAY"
#define ASSAY_BANNER_IMAGE    "image"
#define ASSAY_BANNER_UNKNOWN  "unknown"
#define ASSAY_BUILD_ID_BYTES  20 /* of `--build-id=sha1` */
#define ASSAY_BUILD_ID_DIGITS 40

/* The banner for printf: board name, suite version, build id in hex, all strings. */
#define ASSAY_BANNER_FORMAT "ASSAY %s %s image %s\r\n"

/* The other lines for printf. Value and microseconds are strings: many a small printf knows neither fractions nor 64
 * bits. */
#define ASSAY_MEASURE_FORMAT         "ASSAY measure %s %s %s\r\n"
#define ASSAY_PROGRESS_FORMAT        "ASSAY progress %u/%u %s\r\n"
#define ASSAY_ALIVE_LINE             "ASSAY alive\r\n"
#define ASSAY_MARK_FORMAT            "ASSAY mark %s %s\r\n"
#define ASSAY_ASK_RESET_LINE         "ASSAY ask reset\r\n"
#define ASSAY_ASK_SELF_RESET_LINE    "ASSAY ask self-reset\r\n"
#define ASSAY_ASK_POWER_CYCLE_FORMAT "ASSAY ask power-cycle %u\r\n"
#define ASSAY_ASK_POWER_CUT_FORMAT   "ASSAY ask power-cut %u\r\n"

/* Bytes of a name, a value and a unit, without the terminating zero. */
#define ASSAY_NAME_BYTES  63
#define ASSAY_VALUE_BYTES 31
#define ASSAY_UNIT_BYTES  15
#define ASSAY_ASK_MS_MAX  60000

#endif

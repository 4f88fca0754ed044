/* SPDX-License-Identifier: Apache-2.0 */
/* What firmware may print so that the farm knows which image is speaking. Plain C, no dependencies: copy it into your
 * firmware or include it from here.
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
 * Firmware without a banner can be judged as well; then nothing proves which image printed the results.
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

#endif

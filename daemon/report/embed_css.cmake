# SPDX-License-Identifier: Apache-2.0
# Writes OUT, a C array with the bytes of CSS and a NUL.
file(READ ${CSS} hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
file(WRITE ${OUT} "/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from report.css. */
#include \"daemon/report/html.h\"

const char html_css[] = {${bytes}0x00};
")

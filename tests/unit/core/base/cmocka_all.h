/* SPDX-License-Identifier: Apache-2.0 */
/* cmocka with the headers it wants before itself. */
#ifndef ASSAY_TESTS_CMOCKA_ALL_H
#define ASSAY_TESTS_CMOCKA_ALL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif

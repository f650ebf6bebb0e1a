/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BASE_UNIT_H
#define CHAPPE_BASE_UNIT_H

/* What every unit test includes: cmocka with the headers it forgets, and comparisons of strs. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"

/* Shows both when they differ. */
#define assert_str(actual, expected)                                                               \
    do {                                                                                           \
        struct str unit_a_ = (actual), unit_e_ = (expected);                                       \
        if (!str_eq(unit_a_, unit_e_)) {                                                           \
            print_error("got:      %.*s\nexpected: %.*s\n", STR_ARG(unit_a_), STR_ARG(unit_e_));   \
            assert_true(str_eq(unit_a_, unit_e_));                                                 \
        }                                                                                          \
    } while (0)

/* What a test measures of memory and size is the release's, not a sanitizer's. */
#ifdef __SANITIZE_ADDRESS__
#define IS_SANITIZED 1
#elif defined(__SANITIZE_THREAD__)
#define IS_SANITIZED 1
#else
#define IS_SANITIZED 0
#endif

#endif

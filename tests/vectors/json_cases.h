/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_VECTORS_JSON_CASES_H
#define CHAPPE_VECTORS_JSON_CASES_H

/* One text and what the reader must say of it. The text is head × its count, then body, then
 * tail × its count. */

#include "base/str.h"

enum verdict { VERDICT_ACCEPTED, VERDICT_REFUSED };

struct json_case {
    enum verdict verdict;
    const char *name;
    struct str body;
    struct {
        size_t times;
        struct str text;
    } head, tail;
};

extern const struct json_case json_cases[];
extern const size_t json_cases_n;

#endif

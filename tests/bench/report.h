/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BENCH_REPORT_H
#define CHAPPE_BENCH_REPORT_H

/* What was found: a line on the terminal for each case, and JSON in a file. */

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "json/write.h"

struct report {
    struct buf json;
    struct json_writer writer;
    struct buf line; /* of the case that is being told */
};

void report_init(struct report *report);
void report_done(struct report *report);

/* Members of the head: engine, durability, cost of an fsync… then report_cases. */
void report_text(struct report *report, const char *name, const char *value);
void report_number(struct report *report, const char *name, double value);
void report_cases(struct report *report);

/* A case: its own texts and numbers come between the two. */
void report_case(struct report *report, const char *scenario, const char *name);
void report_case_end(struct report *report);

/* Ends the JSON and writes it; path NULL: nowhere. */
int report_save(struct report *report, const char *path, struct err *err) MUST_USE;

#endif

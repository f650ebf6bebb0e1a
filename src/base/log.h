/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BASE_LOG_H
#define CHAPPE_BASE_LOG_H

/* Structured log lines on standard error, one a line, never torn between threads. Library layers
 * do not log: they return errors, and the layer that ends a failure logs it once. Values that come
 * from outside are quoted and cut to 256 bytes. Tokens, passwords, bodies and e-mail addresses are
 * never given to it.
 *
 *     log_line(LOG_LEVEL_WARN, "send_failed", "room", LOG_STR(room), "pos", LOG_INT(pos), NULL);
 *
 * text:  2026-11-24T01:02:03.456Z warn send_failed room="!x" pos=12
 * json:
 * {"time":"2026-11-24T01:02:03.456Z","level":"warn","event":"send_failed","room":"!x","pos":12}
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/str.h"

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };
enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };

struct log_value {
    bool is_int;
    int64_t number;
    struct str text;
};

#define LOG_STR(s) (&(struct log_value){false, 0, (s)})
#define LOG_Z(z)   (&(struct log_value){false, 0, str_from(z)})
#define LOG_INT(i) (&(struct log_value){true, (i), STR_NONE})

void log_configure(enum log_level least, enum log_format format);
bool log_wants(enum log_level level);

/* Pairs of const char * and const struct log_value *, ended by NULL. */
void log_line(enum log_level level, const char *event, ...) __attribute__((sentinel));

/* 0, or -1 for an unknown word. */
int log_level_parse(struct str s, enum log_level *ret_level) MUST_USE;

#endif

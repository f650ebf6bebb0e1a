/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/admin/answer.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#define LINE_BYTES KIB(4)

void answer_begin(struct admin_answer *answer, struct buf *out)
{
    json_writer_init(&answer->w, out);
    json_write_object(&answer->w);
    json_write_key(&answer->w, STR("lines"));
    json_write_array(&answer->w);
}

void answer_line(struct admin_answer *answer, const char *format, ...)
{
    char line[LINE_BYTES];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    struct str text = str_make(line, n < 0                     ? 0
                                     : (size_t)n < sizeof line ? (size_t)n
                                                               : LINE_BYTES - 1);
    json_write_str(&answer->w, str_is_utf8(text) ? text : STR("(not UTF-8)"));
}

void answer_end_lines(struct admin_answer *answer)
{
    json_write_end(&answer->w);
}

void answer_end(struct admin_answer *answer)
{
    json_write_end(&answer->w);
}

struct str answer_time(struct arena *arena, int64_t ms)
{
    char text[32];
    struct tm tm;
    time_t seconds = (time_t)(ms / 1000);
    if (!ms || !gmtime_r(&seconds, &tm))
        return STR("-");
    size_t n = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm);
    return arena_str(arena, str_make(text, n));
}

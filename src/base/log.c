/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"

#define LINE_MAX_BYTES  8192
#define VALUE_MAX_BYTES 256

static const char *const level_names[] = {"debug", "info", "warn", "error"};

/* Set once at start and on reload; read by every thread. */
static int least_level = LOG_LEVEL_INFO;
static int line_format = LOG_FORMAT_TEXT;

void log_configure(enum log_level least, enum log_format format)
{
    __atomic_store_n(&least_level, (int)least, __ATOMIC_RELAXED);
    __atomic_store_n(&line_format, (int)format, __ATOMIC_RELAXED);
}

bool log_wants(enum log_level level)
{
    return (int)level >= __atomic_load_n(&least_level, __ATOMIC_RELAXED);
}

int log_level_parse(struct str s, enum log_level *ret_level)
{
    for (size_t i = 0; i < ARRAY_LEN(level_names); i++) {
        if (!str_eq(s, str_from(level_names[i])))
            continue;
        *ret_level = (enum log_level)i;
        return 0;
    }
    return -1;
}

/* In double quotes, with controls and quotes escaped as in JSON; what is not UTF-8 is escaped byte
 * by byte, so that the line stays UTF-8. */
static void add_quoted(struct buf *line, struct str s)
{
    struct str cut = str_first(s, VALUE_MAX_BYTES);
    bool utf8 = str_is_utf8(cut);
    buf_add_byte(line, '"');
    for (size_t i = 0; i < cut.n; i++) {
        unsigned char c = (unsigned char)cut.p[i];
        if (c == '"' || c == '\\')
            buf_printf(line, "\\%c", c);
        else if (c < 0x20 || c == 0x7f || (c >= 0x80 && !utf8))
            buf_printf(line, "\\u00%02x", c);
        else
            buf_add_byte(line, (char)c);
    }
    if (cut.n < s.n)
        buf_add(line, STR("..."));
    buf_add_byte(line, '"');
}

static void add_time(struct buf *line)
{
    struct timespec now;
    struct tm utc;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    buf_printf(line, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", utc.tm_year + 1900, utc.tm_mon + 1,
               utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, (int)(now.tv_nsec / 1000000));
}

static void add_value(struct buf *line, const struct log_value *value)
{
    if (value->is_int)
        buf_add_int(line, value->number);
    else
        add_quoted(line, value->text);
}

void log_line(enum log_level level, const char *event, ...)
{
    bool json = __atomic_load_n(&line_format, __ATOMIC_RELAXED) == LOG_FORMAT_JSON;
    struct buf line;
    va_list args;
    if (!log_wants(level))
        return;
    buf_init(&line, LINE_MAX_BYTES);
    if (json)
        buf_add(&line, STR("{\"time\":\""));
    add_time(&line);
    buf_printf(&line, json ? "\",\"level\":\"%s\",\"event\":\"%s\"" : " %s %s", level_names[level],
               event);
    va_start(args, event);
    for (const char *name; (name = va_arg(args, const char *));) {
        buf_printf(&line, json ? ",\"%s\":" : " %s=", name);
        add_value(&line, va_arg(args, const struct log_value *));
    }
    va_end(args);
    buf_add(&line, json ? STR("}\n") : STR("\n"));
    if (write(STDERR_FILENO, line.p, line.n) < 0) {
        /* Nobody is left to tell. */
    }
    buf_done(&line);
}

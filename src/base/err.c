/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int err_client(struct err *err, int status, const char *errcode, const char *format, ...)
{
    va_list args;
    *err = (struct err){.kind = ERR_KIND_CLIENT, .status = status, .errcode = errcode};
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    return -1;
}

int err_member(struct err *err, const char *key, const char *text)
{
    err->extra_key = key;
    snprintf(err->extra_text, sizeof err->extra_text, "%s", text);
    return -1;
}

int err_reason(struct err *err, const char *reason)
{
    return err_member(err, "org.chappe.reason", reason);
}

int err_number(struct err *err, const char *key, int64_t number)
{
    err->number_key = key;
    err->number = number;
    return -1;
}

int err_internal(struct err *err, const char *format, ...)
{
    va_list args;
    *err = (struct err){.kind = ERR_KIND_INTERNAL, .status = 500, .errcode = "M_UNKNOWN"};
    snprintf(err->text, sizeof err->text, "Internal server error");
    va_start(args, format);
    vsnprintf(err->detail, sizeof err->detail, format, args);
    va_end(args);
    return -1;
}

int err_moved(struct err *err, const char *format, ...)
{
    va_list args;
    *err = (struct err){.kind = ERR_KIND_MOVED, .status = 503, .errcode = "M_UNKNOWN"};
    snprintf(err->text, sizeof err->text, "The server is busy, try again");
    va_start(args, format);
    vsnprintf(err->detail, sizeof err->detail, format, args);
    va_end(args);
    return -1;
}

void err_prefix(struct err *err, const char *format, ...)
{
    char words[sizeof err->detail], old[sizeof err->detail];
    va_list args;
    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    memcpy(old, err->detail, sizeof old);
    size_t n = strnlen(words, sizeof words - 3);
    snprintf(err->detail, sizeof err->detail, "%.*s: ", (int)n, words);
    size_t at = strlen(err->detail);
    snprintf(err->detail + at, sizeof err->detail - at, "%.*s", (int)(sizeof err->detail - 1 - at),
             old[0] ? old : err->text);
}

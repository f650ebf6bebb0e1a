/* SPDX-License-Identifier: EUPL-1.2 */
#include "bench/report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"

#define NAME_COLUMNS 44

void report_init(struct report *report)
{
    *report = (struct report){0};
    buf_init(&report->json, MIB(4));
    buf_init(&report->line, KIB(16));
    json_writer_init(&report->writer, &report->json);
    json_write_object(&report->writer);
}

void report_done(struct report *report)
{
    buf_done(&report->json);
    buf_done(&report->line);
}

void report_text(struct report *report, const char *name, const char *value)
{
    json_write_member_str(&report->writer, str_from(name), str_from(value));
    if (report->line.n == 0)
        printf("%s: %s\n", name, value);
}

void report_number(struct report *report, const char *name, double value)
{
    char text[32];
    int n = snprintf(text, sizeof text, "%.6g", value);
    json_write_member_raw(&report->writer, str_from(name), str_make(text, (size_t)n));
    if (report->line.n == 0)
        printf("%s: %s\n", name, text);
    else
        buf_printf(&report->line, "  %s %s", name, text);
}

void report_cases(struct report *report)
{
    json_write_key(&report->writer, STR("cases"));
    json_write_array(&report->writer);
}

void report_case(struct report *report, const char *scenario, const char *name)
{
    json_write_object(&report->writer);
    json_write_member_str(&report->writer, STR("scenario"), str_from(scenario));
    json_write_member_str(&report->writer, STR("case"), str_from(name));
    buf_clear(&report->line);
    buf_printf(&report->line, "%-9s %-*s", scenario, NAME_COLUMNS, name);
}

void report_case_end(struct report *report)
{
    json_write_end(&report->writer);
    printf("%.*s\n", STR_ARG(buf_str(&report->line)));
    fflush(stdout);
    buf_clear(&report->line);
}

int report_save(struct report *report, const char *path, struct err *err)
{
    json_write_end(&report->writer);
    json_write_end(&report->writer);
    buf_add_byte(&report->json, '\n');
    if (!path)
        return 0;
    FILE *file = fopen(path, "we");
    bool good = file && fwrite(report->json.p, 1, report->json.n, file) == report->json.n;
    if (file && fclose(file) != 0)
        good = false;
    return good ? 0 : err_internal(err, "%s: %s", path, strerror(errno));
}

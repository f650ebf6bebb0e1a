/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/scan/clamd.h"

#include <string.h>
#include <time.h>

#include "base/attr.h"

/* ---- VERSION ---- */

static bool is_printable(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < 0x20 || s.p[i] > 0x7e)
            return false;
    return true;
}

/* "1.4.6", "1.5.0-rc" */
static bool is_release(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool good = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                    c == '.' || c == '-' || c == '+' || c == '~';
        if (!good)
            return false;
    }
    return s.n > 0 && s.n <= 40;
}

/* As ctime(3) writes it: "Fri Nov 27 09:00:00 2026". */
static int parse_time(struct str s, int64_t *ret_ms)
{
    char text[32];
    struct tm tm = {0};
    if (s.n != 24)
        return -1;
    memcpy(text, s.p, s.n);
    text[s.n] = 0;
    const char *end = strptime(text, "%a %b %d %H:%M:%S %Y", &tm);
    if (!end || *end)
        return -1;
    time_t seconds = timegm(&tm);
    if (seconds <= 0)
        return -1;
    *ret_ms = (int64_t)seconds * 1000;
    return 0;
}

int clamd_parse_version(struct str line, struct clamd_version *ret_version)
{
    struct str release, rest, number, date;
    int64_t n;
    if (!is_printable(line) || !str_starts(line, STR("ClamAV ")))
        return -1;
    bool official = str_cut(str_skip(line, 7), '/', &release, &rest);
    if (!is_release(release))
        return -1;
    if (!official) {
        ret_version->signature_ms = 0;
        return 0;
    }
    if (!str_cut(rest, '/', &number, &date) || str_parse_uint(number, &n) < 0)
        return -1;
    return parse_time(date, &ret_version->signature_ms);
}

/* ---- INSTREAM ---- */

/* What AlertEncrypted and AlertExceedsMax make of a file that was not wholly looked into. */
static const struct {
    struct str start;
    enum scan_cause cause;
} not_scannable[] = {
    {STR_INIT("Heuristics.Encrypted."), SCAN_CAUSE_PASSWORD},
    {STR_INIT("Heuristics.Limits.Exceeded.MaxFileSize"), SCAN_CAUSE_SIZE},
    {STR_INIT("Heuristics.Limits.Exceeded.MaxScanSize"), SCAN_CAUSE_SIZE},
    {STR_INIT("Heuristics.Limits.Exceeded.MaxScanTime"), SCAN_CAUSE_TIME},
    {STR_INIT("Heuristics.Limits.Exceeded"), SCAN_CAUSE_DEPTH}, /* MaxRecursion, MaxFiles… */
};

static void judge(struct str name, struct clamd_answer *ret_answer)
{
    ret_answer->state = SCAN_INFECTED;
    ret_answer->cause = SCAN_CAUSE_NONE;
    for (size_t i = 0; i < ARRAY_LEN(not_scannable); i++)
        if (str_starts(name, not_scannable[i].start)) {
            ret_answer->state = SCAN_NOT_SCANNABLE;
            ret_answer->cause = not_scannable[i].cause;
            break;
        }
    memcpy(ret_answer->name, name.p, name.n);
    ret_answer->name[name.n] = 0;
}

static int refuse(struct str line, struct err *err)
{
    return err_internal(err, "clamd: no verdict: %.*s", STR_ARG(str_first(line, 200)));
}

int clamd_parse_answer(struct str line, struct clamd_answer *ret_answer, struct err *err)
{
    static const struct str found = STR_INIT(" FOUND");
    if (!is_printable(line))
        return err_internal(err, "clamd: an answer that is no text");
    if (str_eq(line, STR("INSTREAM size limit exceeded. ERROR"))) {
        *ret_answer = (struct clamd_answer){.state = SCAN_NOT_SCANNABLE, .cause = SCAN_CAUSE_SIZE};
        return 0;
    }
    if (!str_starts(line, STR("stream: ")))
        return refuse(line, err);
    struct str rest = str_skip(line, 8);
    if (str_eq(rest, STR("OK"))) {
        *ret_answer = (struct clamd_answer){.state = SCAN_CLEAN};
        return 0;
    }
    struct str name = str_first(rest, rest.n < found.n ? 0 : rest.n - found.n);
    if (!str_ends(rest, found) || name.n == 0 || name.n >= CLAMD_NAME_BYTES ||
        str_find(name, ' ') >= 0)
        return refuse(line, err);
    judge(name, ret_answer);
    return 0;
}

/* SPDX-License-Identifier: EUPL-1.2 */

/* chappe check: every invariant of the store, and every file by its hash; one line a fault. */

#include "service/admin/answer.h"
#include "service/admin/private.h"
#include "service/media/media.h"

/* More faults than that say nothing more. */
#define LINES_MAX 1000

struct checking {
    struct admin_answer answer;
    int64_t lines;
};

static void report(void *arg, const char *line)
{
    struct checking *checking = arg;
    if (++checking->lines <= LINES_MAX)
        answer_line(&checking->answer, "%s", line);
}

int admin_check(struct use *use, const struct json *json, struct buf *out)
{
    struct checking checking = {0};
    int64_t damaged = 0;
    (void)json;
    answer_begin(&checking.answer, out);
    int sound = store_check(use->server->store, report, &checking, &use->err);
    if (sound < 0 || media_check(use, report, &checking, &damaged) < 0)
        return -1;
    if (checking.lines > LINES_MAX)
        answer_line(&checking.answer, "%lld more", (long long)(checking.lines - LINES_MAX));
    answer_end_lines(&checking.answer);
    json_write_member_bool(&checking.answer.w, STR("sound"), sound == 1 && damaged == 0);
    answer_end(&checking.answer);
    return 0;
}

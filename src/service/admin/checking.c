/* SPDX-License-Identifier: EUPL-1.2 */

/* chappe check: every invariant of the store, one line a fault. */

#include "service/admin/answer.h"
#include "service/admin/private.h"

/* More faults than that say nothing more. */
#define LINES_MAX 1000

struct checking {
    struct admin_answer answer;
    int64_t faults;
};

static void report(void *arg, const char *line)
{
    struct checking *checking = arg;
    if (++checking->faults <= LINES_MAX)
        answer_line(&checking->answer, "%s", line);
}

int admin_check(struct use *use, const struct json *json, struct buf *out)
{
    struct checking checking = {0};
    (void)json;
    answer_begin(&checking.answer, out);
    int sound = store_check(use->server->store, report, &checking, &use->err);
    if (sound < 0)
        return -1;
    if (checking.faults > LINES_MAX)
        answer_line(&checking.answer, "%lld more", (long long)(checking.faults - LINES_MAX));
    answer_end_lines(&checking.answer);
    json_write_member_bool(&checking.answer.w, STR("sound"), sound == 1);
    answer_end(&checking.answer);
    return 0;
}

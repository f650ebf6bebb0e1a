/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ADMIN_ANSWER_H
#define CHAPPE_SERVICE_ADMIN_ANSWER_H

/* The answer of a command: {"lines": ["…", …], further members}. The order is begin, lines, end of
 * the lines, members through `w`, end. Lines that are cut or not UTF-8 are marked, not dropped. */

#include "base/arena.h"
#include "json/write.h"

struct admin_answer {
    struct json_writer w;
};

void answer_begin(struct admin_answer *answer, struct buf *out);
void answer_line(struct admin_answer *answer, const char *format, ...) PRINTF(2, 3);
void answer_end_lines(struct admin_answer *answer);
void answer_end(struct admin_answer *answer);

/* "2026-11-24T03:40:59Z"; 0 gives "-". */
struct str answer_time(struct arena *arena, int64_t ms);

#endif

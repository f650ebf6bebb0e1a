/* SPDX-License-Identifier: EUPL-1.2 */

/* chappe audit …: reading the audit table. */

#include "crypto/base64.h"
#include "service/admin/answer.h"
#include "service/admin/private.h"
#include "store/audit.h"

#define LIST_MAX 1000

/* A row a line: number, time, who, what, to whom, detail. */
int admin_audit_list(struct use *use, const struct json *json, struct buf *out)
{
    struct audit_row *rows;
    struct admin_answer answer;
    int64_t after = 0;
    size_t n;
    json_as_int(json_find(json, STR("after")), &after);
    if (audit_list(&use->read, after, LIST_MAX, use->arena, &rows, &n, &use->err) < 0)
        return -1;
    answer_begin(&answer, out);
    for (size_t i = 0; i < n; i++) {
        const struct audit_entry *entry = &rows[i].entry;
        answer_line(&answer, "%lld\t%.*s\t%.*s\t%.*s\t%.*s\t%.*s", (long long)rows[i].seq,
                    STR_ARG(answer_time(use->arena, rows[i].ts)), STR_ARG(entry->actor),
                    STR_ARG(entry->action), STR_ARG(entry->target), STR_ARG(entry->detail));
    }
    answer_end_lines(&answer);
    if (n == LIST_MAX)
        json_write_member_int(&answer.w, STR("next"), rows[n - 1].seq);
    answer_end(&answer);
    return 0;
}

static struct str hash_text(struct arena *arena, const unsigned char hash[SHA256_BYTES])
{
    struct buf text;
    buf_init(&text, 64);
    base64_encode(&text, str_make(hash, SHA256_BYTES), BASE64_STANDARD);
    struct str copy = arena_str(arena, buf_str(&text));
    buf_done(&text);
    return copy;
}

int admin_audit_verify(struct use *use, const struct json *json, struct buf *out)
{
    struct admin_answer answer;
    struct audit_row last = {0};
    int64_t broken;
    (void)json;
    if (audit_verify(&use->read, &broken, &use->err) < 0 ||
        audit_last(&use->read, use->arena, &last, &use->err) < 0)
        return -1;
    answer_begin(&answer, out);
    if (broken)
        answer_line(&answer, "row %lld does not follow from those before it", (long long)broken);
    else
        answer_line(&answer, "sound\t%lld\t%.*s", (long long)last.seq,
                    STR_ARG(hash_text(use->arena, last.hash)));
    answer_end_lines(&answer);
    json_write_member_bool(&answer.w, STR("sound"), broken == 0);
    answer_end(&answer);
    return 0;
}

/* SPDX-License-Identifier: EUPL-1.2 */
#include "fuzz/harness.h"

#include "base/check.h"
#include "net/chunked.h"
#include "net/h1_head.h"

/* The head is found at the same place, or refused with the same status, whether the bytes come at
 * once or one by one. */
static int scan_check(struct str in, size_t *ret_n)
{
    size_t seen = 0, slow_seen = 0, slow_n = 0;
    int status = 0, slow_status = 0, slow = 0;
    int at_once = h1_head_scan(in, &seen, ret_n, &status);
    for (size_t n = 1; n <= in.n && slow == 0; n++)
        slow = h1_head_scan(str_first(in, n), &slow_seen, &slow_n, &slow_status);
    CHECK(at_once == slow);
    CHECK(at_once != 1 || (*ret_n == slow_n && slow_n <= LIMIT_HTTP_HEADERS));
    return at_once;
}

/* What was read lies in the head and frames a body in one way. */
static void head_check(struct str bytes, const struct h1_head *head)
{
    CHECK(!(head->chunked && head->content_length >= 0));
    CHECK(head->content_length >= -1);
    CHECK(head->target.p >= bytes.p && head->target.p + head->target.n <= bytes.p + bytes.n);
    for (size_t i = 0; i < head->n_fields; i++) {
        struct str name = head_name(bytes, &head->fields[i]);
        struct str value = head_value(bytes, &head->fields[i]);
        CHECK(name.n > 0 && name.p + name.n <= bytes.p + bytes.n);
        CHECK(value.p + value.n <= bytes.p + bytes.n);
        CHECK(str_find(value, '\r') < 0 && str_find(value, '\n') < 0 && str_find(value, '\0') < 0);
    }
}

/* How a chunked body ends: the result, the bytes of body, and what is left of the input. */
struct ending {
    int result;
    uint64_t data;
    size_t left;
};

static struct ending chunked_run(struct str in, size_t step)
{
    struct chunked chunked;
    struct ending ending = {0};
    struct str piece;
    chunked_init(&chunked);
    while (in.n && ending.result == 0) {
        struct str some = str_first(in, step), rest = some;
        while ((ending.result = chunked_next(&chunked, &rest, &piece)) == 1)
            ending.data += piece.n;
        in = str_skip(in, some.n - rest.n);
    }
    ending.left = in.n;
    return ending;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str in = str_make(data, size);
    struct h1_head head;
    size_t n = 0;
    int status;
    struct str body = in;
    if (scan_check(in, &n) == 1) {
        if (h1_head_parse(str_first(in, n), &head, &status) == 0)
            head_check(in, &head);
        body = str_skip(in, n);
    }
    struct ending at_once = chunked_run(body, SIZE_MAX), slow = chunked_run(body, 1);
    CHECK(at_once.result == slow.result);
    CHECK(at_once.result < 0 || (at_once.data == slow.data && at_once.left == slow.left));
    return 0;
}

/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/media_scan.h"

#include <string.h>

#include "store/media_verdict.h"
#include "store/store_unit.h"

#define A STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
#define B STR("bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb")
#define K STR("kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk")

struct act {
    struct str content;
    struct media_scan scan;
    struct media_verdict verdict;
    int64_t due_ms, tries;
    int result;
};

static int write_insert(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return media_scan_insert(w, act->content, err);
}

static int write_claim(struct write *w, void *arg, struct err *err)
{
    struct act *act = arg;
    act->result = media_scan_claim(w, &act->scan, act->due_ms, err);
    return act->result < 0 ? -1 : 0;
}

static int write_postpone(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return media_scan_postpone(w, act->content, act->due_ms, act->tries, err);
}

static int write_judged(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return media_scan_judged(w, act->content, err);
}

static int write_delete(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return media_scan_delete(w, act->content, err);
}

static int write_verdict(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return media_verdict_save(w, &act->verdict, err);
}

static int write_forget(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return media_verdict_forget(w, act->content, MEDIA_NO_KEY, err);
}

static size_t due(struct store_unit *unit, bool judged, int64_t now_ms,
                  struct media_scan **ret_scans)
{
    struct err err = ERR_INIT;
    struct read read;
    size_t n = 0;
    read_begin(unit->store, &read);
    if (media_scan_list_due(&read, judged, now_ms, 10, unit->arena, ret_scans, &n, &err) < 0)
        fail_msg("%s", err.detail);
    read_end(&read);
    return n;
}

static bool is_same(struct store_unit *unit, const struct media_scan *scan)
{
    struct err err = ERR_INIT;
    struct read read;
    read_begin(unit->store, &read);
    int same = media_scan_is_same(&read, scan, &err);
    read_end(&read);
    assert_true(same >= 0);
    return same == 1;
}

static int64_t waiting(struct store_unit *unit, bool judged, int64_t *ret_due_ms)
{
    struct err err = ERR_INIT;
    struct read read;
    int64_t n, since_ms;
    read_begin(unit->store, &read);
    assert_int_equal(media_scan_count(&read, &n, &since_ms, &err), 0);
    assert_int_equal(media_scan_next_due(&read, judged, ret_due_ms, &err), 0);
    read_end(&read);
    assert_int_equal(n > 0, since_ms > 0);
    return n;
}

/* One row a content, however often it is sent. */
static void test_a_content_waits_once(void **state)
{
    struct store_unit *unit = *state;
    struct act act = {.content = A};
    struct media_scan *scans;
    int64_t due_ms;
    assert_int_equal(waiting(unit, false, &due_ms), 0);
    assert_true(due_ms == INT64_MAX);
    unit_run(unit->store, write_insert, &act);
    unit_run(unit->store, write_insert, &act);
    assert_int_equal(waiting(unit, false, &due_ms), 1);
    assert_int_equal(due(unit, false, INT64_MAX, &scans), 1);
    assert_str(scans[0].content, A);
    assert_int_equal(scans[0].due_ms, due_ms);
    assert_int_equal(due(unit, false, due_ms - 1, &scans), 0);
    unit_run(unit->store, write_delete, &act);
    assert_int_equal(waiting(unit, false, &due_ms), 0);
}

/* Two nodes that saw the same row: the second is refused, until the claim has ended. */
static void test_a_claim(void **state)
{
    struct store_unit *unit = *state;
    struct act act = {.content = A, .due_ms = INT64_C(9000000000000)};
    struct media_scan *scans, *later;
    unit_run(unit->store, write_insert, &act);
    assert_int_equal(due(unit, false, INT64_C(8000000000000), &scans), 1);
    act.scan = scans[0];
    assert_true(is_same(unit, &scans[0]));
    unit_run(unit->store, write_claim, &act);
    assert_int_equal(act.result, 1);
    assert_false(is_same(unit, &scans[0]));
    unit_run(unit->store, write_claim, &act);
    assert_int_equal(act.result, 0);
    assert_int_equal(due(unit, false, INT64_C(8000000000000), &later), 0);
    assert_int_equal(due(unit, false, INT64_C(9000000000000), &later), 1);
}

static void test_judged_and_postponed(void **state)
{
    struct store_unit *unit = *state;
    struct act act = {.content = B, .due_ms = 77, .tries = 3};
    struct media_scan *scans;
    unit_run(unit->store, write_insert, &act);
    unit_run(unit->store, write_judged, &act);
    unit_run(unit->store, write_postpone, &act);
    assert_int_equal(due(unit, false, INT64_MAX, &scans), 0);
    assert_int_equal(due(unit, true, 76, &scans), 0);
    assert_int_equal(due(unit, true, 77, &scans), 1);
    assert_int_equal(scans[0].tries, 3);
}

static int find(struct store_unit *unit, struct str key, struct media_verdict *ret_verdict)
{
    struct err err = ERR_INIT;
    struct read read;
    read_begin(unit->store, &read);
    int found = media_verdict_find(&read, A, key, ret_verdict, &err);
    read_end(&read);
    return found;
}

/* A verdict is of bytes and key. */
static void test_verdicts(void **state)
{
    struct store_unit *unit = *state;
    struct act act = {.verdict = {.content = A,
                                  .key = MEDIA_NO_KEY,
                                  .state = SCAN_INFECTED,
                                  .signature_ms = 5,
                                  .scanned_ms = 6}};
    struct media_verdict verdict;
    unit_run(unit->store, write_verdict, &act);
    assert_int_equal(find(unit, K, &verdict), 0);
    assert_int_equal(find(unit, MEDIA_NO_KEY, &verdict), 1);
    assert_int_equal(verdict.state, SCAN_INFECTED);
    act.verdict.state = SCAN_NOT_SCANNABLE;
    act.verdict.cause = SCAN_CAUSE_DEPTH;
    act.verdict.signature_ms = 7;
    unit_run(unit->store, write_verdict, &act);
    assert_int_equal(find(unit, MEDIA_NO_KEY, &verdict), 1);
    assert_int_equal(verdict.state, SCAN_NOT_SCANNABLE);
    assert_int_equal(verdict.cause, SCAN_CAUSE_DEPTH);
    assert_int_equal(verdict.signature_ms, 7);
}

static size_t older(struct store_unit *unit, int64_t signature_ms, struct str **ret_contents)
{
    struct err err = ERR_INIT;
    struct read read;
    size_t n = 0;
    read_begin(unit->store, &read);
    assert_int_equal(
        media_verdict_list_older(&read, signature_ms, 0, 10, unit->arena, ret_contents, &n, &err),
        0);
    read_end(&read);
    return n;
}

/* Those with a key cannot be scanned again: the key is not kept. */
static void test_older_verdicts(void **state)
{
    struct store_unit *unit = *state;
    struct act act = {.content = B,
                      .verdict = {.content = A, .key = K, .state = SCAN_CLEAN, .signature_ms = 1}};
    struct str *contents;
    unit_run(unit->store, write_verdict, &act);
    act.verdict.key = MEDIA_NO_KEY;
    act.verdict.signature_ms = 3;
    unit_run(unit->store, write_verdict, &act);
    act.verdict.content = B;
    act.verdict.signature_ms = 2;
    unit_run(unit->store, write_verdict, &act);
    assert_int_equal(older(unit, 2, &contents), 0);
    assert_int_equal(older(unit, 4, &contents), 2);
    assert_str(contents[0], B);
    assert_str(contents[1], A);
    unit_run(unit->store, write_forget, &act);
    assert_int_equal(older(unit, 4, &contents), 1);
}

static const struct CMUnitTest tests[] = {
    store_unit_test(test_a_content_waits_once), store_unit_test(test_a_claim),
    store_unit_test(test_judged_and_postponed), store_unit_test(test_verdicts),
    store_unit_test(test_older_verdicts),
};

STORE_UNIT_MAIN(tests)

/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/rooms/opened.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/unit.h"
#include "matrix/test_room.h"

/* In memory as the store would have it; the caller unrefs it. */
static struct event *stored(const struct pdu *pdu, int64_t id)
{
    struct event fields = {.id = id};
    memcpy(fields.hash, pdu->hash, sizeof fields.hash);
    return event_new(&fields, pdu->json);
}

static struct opened *take(struct opened_table *table, const struct test_room *room,
                           struct event *event)
{
    struct opened *opened = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(opened_take(table, room->version, event, &opened, &err), 0);
    return opened;
}

static void test_an_event_is_opened_once_until_it_is_rewritten(void **unused)
{
    CLEANUP(event_cleanup) struct event *event = NULL, *again = NULL;
    struct opened_table *table = opened_table_new();
    struct test_room room;
    (void)unused;
    test_room_init(&room, "12", "");
    const struct pdu *levels = test_room_state(&room, "m.room.power_levels", "");
    event = stored(levels, 7);
    again = stored(levels, 7); /* read anew, as after a redaction */
    struct opened *first = take(table, &room, event), *second = take(table, &room, event);
    assert_ptr_equal(first, second);
    assert_true(str_eq(opened_pdu(first)->event_id, levels->event_id));
    struct opened *other = take(table, &room, again);
    assert_ptr_not_equal(other, first);
    opened_unref(first);
    /* What has lost its slot lives as long as it is held. */
    assert_true(str_eq(opened_pdu(second)->type, STR("m.room.power_levels")));
    opened_unref(second);
    opened_unref(other);
    opened_table_free(table);
    test_room_done(&room);
}

static void test_a_large_one_is_not_kept_and_a_damaged_one_refused(void **unused)
{
    static char line[2 * LIMIT_EVENT_OPENED];
    CLEANUP(event_cleanup) struct event *large = NULL, *damaged = NULL;
    struct opened_table *table = opened_table_new();
    struct opened *none = NULL;
    struct err err = ERR_INIT;
    struct test_room room;
    (void)unused;
    test_room_init(&room, "12", "");
    snprintf(line, sizeof line, "@admin:a|m.room.topic||{'topic':'%0*d'}", (int)LIMIT_EVENT_OPENED,
             0);
    large = stored(test_room_event(&room, line, 0), 8);
    struct opened *first = take(table, &room, large), *second = take(table, &room, large);
    assert_ptr_not_equal(first, second);
    opened_unref(first);
    opened_unref(second);
    damaged = event_new(&(struct event){.id = 9}, STR("{\"content\":{},\"sender\":7,\"type\":7}"));
    assert_int_equal(opened_take(table, room.version, damaged, &none, &err), -1);
    assert_int_equal(err.kind, ERR_KIND_INTERNAL);
    opened_table_free(table);
    test_room_done(&room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_event_is_opened_once_until_it_is_rewritten),
        cmocka_unit_test(test_a_large_one_is_not_kept_and_a_damaged_one_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

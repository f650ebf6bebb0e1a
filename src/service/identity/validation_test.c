/* SPDX-License-Identifier: EUPL-1.2 */

/* Proofs of an address and the clock: what was stored for ten minutes, and what was stored while
 * the clock was ahead. */

#include "service/identity/validation.h"

#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "service/service_unit.h"

#define DAY_MS  INT64_C(86400000)
#define LIFE_MS (10 * 60 * INT64_C(1000))
#define SID     "the-sid"
#define SECRET  "the-secret"
#define TOKEN   "the-token"

struct row {
    struct validation validation;
    int64_t validated_ms; /* 0: not proved */
};

static int write_row(struct write *w, void *arg, struct err *err)
{
    const struct row *row = arg;
    if (validation_put(w, &row->validation, err) < 0)
        return -1;
    return row->validated_ms
               ? validation_set_validated(w, row->validation.sid, row->validated_ms, err)
               : 0;
}

/* A session that was made so long ago, and proved so long ago (0: never). */
static void store_row(struct service_unit *unit, int64_t sent_ago_ms, int64_t validated_ago_ms)
{
    struct row row = {.validation = {.sid = STR(SID), .purpose = VALIDATION_SIGN_UP, .attempt = 1}};
    struct caller nobody = {0};
    struct use use;
    unit_use_begin(unit, &nobody, &use);
    assert_int_equal(
        email_parse(use.arena, STR("a@interieur.example"), &row.validation.email, &use.err), 0);
    row.validation.sent_ms = clock_wall_ms() - sent_ago_ms;
    row.validation.expires_ms = row.validation.sent_ms + LIFE_MS;
    row.validated_ms = validated_ago_ms ? clock_wall_ms() - validated_ago_ms : 0;
    sha256(STR(SECRET), row.validation.secret);
    sha256(STR(SID " " TOKEN), row.validation.link);
    assert_int_equal(store_run(unit->server->store, write_row, &row, &use.err), 0);
    unit_use_end(&use);
}

static enum validation_answer look(struct service_unit *unit)
{
    enum validation_answer answer = VALIDATION_UNKNOWN;
    enum validation_purpose purpose;
    struct caller nobody = {0};
    struct use use;
    unit_use_begin(unit, &nobody, &use);
    assert_int_equal(validation_look(&use, STR(SID), STR(TOKEN), &answer, &purpose), 0);
    unit_use_end(&use);
    return answer;
}

static int proves(struct service_unit *unit)
{
    struct caller nobody = {0};
    struct email email;
    struct use use;
    bool known;
    unit_use_begin(unit, &nobody, &use);
    int good = validation_check(&use, VALIDATION_SIGN_UP, STR(SID), STR(SECRET), &email, &known);
    unit_use_end(&use);
    return good;
}

/* ACC-06. */
static void a_link_holds_for_ten_minutes(void **state)
{
    struct service_unit *unit = *state;
    store_row(unit, LIFE_MS / 2, 0);
    assert_int_equal(look(unit), VALIDATION_GOOD);
    store_row(unit, LIFE_MS + 1000, 0);
    assert_int_equal(look(unit), VALIDATION_VOID);
    store_row(unit, -DAY_MS, 0);
    assert_int_equal(look(unit), VALIDATION_VOID);
    store_row(unit, -LIMIT_CLOCK_MS / 2, 0);
    assert_int_equal(look(unit), VALIDATION_GOOD);
}

static void a_proof_holds_as_long_as_a_session(void **state)
{
    struct service_unit *unit = *state;
    store_row(unit, 1000, 0);
    assert_int_equal(proves(unit), 0);
    store_row(unit, 1000, 1000);
    assert_int_equal(proves(unit), 1);
    store_row(unit, 1000, LIMIT_UIA_MS + 1000);
    assert_int_equal(proves(unit), 0);
    store_row(unit, 1000, -DAY_MS);
    assert_int_equal(proves(unit), 0);
    store_row(unit, 1000, -LIMIT_CLOCK_MS / 2);
    assert_int_equal(proves(unit), 1);
}

static int ask_again(struct service_unit *unit)
{
    const struct validation_request request = {.purpose = VALIDATION_SIGN_UP,
                                               .address = STR("a@interieur.example"),
                                               .client_secret = STR(SECRET),
                                               .send_attempt = 2,
                                               .base_url = STR("http://x")};
    struct caller nobody = {0};
    struct use use;
    struct str sid;
    unit_use_begin(unit, &nobody, &use);
    int status = validation_request(&use, &request, &sid);
    if (status < 0)
        assert_string_equal(use.err.errcode, "M_LIMIT_EXCEEDED");
    unit_use_end(&use);
    return status;
}

/* Else whoever asked while the clock was ahead waits until that day has come. */
static void another_mail_waits_for_half_a_minute_and_not_for_a_clock(void **state)
{
    struct service_unit *unit = *state;
    unit->config.rate_limits = true;
    store_row(unit, 1000, 0);
    assert_int_equal(ask_again(unit), -1);
    store_row(unit, -LIMIT_CLOCK_MS / 2, 0);
    assert_int_equal(ask_again(unit), -1);
    store_row(unit, -DAY_MS, 0);
    assert_int_equal(ask_again(unit), 0);
}

static const struct CMUnitTest tests[] = {
    service_unit_test(a_link_holds_for_ten_minutes),
    service_unit_test(a_proof_holds_as_long_as_a_session),
    service_unit_test(another_mail_waits_for_half_a_minute_and_not_for_a_clock),
};

SERVICE_UNIT_MAIN(tests)

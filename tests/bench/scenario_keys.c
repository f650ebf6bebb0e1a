/* SPDX-License-Identifier: EUPL-1.2 */
#include "bench/batch.h"
#include "bench/device_key.h"
#include "bench/measure.h"

/* (h) What a new device does: it signs in with a password, uploads its keys, and others claim one
 * of its one-time keys each. */

#define ONE_TIME_KEYS 50
#define ACCOUNTS      20

struct keys {
    struct bench *bench;
    struct measure measure;
    size_t first;            /* of ACCOUNTS that were signed up for this */
    struct account *devices; /* that signed in, users in turn */
    size_t n_devices;
};

static bool count(struct keys *keys, const struct answer *answer)
{
    measure_add(&keys->measure, answer->due_us, answer->done_us, answer->status == 200);
    return true;
}

static int run_batch(struct keys *keys, const char *name, const char *unit,
                     const struct batch *batch, struct err *err)
{
    struct bench *bench = keys->bench;
    keys->measure = (struct measure){0};
    measure_begin(bench, &keys->measure);
    if (batch_run(bench, batch, err) < 0)
        return -1;
    measure_end(bench, &keys->measure);
    report_case(&bench->report, "keys", name);
    measure_report(bench, &keys->measure, unit);
    report_case_end(&bench->report);
    return 0;
}

static void write_login(void *owner, size_t i, struct draft *draft)
{
    const struct keys *keys = owner;
    const struct account *account = &keys->bench->accounts.p[keys->first + i % ACCOUNTS];
    buf_add(&draft->path, STR("/_matrix/client/v3/login"));
    account_login_write(account->user_id, ACCOUNT_PASSWORD, &draft->body);
}

static bool read_login(void *owner, size_t i, const struct answer *answer)
{
    struct keys *keys = owner;
    return account_read(keys->bench, answer->body, &keys->devices[i]) == 0 && count(keys, answer);
}

static void write_upload(void *owner, size_t i, struct draft *draft)
{
    const struct keys *keys = owner;
    draft->token = keys->devices[i].token;
    buf_add(&draft->path, STR("/_matrix/client/v3/keys/upload"));
    device_keys_write(keys->bench, &keys->devices[i], ONE_TIME_KEYS, &draft->body);
}

/* Each claim asks for one key of one device, and comes from the device after it. */
static void write_claim(void *owner, size_t i, struct draft *draft)
{
    const struct keys *keys = owner;
    size_t n = keys->n_devices;
    const struct account *from = &keys->devices[(i + 1) % n], *of = &keys->devices[i % n];
    draft->token = from->token;
    buf_add(&draft->path, STR("/_matrix/client/v3/keys/claim"));
    buf_printf(&draft->body, "{\"one_time_keys\":{\"%.*s\":{\"%.*s\":\"signed_curve25519\"}}}",
               STR_ARG(of->user_id), STR_ARG(of->device_id));
}

static bool read_count(void *owner, size_t i, const struct answer *answer)
{
    (void)i;
    return count(owner, answer);
}

static int run(struct bench *bench, struct err *err)
{
    struct keys *keys = MEM_NEW(struct keys);
    size_t n = keys->n_devices = BENCH_BY_SIZE(bench, ACCOUNTS, 200, 2000);
    keys->bench = bench;
    keys->devices = MEM_NEW_N(n, struct account);
    struct batch logins = {n, 10, keys, write_login, read_login};
    struct batch uploads = {n, 10, keys, write_upload, read_count};
    struct batch claims = {n * BENCH_BY_SIZE(bench, 2, 20, 20), 10, keys, write_claim, read_count};
    int outcome = accounts_add(bench, ACCOUNTS, &keys->first, err);
    if (outcome == 0)
        outcome = run_batch(keys, "sign-in with a password", "sign-in", &logins, err);
    if (outcome == 0)
        outcome = run_batch(keys, "upload of keys, 50 one-time", "upload", &uploads, err);
    if (outcome == 0)
        outcome = run_batch(keys, "claim of one key", "claim", &claims, err);
    mem_free(keys->devices);
    mem_free(keys);
    return outcome;
}

const struct scenario scenario_keys = {
    'h', "keys", "signing in, uploading the keys of a device, claiming one", run};

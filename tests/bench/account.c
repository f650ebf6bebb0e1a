/* SPDX-License-Identifier: EUPL-1.2 */
#include "bench/account.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "bench/batch.h"
#include "bench/bench.h"
#include "crypto/hash.h"
#include "json/doc.h"
#include "json/write.h"

/* Hashing a password is what signing up costs: more at a time would only wait. */
#define WIDTH 8

/* ---- the manifest ---- */

static struct str field(struct str *line)
{
    struct str head, tail;
    str_cut(*line, '\t', &head, &tail);
    *line = tail;
    return head;
}

static void read_rooms(struct bench *bench, struct str rooms, struct account *account)
{
    size_t n = rooms.n > 0;
    for (size_t i = 0; i < rooms.n; i++)
        n += rooms.p[i] == ',';
    account->rooms = ARENA_NEW_N(bench->memory, n, struct str);
    for (; account->n_rooms < n; account->n_rooms++)
        str_cut(rooms, ',', &account->rooms[account->n_rooms], &rooms);
}

static int read_line(struct bench *bench, struct str line, struct err *err)
{
    struct accounts *accounts = &bench->accounts;
    struct str first = field(&line), second = field(&line), third = field(&line);
    if (str_eq(first, STR("room"))) {
        if (str_eq(second, STR("largest")))
            accounts->largest = third;
        return 0;
    }
    struct account account = {.user_id = first, .token = second, .device_id = third};
    if (first.n == 0 || first.p[0] != '@' || !second.n || !third.n)
        return err_internal(err, "the manifest has a line that is no device");
    read_rooms(bench, line, &account);
    VEC_ADD(accounts, account);
    return 0;
}

static int map_file(const char *path, struct str *ret_text, struct err *err)
{
    struct stat stat;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &stat) < 0)
        return err_internal(err, "%s: %s", path, strerror(errno));
    void *p = mmap(NULL, (size_t)stat.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (p == MAP_FAILED)
        return err_internal(err, "%s: %s", path, strerror(errno));
    *ret_text = str_make(p, (size_t)stat.st_size);
    return 0;
}

int accounts_load(struct bench *bench, const char *path, struct err *err)
{
    struct str text, line;
    if (map_file(path, &text, err) < 0)
        return -1;
    str_cut(text, '\n', &line, &text);
    if (!str_starts(line, STR("chappe-bench\t1\t")))
        return err_internal(err, "%s is no manifest of this version", path);
    while (str_cut(text, '\n', &line, &text))
        if (read_line(bench, line, err) < 0)
            return -1;
    bench->accounts.n_preloaded = bench->accounts.n;
    return 0;
}

const char *account_password(const struct accounts *accounts, size_t account)
{
    return account < accounts->n_preloaded ? accounts->password : ACCOUNT_PASSWORD;
}

void account_login_write(struct str user_id, const char *password, struct buf *body)
{
    struct json_writer w;
    json_writer_init(&w, body);
    json_write_object(&w);
    json_write_member_str(&w, STR("type"), STR("m.login.password"));
    json_write_key(&w, STR("identifier"));
    json_write_object(&w);
    json_write_member_str(&w, STR("type"), STR("m.id.user"));
    json_write_member_str(&w, STR("user"), user_id);
    json_write_end(&w);
    json_write_member_str(&w, STR("password"), str_from(password));
    json_write_end(&w);
}

void accounts_done(struct accounts *accounts)
{
    VEC_DONE(accounts);
}

/* ---- signing up ---- */

struct sign_up {
    struct bench *bench;
    size_t first;
    int64_t run_ms; /* names of another run are taken */
    struct str nonce;
};

static void name_of(const struct sign_up *sign_up, size_t i, char name[32])
{
    snprintf(name, 32, "b%" PRIx64 "-%zu", (uint64_t)sign_up->run_ms, sign_up->first + i);
}

static void write_open(void *owner, size_t i, struct draft *draft)
{
    char name[32];
    name_of(owner, i, name);
    buf_add(&draft->path, STR("/_matrix/client/v3/register"));
    buf_printf(&draft->body,
               "{\"auth\":{\"type\":\"m.login.dummy\"},\"username\":\"%s\",\"password\":\"%s\"}",
               name, ACCOUNT_PASSWORD);
}

static void write_secret(void *owner, size_t i, struct draft *draft)
{
    const struct sign_up *sign_up = owner;
    char name[32], text[512], hex[41];
    unsigned char mac[20];
    name_of(sign_up, i, name);
    /* nonce NUL user NUL password NUL "notadmin" */
    int n = snprintf(text, sizeof text, "%.*s%c%s%c%s%cnotadmin", STR_ARG(sign_up->nonce), 0, name,
                     0, ACCOUNT_PASSWORD, 0);
    hmac_sha1(str_from(sign_up->bench->accounts.secret), str_make(text, (size_t)n), mac);
    for (size_t k = 0; k < sizeof mac; k++)
        snprintf(hex + 2 * k, 3, "%02x", mac[k]);
    buf_add(&draft->path, STR("/_synapse/admin/v1/register"));
    buf_printf(&draft->body,
               "{\"nonce\":\"%.*s\",\"username\":\"%s\",\"password\":\"%s\",\"admin\":false,"
               "\"mac\":\"%s\"}",
               STR_ARG(sign_up->nonce), name, ACCOUNT_PASSWORD, hex);
}

int account_read(struct bench *bench, struct str answer, struct account *ret_account)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(KIB(64));
    struct err err = ERR_INIT;
    const struct json *doc;
    if (json_parse(arena, answer, &doc, &err) < 0)
        return -1;
    *ret_account = (struct account){
        .user_id = arena_str(bench->memory, json_find_str(doc, STR("user_id"))),
        .token = arena_str(bench->memory, json_find_str(doc, STR("access_token"))),
        .device_id = arena_str(bench->memory, json_find_str(doc, STR("device_id"))),
    };
    return ret_account->token.n ? 0 : -1;
}

static bool read_account(void *owner, size_t i, const struct answer *answer)
{
    const struct sign_up *sign_up = owner;
    struct account account;
    (void)i;
    if (account_read(sign_up->bench, answer->body, &account) < 0)
        return false;
    VEC_ADD(&sign_up->bench->accounts, account);
    return true;
}

/* A nonce serves once, so these go one after the other. */
static int sign_up_by_secret(struct sign_up *sign_up, size_t n, struct err *err)
{
    struct bench *bench = sign_up->bench;
    struct str path = STR("/_synapse/admin/v1/register"), body;
    for (size_t i = 0; i < n; i++, sign_up->first++) {
        CLEANUP(arena_cleanup) struct arena *arena = arena_new(KIB(64));
        const struct json *doc;
        if (batch_one(bench, "GET", path, STR_NONE, STR_NONE, &body, err) < 0 ||
            json_parse(arena, body, &doc, err) < 0)
            return -1;
        sign_up->nonce = json_find_str(doc, STR("nonce"));
        struct batch batch = {
            .n = 1, .owner = sign_up, .write = write_secret, .read = read_account};
        if (batch_run(bench, &batch, err) < 0)
            return -1;
    }
    return 0;
}

int accounts_add(struct bench *bench, size_t n, size_t *ret_first, struct err *err)
{
    struct accounts *accounts = &bench->accounts;
    struct sign_up sign_up = {bench, accounts->n_signed_up, clock_wall_ms(), STR_NONE};
    *ret_first = accounts->n;
    accounts->n_signed_up += n;
    if (accounts->secret)
        return sign_up_by_secret(&sign_up, n, err);
    struct batch batch = {n, WIDTH, &sign_up, write_open, read_account};
    return batch_run(bench, &batch, err);
}

int accounts_want(struct bench *bench, size_t n, struct err *err)
{
    size_t first, have = bench->accounts.n;
    return have >= n ? 0 : accounts_add(bench, n - have, &first, err);
}

/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/limits.h"
#include "service/keys/backup.h"

struct version_change {
    int64_t user;
    struct backup_version version;
};

static int unknown(struct use *use)
{
    return err_client(&use->err, 404, "M_NOT_FOUND", "There is no such backup");
}

/* Versions are opaque to clients: what is no number of ours names nothing. */
static int parse(struct use *use, struct str text, int64_t *ret_version)
{
    int64_t version = 0;
    if (text.n && (str_parse_uint(text, &version) < 0 || version == 0))
        return unknown(use);
    *ret_version = version;
    return 0;
}

int backup_version_get(struct use *use, struct str version, struct backup_version *ret_version)
{
    int64_t number;
    if (parse(use, version, &number) < 0)
        return -1;
    int found = backup_version_load(&use->read, use->caller.user, number, use->arena, ret_version,
                                    &use->err);
    if (found == 0)
        return unknown(use);
    return found < 0 ? -1 : 0;
}

static int check_auth_data(struct use *use, const struct json *auth_data)
{
    if (auth_data->raw.n > LIMIT_DEVICE_KEY_BYTES)
        return err_client(&use->err, 413, "M_TOO_LARGE", "auth_data is too large");
    return 0;
}

/* ---- creating ---- */

static int write_new(struct write *w, void *arg, struct err *err)
{
    const struct version_change *change = arg;
    return backup_version_insert(w, change->user, &change->version, err);
}

int backup_version_create(struct use *use, struct str algorithm, const struct json *auth_data,
                          int64_t *ret_version)
{
    struct version_change *change = ARENA_NEW(use->arena, struct version_change);
    int64_t next;
    if (check_auth_data(use, auth_data) < 0 ||
        backup_version_next(&use->read, use->caller.user, &next, &use->err) < 0)
        return -1;
    change->user = use->caller.user;
    change->version = (struct backup_version){
        .version = next,
        .algorithm = algorithm,
        .auth_data = auth_data->raw,
    };
    *ret_version = next;
    return use_commit(use, write_new, NULL, change);
}

/* ---- changing ---- */

static int write_auth(struct write *w, void *arg, struct err *err)
{
    const struct version_change *change = arg;
    return backup_version_set_auth(w, change->user, change->version.version,
                                   change->version.auth_data, err);
}

int backup_version_change(struct use *use, struct str version, struct str algorithm,
                          const struct json *auth_data, struct str named)
{
    struct version_change *change = ARENA_NEW(use->arena, struct version_change);
    if (check_auth_data(use, auth_data) < 0 ||
        backup_version_get(use, version, &change->version) < 0)
        return -1;
    if (!str_eq(change->version.algorithm, algorithm))
        return err_client(&use->err, 400, "M_INVALID_PARAM", "The algorithm does not match");
    if (named.p && !str_eq(named, version))
        return err_client(&use->err, 400, "M_INVALID_PARAM", "The version does not match");
    change->user = use->caller.user;
    change->version.auth_data = auth_data->raw;
    return use_commit(use, write_auth, NULL, change);
}

/* ---- removing ---- */

static int write_removal(struct write *w, void *arg, struct err *err)
{
    const struct version_change *change = arg;
    return backup_version_delete(w, change->user, change->version.version, err);
}

int backup_version_remove(struct use *use, struct str version)
{
    struct version_change *change = ARENA_NEW(use->arena, struct version_change);
    int64_t number, last;
    if (parse(use, version, &number) < 0 ||
        backup_version_last(&use->read, use->caller.user, &last, &use->err) < 0)
        return -1;
    if (number == 0 || number > last)
        return unknown(use);
    change->user = use->caller.user;
    change->version.version = number;
    return use_commit(use, write_removal, NULL, change);
}

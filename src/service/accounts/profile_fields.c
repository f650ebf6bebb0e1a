/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/accounts/profile_fields.h"

#include "base/limits.h"
#include "store/account.h"

int profile_fields_load(struct use *use, int64_t user, struct profile_field_row **ret_rows,
                        size_t *ret_n)
{
    return profile_field_list(&use->read, user, use->arena, ret_rows, ret_n, &use->err);
}

static bool is_letter(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_name_byte(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9') || c == '_';
}

/* Appendices, "Common Namespaced Identifier Grammar": at least two parts. */
static bool is_namespaced(struct str key)
{
    size_t dots = 0;
    for (size_t i = 0; i < key.n; i++) {
        bool first = i == 0 || key.p[i - 1] == '.';
        if (first ? !is_letter(key.p[i]) : !is_name_byte(key.p[i]) && key.p[i] != '.')
            return false;
        dots += key.p[i] == '.';
    }
    return dots > 0 && key.n && key.p[key.n - 1] != '.';
}

static int check_key(struct use *use, struct str key)
{
    if (key.n > LIMIT_PROFILE_KEY)
        return err_client(&use->err, 400, "M_KEY_TOO_LARGE", "A key has at most %d bytes",
                          LIMIT_PROFILE_KEY);
    if (!is_namespaced(key))
        return err_client(&use->err, 400, "M_INVALID_PARAM", "Not a key of a profile");
    if (str_starts(key, STR("org.chappe.")))
        return err_client(&use->err, 403, "M_FORBIDDEN", "This field is the server's own");
    return 0;
}

struct setting {
    struct account account; /* as it was: it may be closed before the job runs */
    struct str key, value;  /* value STR_NONE: away with it */
};

/* Those that were sent at once are counted here, one after the other. */
static int check_size(struct write *w, const struct setting *setting, struct err *err)
{
    size_t others;
    if (profile_field_measure(w, setting->account.user, setting->key, &others, err) < 0)
        return -1;
    if (others + setting->key.n + setting->value.n > LIMIT_PROFILE_BYTES)
        return err_client(err, 400, "M_PROFILE_TOO_LARGE", "The profile would be too large");
    return 0;
}

static int write_setting(struct write *w, void *arg, struct err *err)
{
    const struct setting *setting = arg;
    int64_t user = setting->account.user;
    if (account_expect(w, &setting->account, err) < 0)
        return -1;
    if (!setting->value.p)
        return profile_field_delete(w, user, setting->key, err);
    if (check_size(w, setting, err) < 0)
        return -1;
    return profile_field_put(w, user, setting->key, setting->value, err);
}

static int set(struct use *use, struct str key, struct str value)
{
    struct setting *setting = ARENA_NEW(use->arena, struct setting);
    if (check_key(use, key) < 0)
        return -1;
    int found =
        account_load(&use->read, use->caller.user, use->arena, &setting->account, &use->err);
    if (found != 1)
        return found < 0 ? -1 : err_client(&use->err, 404, "M_NOT_FOUND", "No such account");
    setting->key = key;
    setting->value = value;
    return use_commit(use, write_setting, NULL, setting);
}

int profile_fields_set(struct use *use, struct str key, struct str value)
{
    return set(use, key, value);
}

int profile_fields_unset(struct use *use, struct str key)
{
    return set(use, key, STR_NONE);
}

/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/accounts/profile_fields.h"

#include "base/limits.h"

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
    int64_t user;
    struct str key, value; /* value STR_NONE: away with it */
};

static size_t size_of(const struct profile_field_row *rows, size_t n, struct str but)
{
    size_t size = 0;
    for (size_t i = 0; i < n; i++)
        if (!str_eq(rows[i].key, but))
            size += rows[i].key.n + rows[i].value.n;
    return size;
}

static int write_setting(struct write *w, void *arg, struct err *err)
{
    const struct setting *setting = arg;
    if (!setting->value.p)
        return profile_field_delete(w, setting->user, setting->key, err);
    return profile_field_put(w, setting->user, setting->key, setting->value, err);
}

static int set(struct use *use, struct str key, struct str value)
{
    struct setting *setting = ARENA_NEW(use->arena, struct setting);
    *setting = (struct setting){use->caller.user, key, value};
    return use_commit(use, write_setting, NULL, setting);
}

int profile_fields_set(struct use *use, struct str key, struct str value)
{
    struct profile_field_row *rows;
    size_t n;
    if (check_key(use, key) < 0 || profile_fields_load(use, use->caller.user, &rows, &n) < 0)
        return -1;
    if (size_of(rows, n, key) + key.n + value.n > LIMIT_PROFILE_BYTES)
        return err_client(&use->err, 400, "M_PROFILE_TOO_LARGE", "The profile would be too large");
    return set(use, key, value);
}

int profile_fields_unset(struct use *use, struct str key)
{
    return check_key(use, key) < 0 ? -1 : set(use, key, STR_NONE);
}

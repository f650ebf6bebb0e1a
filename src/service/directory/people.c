/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/directory/people.h"

#include <stdlib.h>

#include "base/limits.h"
#include "matrix/email.h"
#include "matrix/id.h"
#include "service/accounts/validity.h"
#include "service/config.h"
#include "service/directory/directory.h"
#include "service/directory/met.h"
#include "service/rooms/access.h"
#include "store/email.h"
#include "store/membership.h"

/* ---- one person ---- */

bool people_may_be_found(struct use *use, const struct account *account)
{
    return !(account->flags & (ACCOUNT_DEACTIVATED | ACCOUNT_HIDDEN)) &&
           !validity_is_over(use->server->config, account->expires_ms);
}

void people_write_organisation(struct json_writer *out, const struct account *account)
{
    if (!account->organisation.p)
        return;
    json_write_member_bool(out, STR("org.chappe.external"), account->flags & ACCOUNT_EXTERNAL);
    json_write_member_str(out, STR("org.chappe.organisation"), account->organisation);
}

void people_write(struct json_writer *out, struct str user_id, const struct account *account)
{
    json_write_object(out);
    if (account->avatar_url.p)
        json_write_member_str(out, STR("avatar_url"), account->avatar_url);
    if (account->display_name.p)
        json_write_member_str(out, STR("display_name"), account->display_name);
    people_write_organisation(out, account);
    json_write_member_str(out, STR("user_id"), user_id);
    json_write_end(out);
}

static int write_account(struct use *use, const struct account *account, struct json_writer *out)
{
    struct str id;
    if (store_name(use->server->store, account->user, use->arena, &id, &use->err) < 0)
        return -1;
    people_write(out, id, account);
    return 0;
}

/* ---- by the whole address or user id ---- */

/* A user id is known to whoever met its owner, an address to whom they gave it: the red list hides
 * from the one, not from the other. */
static int find_exactly(struct use *use, struct str term, int64_t *ret_user, bool *ret_by_address)
{
    struct err ignored = ERR_INIT;
    struct user_id id;
    struct email email;
    *ret_by_address = str_find(term, '@') != 0;
    if (*ret_by_address)
        return email_parse(use->arena, term, &email, &ignored) < 0
                   ? 0
                   : email_find_user(&use->read, &email, ret_user, &use->err);
    if (user_id_parse(term, &id, &ignored) < 0)
        return 0;
    return store_find_name(use->server->store, term, ret_user, &use->err);
}

static int search_exactly(struct use *use, struct str term, struct json_writer *out)
{
    struct account account;
    int64_t user;
    bool by_address;
    int found = find_exactly(use, term, &user, &by_address);
    if (found == 1)
        found = account_load(&use->read, user, use->arena, &account, &use->err);
    if (found != 1)
        return found;
    if (by_address)
        account.flags &= ~(int64_t)ACCOUNT_HIDDEN;
    return people_may_be_found(use, &account) ? write_account(use, &account, out) : 0;
}

/* ---- by words ---- */

struct ranked {
    struct people_found found;
    const struct account *account; /* NULL: may not be shown */
    bool familiar;                 /* shares a small room with the caller */
};

static int compare_ranked(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->found.points != y->found.points)
        return x->found.points > y->found.points ? -1 : 1;
    if (x->found.same_organisation != y->found.same_organisation)
        return x->found.same_organisation ? -1 : 1;
    if (x->familiar != y->familiar)
        return x->familiar ? -1 : 1;
    int order = str_cmp(x->account->display_name, y->account->display_name);
    return order ? order : (x->found.user > y->found.user) - (x->found.user < y->found.user);
}

static struct ranked *find_ranked(struct ranked *people, size_t n, int64_t user)
{
    for (size_t i = 0; i < n; i++)
        if (people[i].found.user == user)
            return &people[i];
    return NULL;
}

/* What the index proposes is looked at in the store: it says who may be shown now. */
static int load_people(struct use *use, struct ranked *people, size_t *n)
{
    int64_t users[LIMIT_DIRECTORY_FOUND], *familiar;
    struct account *accounts;
    size_t n_accounts, n_familiar, kept = 0;
    for (size_t i = 0; i < *n; i++)
        users[i] = people[i].found.user;
    if (account_load_many(&use->read, users, *n, use->arena, &accounts, &n_accounts, &use->err) <
            0 ||
        membership_list_familiar(&use->read, use->caller.user, users, *n, LIMIT_DIRECTORY_ROOM,
                                 use->arena, &familiar, &n_familiar, &use->err) < 0)
        return -1;
    for (size_t i = 0; i < n_accounts; i++)
        if (people_may_be_found(use, &accounts[i]))
            find_ranked(people, *n, accounts[i].user)->account = &accounts[i];
    for (size_t i = 0; i < n_familiar; i++)
        find_ranked(people, *n, familiar[i])->familiar = true;
    for (size_t i = 0; i < *n; i++)
        if (people[i].account)
            people[kept++] = people[i];
    *n = kept;
    return 0;
}

static int search_words(struct use *use, struct str term, int64_t limit, struct json_writer *out,
                        bool *ret_limited)
{
    struct people_found *found;
    struct ranked people[LIMIT_DIRECTORY_FOUND];
    size_t n;
    directory_find_people(use, term, &found, &n, ret_limited);
    for (size_t i = 0; i < n; i++)
        people[i] = (struct ranked){.found = found[i]};
    if (n && load_people(use, people, &n) < 0)
        return -1;
    qsort(people, n, sizeof *people, compare_ranked);
    *ret_limited |= n > (size_t)limit;
    for (size_t i = 0; i < n && i < (size_t)limit; i++)
        if (write_account(use, people[i].account, out) < 0)
            return -1;
    return 0;
}

/* ---- the search ---- */

static int search(struct use *use, struct str term, int64_t limit, struct json_writer *out,
                  bool *ret_limited)
{
    *ret_limited = false;
    if (use->server->config->registration_mode != CONFIG_REGISTRATION_EMAIL)
        return met_search(use, term, limit, out, ret_limited);
    if (str_find(term, '@') >= 0)
        return search_exactly(use, str_trim(term), out);
    return search_words(use, term, limit, out, ret_limited);
}

int people_search(struct use *use, struct str term, int64_t limit, struct json_writer *out)
{
    bool limited;
    if (access_refuse_external(use, "external_directory",
                               "An external may not search the directory") < 0)
        return -1;
    json_write_object(out);
    json_write_key(out, STR("results"));
    json_write_array(out);
    if (search(use, term, limit, out, &limited) < 0)
        return -1;
    json_write_end(out);
    json_write_member_bool(out, STR("limited"), limited);
    json_write_end(out);
    return 0;
}

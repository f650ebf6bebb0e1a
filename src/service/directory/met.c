/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/directory/met.h"

#include <string.h>

#include "base/map.h"
#include "matrix/glob.h"
#include "service/directory/people.h"
#include "service/rooms/room.h"
#include "store/account.h"
#include "store/membership.h"
#include "store/room.h"

/* Rooms visited, and members of each. */
#define ROOMS_MAX   200
#define MEMBERS_MAX 500

struct search {
    struct use *use;
    struct glob_text term;
    int64_t left; /* results still wanted */
    bool limited;
    struct int_map seen; /* users looked at; the values mean nothing */
    struct json_writer *out;
};

/* A part of the text, case folded. */
static bool contains(struct search *search, struct str text)
{
    struct glob_text folded;
    const struct glob_text *term = &search->term;
    glob_text_make(search->use->arena, text, true, &folded);
    for (size_t i = 0; term->n <= folded.n && i <= folded.n - term->n; i++)
        if (memcmp(folded.p + i, term->p, term->n * sizeof *term->p) == 0)
            return true;
    return false;
}

static int look_at(struct search *search, int64_t user)
{
    struct use *use = search->use;
    struct account account;
    struct str id, name, server;
    if (int_map_put(&search->seen, user, search))
        return 0;
    int found = account_load(&use->read, user, use->arena, &account, &use->err);
    if (found != 1 || !people_may_be_found(use, &account))
        return found < 0 ? -1 : 0;
    if (store_name(use->server->store, user, use->arena, &id, &use->err) < 0)
        return -1;
    str_cut(id, ':', &name, &server);
    if (!contains(search, name) && !contains(search, account.display_name))
        return 0;
    if (search->left == 0) {
        search->limited = true;
        return 0;
    }
    search->left--;
    people_write(search->out, id, &account);
    return 0;
}

static int visit_room(struct search *search, int64_t room)
{
    struct use *use = search->use;
    struct membership_row *rows;
    size_t n;
    if (membership_list_users(&use->read, room, MEMBERSHIP_JOIN, 0, MEMBERS_MAX, use->arena, &rows,
                              &n, &use->err) < 0)
        return -1;
    for (size_t i = 0; i < n && !search->limited; i++)
        if (look_at(search, rows[i].user) < 0)
            return -1;
    return 0;
}

static int visit_rooms(struct search *search)
{
    struct use *use = search->use;
    struct membership_row *own;
    int64_t *open;
    size_t n_own, n_open;
    if (membership_list_rooms(&use->read, use->caller.user, MEMBERSHIP_BIT(MEMBERSHIP_JOIN),
                              use->arena, &own, &n_own, &use->err) < 0 ||
        room_list_open(&use->read, ROOMS_MAX, use->arena, &open, &n_open, &use->err) < 0)
        return -1;
    for (size_t i = 0; i < n_own && i < ROOMS_MAX && !search->limited; i++)
        if (visit_room(search, own[i].room) < 0)
            return -1;
    for (size_t i = 0; i < n_open && !search->limited; i++)
        if (visit_room(search, open[i]) < 0)
            return -1;
    return 0;
}

int met_search(struct use *use, struct str term, int64_t limit, struct json_writer *out,
               bool *ret_limited)
{
    struct search search = {.use = use, .left = limit, .out = out};
    int status = 0;
    glob_text_make(use->arena, term, true, &search.term);
    if (term.n)
        status = visit_rooms(&search);
    int_map_done(&search.seen);
    *ret_limited = search.limited;
    return status;
}

/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/audit.h"

#include <string.h>

#include "base/mem.h"

static struct audit_entry entry_of(const struct use *use, struct str action, struct str target,
                                   struct str detail)
{
    struct str actor = use->caller.user_id;
    if (!actor.p)
        actor = use->x ? STR("-") : STR("operator");
    return (struct audit_entry){actor, action, target, detail};
}

void use_audit(struct use *use, struct str action, struct str target, struct str detail)
{
    struct audit_entry *entry = ARENA_NEW(use->arena, struct audit_entry);
    *entry = entry_of(use, action, target, detail);
    use->audit = entry;
}

int use_audit_user(struct use *use, struct str action, int64_t user, struct str detail)
{
    struct str user_id;
    if (store_name(use->server->store, user, use->arena, &user_id, &use->err) < 0)
        return -1;
    use_audit(use, action, user_id, detail);
    return 0;
}

struct str use_audit_address(const struct use *use)
{
    /* A numeric address: nothing in it to escape. */
    return use->x ? arena_printf(use->arena, "{\"address\":\"%.*s\"}", STR_ARG(http_peer(use->x)))
                  : STR_NONE;
}

/* ---- alone ---- */

static int write_nothing(struct write *w, void *arg, struct err *err)
{
    (void)w;
    (void)arg;
    (void)err;
    return 0;
}

int use_audit_commit(struct use *use)
{
    return use_commit(use, write_nothing, NULL, NULL);
}

struct later {
    struct audit_entry entry;
    char bytes[];
};

static int write_later(struct write *w, void *arg, struct err *err)
{
    const struct later *later = arg;
    return audit_append(w, &later->entry, err);
}

static void move(struct str *text, char **at)
{
    if (text->n)
        memcpy(*at, text->p, text->n);
    *text = str_make(*at, text->n);
    *at += text->n;
}

void use_audit_later(struct use *use, struct str action, struct str target, struct str detail)
{
    struct audit_entry entry = entry_of(use, action, target, detail);
    size_t n = entry.actor.n + entry.action.n + entry.target.n + entry.detail.n;
    struct later *later = mem_new(1, sizeof *later + n);
    char *at = later->bytes;
    later->entry = entry;
    move(&later->entry.actor, &at);
    move(&later->entry.action, &at);
    move(&later->entry.target, &at);
    move(&later->entry.detail, &at);
    commit_later(use->server, write_later, later);
}

/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/sync/sliding_content.h"

#include "base/limits.h"
#include "base/mem.h"

struct sliding_content *sliding_content_new(void)
{
    struct sliding_content *content = MEM_NEW(struct sliding_content);
    content->refs = 1;
    content->inbox = INT64_MAX;
    return content;
}

#define COPY(to, from)                                                                             \
    do {                                                                                           \
        (to)->p = (from)->n ? mem_copy((from)->p, (from)->n * sizeof *(from)->p) : NULL;           \
        (to)->n = (to)->capacity = (from)->n;                                                      \
    } while (0)

static struct str own(struct str text)
{
    return str_make(mem_copy(text.p, text.n), text.n);
}

struct sliding_content *sliding_content_copy(const struct sliding_content *content)
{
    struct sliding_content *copy = sliding_content_new();
    /* Not the whole struct: others count references meanwhile. */
    copy->asked = content->asked;
    copy->listed = content->listed;
    copy->data = content->data;
    copy->inbox = content->inbox;
    COPY(&copy->rooms, &content->rooms);
    COPY(&copy->members, &content->members);
    COPY(&copy->configs, &content->configs);
    COPY(&copy->counts, &content->counts);
    for (size_t i = 0; i < copy->configs.n; i++)
        copy->configs.p[i] = own(content->configs.p[i]);
    return copy;
}

struct sliding_content *sliding_content_ref(struct sliding_content *content)
{
    __atomic_add_fetch(&content->refs, 1, __ATOMIC_RELAXED);
    return content;
}

static void free_text(struct str text)
{
    mem_free((void *)(uintptr_t)text.p);
}

void sliding_content_unref(struct sliding_content *content)
{
    if (!content || __atomic_sub_fetch(&content->refs, 1, __ATOMIC_ACQ_REL) != 0)
        return;
    for (size_t i = 0; i < content->configs.n; i++)
        free_text(content->configs.p[i]);
    VEC_DONE(&content->rooms);
    VEC_DONE(&content->members);
    VEC_DONE(&content->configs);
    VEC_DONE(&content->counts);
    mem_free(content);
}

size_t sliding_content_bytes(const struct sliding_content *content)
{
    size_t bytes = sizeof *content + content->rooms.n * sizeof *content->rooms.p +
                   content->members.n * sizeof *content->members.p +
                   content->configs.n * sizeof *content->configs.p +
                   content->counts.n * sizeof *content->counts.p;
    for (size_t i = 0; i < content->configs.n; i++)
        bytes += content->configs.p[i].n;
    return bytes;
}

struct sliding_room *sliding_content_find(const struct sliding_content *content, int64_t room)
{
    for (size_t i = 0; i < content->rooms.n; i++)
        if (content->rooms.p[i].room == room)
            return &content->rooms.p[i];
    return NULL;
}

/* ---- what was asked of rooms ---- */

/* The texts that no room goes by any more leave. */
static void drop_unused(struct sliding_content *content)
{
    uint16_t moved[LIMIT_SLIDING_CONFIGS];
    size_t kept = 0;
    for (size_t i = 0; i < content->configs.n; i++) {
        bool used = false;
        for (size_t k = 0; k < content->rooms.n && !used; k++)
            used = content->rooms.p[k].sent && content->rooms.p[k].config == i;
        moved[i] = (uint16_t)kept;
        if (used)
            content->configs.p[kept++] = content->configs.p[i];
        else
            free_text(content->configs.p[i]);
    }
    content->configs.n = kept;
    for (size_t k = 0; k < content->rooms.n; k++)
        if (content->rooms.p[k].sent)
            content->rooms.p[k].config = moved[content->rooms.p[k].config];
}

int sliding_content_config(struct sliding_content *content, struct str text)
{
    for (size_t i = 0; i < content->configs.n; i++)
        if (str_eq(content->configs.p[i], text))
            return (int)i;
    if (content->configs.n == LIMIT_SLIDING_CONFIGS)
        return -1;
    VEC_RESERVE(&content->configs, 1);
    VEC_ADD(&content->configs, own(text));
    return (int)content->configs.n - 1;
}

void sliding_content_tidy(struct sliding_content *content)
{
    if (content->configs.n > LIMIT_SLIDING_CONFIGS / 2)
        drop_unused(content);
}

/* ---- members ---- */

bool sliding_content_knows_member(const struct sliding_content *content, int64_t room, int64_t user)
{
    for (size_t i = content->members.n; i-- > 0;) {
        if (content->members.p[i].room != room)
            continue;
        if (content->members.p[i].user == user)
            return true;
        if (content->members.p[i].user == 0)
            return false;
    }
    return false;
}

void sliding_content_add_member(struct sliding_content *content, int64_t room, int64_t user)
{
    if (content->members.n == LIMIT_SLIDING_MEMBERS) /* they are told again */
        content->members.n = 0;
    VEC_ADD(&content->members, (struct sliding_member){room, user});
}

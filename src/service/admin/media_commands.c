/* SPDX-License-Identifier: EUPL-1.2 */

/* chappe media …: one file, by its mxc URI. */

#include "service/admin/answer.h"
#include "service/admin/private.h"
#include "service/media/media.h"
#include "json/decode.h"

struct media_args {
    struct str uri;
};

static const struct json_field fields[] = {
    JSON_FIELD(struct media_args, uri, JSON_WANT_STR, JSON_REQUIRED, 1024),
};

static int find(struct use *use, const struct json *json, struct media *ret_media)
{
    struct media_args args = {0};
    if (json_decode(json, fields, ARRAY_LEN(fields), &args, &use->err) < 0)
        return -1;
    return media_find_uri(use, args.uri, ret_media);
}

static const char *state_word(enum media_state state)
{
    static const char *const words[] = {"reserved", "there", "quarantined", "deleted"};
    return state <= MEDIA_DELETED ? words[state] : "?";
}

/* In hexadecimal, as its file is named. */
static struct str hash_text(struct arena *arena, struct str hash)
{
    struct str text = STR("");
    for (size_t i = 0; i < hash.n; i++)
        text = arena_printf(arena, "%.*s%02x", STR_ARG(text), (unsigned char)hash.p[i]);
    return text;
}

int admin_media_show(struct use *use, const struct json *json, struct buf *out)
{
    struct admin_answer answer;
    struct media media;
    struct str owner = STR("-");
    if (find(use, json, &media) < 0)
        return -1;
    if (media.owner &&
        store_name(use->server->store, media.owner, use->arena, &owner, &use->err) < 0)
        return -1;
    answer_begin(&answer, out);
    answer_line(&answer, "uri\t%.*s", STR_ARG(media_uri(use, &media)));
    answer_line(&answer, "state\t%s", state_word(media.state));
    answer_line(&answer, "owner\t%.*s", STR_ARG(owner));
    answer_line(&answer, "size\t%lld", (long long)media.size);
    answer_line(&answer, "type\t%.*s", STR_ARG(media.type));
    answer_line(&answer, "name\t%.*s", STR_ARG(str_first(media.name, 200)));
    answer_line(&answer, "sha256\t%.*s", STR_ARG(hash_text(use->arena, media.hash)));
    answer_line(&answer, "created\t%.*s", STR_ARG(answer_time(use->arena, media.created_ms)));
    answer_line(&answer, "expires\t%.*s", STR_ARG(answer_time(use->arena, media.expires_ms)));
    answer_end_lines(&answer);
    answer_end(&answer);
    return 0;
}

int admin_media_quarantine(struct use *use, const struct json *json, struct buf *out)
{
    struct media media;
    (void)out;
    return find(use, json, &media) < 0 ? -1 : media_set_quarantine(use, &media, true);
}

int admin_media_release(struct use *use, const struct json *json, struct buf *out)
{
    struct media media;
    (void)out;
    return find(use, json, &media) < 0 ? -1 : media_set_quarantine(use, &media, false);
}

int admin_media_rescan(struct use *use, const struct json *json, struct buf *out)
{
    struct media media;
    (void)out;
    return find(use, json, &media) < 0 ? -1 : media_rescan(use, &media);
}

int admin_media_delete(struct use *use, const struct json *json, struct buf *out)
{
    struct media media;
    (void)out;
    return find(use, json, &media) < 0 ? -1 : media_remove(use, &media);
}

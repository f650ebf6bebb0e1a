/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/buf.h"
#include "base/limits.h"
#include "crypto/base64.h"
#include "matrix/auth_deny.h"
#include "matrix/auth_room.h"
#include "matrix/signing.h"

/* v12 auth 5.4.1: an invite that an identity server's signature turns from an address into a user
 * id. */

/* Every signature is tried with every key, as nothing says which belongs to which; the tries are
 * counted, since both lists come from outside. */
struct trial {
    const struct json *signed_object;
    struct str covered;
    size_t left;
};

static bool try_key(struct trial *trial, const struct json *public_key)
{
    struct str text = json_as_str(public_key), key;
    const struct json *all = json_find(trial->signed_object, STR("signatures"));
    struct arena CLEANUP(arena_cleanup) *arena = arena_new(KIB(1));
    if (text.n == 0 || text.n > 64 || !json_is(all, JSON_OBJECT))
        return false;
    if (base64_decode(arena, text, BASE64_STANDARD, &key) &&
        base64_decode(arena, text, BASE64_URL, &key))
        return false;
    for (size_t i = 0; i < all->object.n; i++) {
        const struct json *of = &all->object.members[i].value;
        if (of->kind != JSON_OBJECT)
            continue;
        for (size_t j = 0; j < of->object.n && trial->left > 0; j++) {
            unsigned char signature[ED25519_SIGNATURE_BYTES];
            trial->left--;
            if (signing_find(trial->signed_object, all->object.members[i].key,
                             of->object.members[j].key, signature) == 0 &&
                ed25519_verify(key, trial->covered, str_make(signature, sizeof signature)))
                return true;
        }
    }
    return false;
}

static bool is_signed_by(const struct json *signed_object, const struct json *keys)
{
    struct err err;
    struct buf CLEANUP(buf_done) covered;
    buf_init(&covered, LIMIT_EVENT_BYTES);
    if (signing_covered(signed_object, &covered, &err) || buf_is_full(&covered))
        return false;
    struct trial trial = {signed_object, buf_str(&covered), LIMIT_INVITE_SIGNATURES};
    /* v12 auth 5.4.1.7.1 */
    if (try_key(&trial, json_find(keys, STR("public_key"))))
        return true;
    /* v12 auth 5.4.1.7.2 */
    const struct json *list = json_find(keys, STR("public_keys"));
    if (!json_is(list, JSON_ARRAY))
        return false;
    for (size_t i = 0; i < list->array.n && trial.left > 0; i++)
        if (try_key(&trial, json_find(&list->array.items[i], STR("public_key"))))
            return true;
    return false;
}

int auth_check_third_party(const struct auth_room *room, const struct json *invite,
                           enum membership target, struct err *err)
{
    const struct pdu *offer;
    const struct json *signed_object = json_find(invite, STR("signed"));
    struct str mxid = json_find_str(signed_object, STR("mxid"));
    struct str token = json_find_str(signed_object, STR("token"));
    if (target == MEMBERSHIP_BAN)
        return auth_deny(err, "v12 auth 5.4.1.1", "The user is banned from the room");
    if (!signed_object)
        return auth_deny(err, "v12 auth 5.4.1.2", "third_party_invite lacks signed");
    if (!mxid.p || !token.p)
        return auth_deny(err, "v12 auth 5.4.1.3", "third_party_invite lacks mxid or token");
    if (!str_eq(mxid, room->event->state_key))
        return auth_deny(err, "v12 auth 5.4.1.4", "third_party_invite is for another user");
    if (auth_room_find(room, STR("m.room.third_party_invite"), token, &offer, err))
        return -1;
    if (!offer)
        return auth_deny(err, "v12 auth 5.4.1.5", "The room knows no such third-party invite");
    if (!str_eq(offer->sender, room->event->sender))
        return auth_deny(err, "v12 auth 5.4.1.6", "The third-party invite is another user's");
    if (!is_signed_by(signed_object, offer->content))
        return auth_deny(err, "v12 auth 5.4.1.8", "The third-party invite is not signed");
    return 0;
}

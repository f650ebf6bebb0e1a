/* SPDX-License-Identifier: EUPL-1.2 */
#include "fuzz/harness.h"

#include "base/check.h"
#include "base/limits.h"
#include "matrix/id.h"
#include "matrix/pdu.h"

static void check_view(const struct pdu *pdu)
{
    CHECK(pdu->json.n <= LIMIT_EVENT_BYTES && str_is_utf8(pdu->json));
    CHECK(pdu->type.p && pdu->type.n <= LIMIT_EVENT_FIELD_BYTES);
    CHECK(user_id_is_valid(pdu->sender) && pdu->room_id.n > 1);
    CHECK(pdu->state_key.n <= LIMIT_EVENT_FIELD_BYTES);
    CHECK(json_is(pdu->content, JSON_OBJECT) && json_is(pdu->doc, JSON_OBJECT));
    CHECK(pdu->depth >= 0 && pdu->depth <= LIMIT_SAFE_INTEGER);
    CHECK(pdu->n_auth_events <= LIMIT_AUTH_EVENTS && pdu->n_prev_events <= LIMIT_PREV_EVENTS);
    CHECK(!json_find(pdu->doc, STR("unsigned")));
}

/* Its own bytes give the same event, and so do the redacted ones. */
static void check_again(struct arena *arena, const struct pdu *pdu)
{
    struct pdu again;
    struct str redacted, twice;
    struct err err = ERR_INIT;
    CHECK(pdu_parse(arena, pdu->version, pdu->json, &again, &err) == 0);
    CHECK(str_eq(again.json, pdu->json) && str_eq(again.event_id, pdu->event_id));
    CHECK(pdu_open(arena, pdu->version, pdu->json, pdu->hash, &again, &err) == 0);
    CHECK(str_eq(again.event_id, pdu->event_id) && str_eq(again.room_id, pdu->room_id));

    CHECK(pdu_redact(arena, pdu->version, pdu->doc, &redacted, &err) == 0);
    CHECK(redacted.n <= pdu->json.n);
    CHECK(pdu_parse(arena, pdu->version, redacted, &again, &err) == 0);
    CHECK(str_eq(again.event_id, pdu->event_id));
    CHECK(pdu_redact(arena, pdu->version, again.doc, &twice, &err) == 0);
    CHECK(str_eq(redacted, twice));
}

static void check_signatures(struct arena *arena, const struct pdu *pdu)
{
    const unsigned char key[ED25519_PUBLIC_BYTES] = {1};
    struct str servers[2], keys[4];
    size_t n = pdu_required_signers(pdu, servers);
    (void)pdu_check_hash(pdu->doc);
    for (size_t i = 0; i < n; i++) {
        CHECK(server_name_is_valid(servers[i]));
        size_t n_keys = pdu_signature_keys(pdu->doc, servers[i], keys, 4);
        for (size_t k = 0; k < n_keys; k++)
            CHECK(!pdu_verify_signature(arena, pdu->version, pdu->doc, servers[i], keys[k],
                                        str_make(key, sizeof key)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t n;
    const struct room_version *versions = room_version_list(&n);
    for (size_t i = 0; i < n; i++) {
        CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(512));
        struct pdu pdu;
        struct err err = ERR_INIT;
        if (pdu_parse(arena, &versions[i], str_make(data, size), &pdu, &err)) {
            CHECK(err.kind == ERR_KIND_CLIENT && (err.status == 400 || err.status == 413));
            continue;
        }
        check_view(&pdu);
        check_again(arena, &pdu);
        check_signatures(arena, &pdu);
    }
    return 0;
}

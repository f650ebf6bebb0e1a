/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_MATRIX_PDU_H
#define CHAPPE_MATRIX_PDU_H

/* Events as servers exchange them (server-server API, "PDUs"), of room versions 3 to 12.
 *
 * A struct pdu is a read-only view: it lives as long as its arena. One made by pdu_parse has the
 * shape its version asks for: no later code looks at types again. It says nothing of hashes,
 * signatures and authorisation, which are checked in that order:
 *
 *     pdu_parse             format; -1: drop the event
 *     pdu_verify_signature  for each server of pdu_required_signers; false: drop
 *     pdu_check_hash        false: use pdu_redact's result in its place
 *     auth_check…           auth.h; -1: rejected */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"
#include "crypto/ed25519.h"
#include "crypto/hash.h"
#include "matrix/room_version.h"
#include "json/doc.h"

struct pdu {
    const struct room_version *version;
    struct str json;        /* canonical, as stored and sent: without unsigned */
    const struct json *doc; /* the object, of json */
    struct str event_id;    /* computed */
    struct str room_id;     /* computed, for the create event of version 12 */
    struct str type, sender;
    struct str state_key;                  /* STR_NONE (p == NULL): not a state event */
    const struct json *content;            /* an object */
    struct str *auth_events, *prev_events; /* event ids */
    size_t n_auth_events, n_prev_events;
    int64_t depth, origin_server_ts;
    struct str redacts; /* wherever the version keeps it; STR_NONE but in m.room.redaction */
    unsigned char hash[SHA256_BYTES]; /* reference hash */
};

/* Validates the format of one event (rule 1 of "Checks performed on receipt of a PDU"): JSON,
 * canonical values where they are enforced, all required members and their types, sizes in bytes,
 * ids of the version's form, counts and duplicates of auth_events and prev_events. The text need
 * not be canonical: ret_pdu->json is. Members that the version does not know are kept, as the
 * hashes cover them; `unsigned` is left out, and counts in no size. -1: M_NOT_JSON, M_BAD_JSON
 * (400) or M_TOO_LARGE (413). */
int pdu_parse(struct arena *arena, const struct room_version *version, struct str text,
              struct pdu *ret_pdu, struct err *err) MUST_USE;
int pdu_from_json(struct arena *arena, const struct room_version *version, const struct json *doc,
                  struct pdu *ret_pdu, struct err *err) MUST_USE;

/* One of our own stored events: canonical bytes that pdu_parse has passed once, and its hash.
 * Nothing is copied, hashed or canonicalised again; `json` must outlive ret_pdu. -1, internal:
 * the bytes are not those of an event, the store is damaged. */
int pdu_open(struct arena *arena, const struct room_version *version, struct str json,
             const unsigned char hash[SHA256_BYTES], struct pdu *ret_pdu, struct err *err) MUST_USE;

/* "$…" of a reference hash, in the version's alphabet, and back (-1: not an id of that form). */
struct str pdu_event_id(struct arena *arena, const struct room_version *version,
                        const unsigned char hash[SHA256_BYTES]);
int pdu_event_hash(const struct room_version *version, struct str event_id,
                   unsigned char ret_hash[SHA256_BYTES]) MUST_USE;

/* What our server writes. It never signs bytes that another wrote: it fills a template. */
struct pdu_template {
    struct str room_id; /* not used for the create event of version 12 */
    struct str type, sender;
    struct str state_key;                        /* STR_NONE: not a state event */
    struct str content;                          /* JSON text of an object */
    struct str redacts;                          /* STR_NONE, or put where the version keeps it */
    const struct str *auth_events, *prev_events; /* ids */
    size_t n_auth_events, n_prev_events;
    int64_t depth, origin_server_ts;
};

/* Builds, hashes, signs and parses back. -1: as pdu_parse, when the content breaks a rule. */
int pdu_build(struct arena *arena, const struct room_version *version,
              const struct pdu_template *fields, const struct ed25519_key *key, struct str key_id,
              struct str server_name, struct pdu *ret_pdu, struct err *err) MUST_USE;

/* The same event with our signature beside those it has. For the two cases where the protocol
 * asks for it: an invite to our user, and a restricted join that our user authorised, once they
 * are verified and allowed. */
int pdu_countersign(struct arena *arena, const struct pdu *pdu, const struct ed25519_key *key,
                    struct str key_id, struct str server_name, struct pdu *ret_pdu,
                    struct err *err) MUST_USE;

/* The redacted event, canonical, signatures and hashes kept (client-server API, "Redactions", as
 * of the version). The doc is an event's; -1: M_BAD_JSON, when it cannot be written. */
int pdu_redact(struct arena *arena, const struct room_version *version, const struct json *doc,
               struct str *ret_json, struct err *err) MUST_USE;

/* Server-server API, "Calculating the reference hash": of the redacted event without signatures
 * and unsigned. */
int pdu_reference_hash(struct arena *arena, const struct room_version *version,
                       const struct json *doc, unsigned char ret_hash[SHA256_BYTES],
                       struct err *err) MUST_USE;

/* "Calculating the content hash": of the event without unsigned, signatures and hashes. */
int pdu_content_hash(const struct json *doc, unsigned char ret_hash[SHA256_BYTES],
                     struct err *err) MUST_USE;

/* True when hashes.sha256 is the content hash. A redacted event gives false. */
bool pdu_check_hash(const struct json *doc);

/* True when `server` signed the redacted form of the event with that key. */
bool pdu_verify_signature(struct arena *arena, const struct room_version *version,
                          const struct json *doc, struct str server, struct str key_id,
                          struct str public_key);

/* The servers that must have signed ("Validating hashes and signatures"): the sender's, but for
 * an invite made of a third-party invite, and the one of join_authorised_via_users_server.
 * Returns how many, 0 to 2. */
size_t pdu_required_signers(const struct pdu *pdu, struct str ret_servers[2]);

/* The key ids with which `server` signed; the caller looks their public keys up. */
size_t pdu_signature_keys(const struct json *doc, struct str server, struct str *ret_key_ids,
                          size_t max);

bool pdu_is_state(const struct pdu *pdu, struct str type, struct str state_key);

#endif

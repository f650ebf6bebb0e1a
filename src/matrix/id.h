/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_MATRIX_ID_H
#define CHAPPE_MATRIX_ID_H

/* Identifiers and their grammars (specification, appendices, "Identifier grammar"). Each type is
 * made by its _parse alone, at the edge; past it, code trusts the parts. The views point into the
 * text that was parsed, which must outlive them. Lengths are in bytes, sigil and domain included.
 * Identifiers are compared bytewise, server names too: str_eq on `full`.
 *
 * Every _parse returns 0, or -1 with 400 M_INVALID_PARAM and a text that names the identifier. No
 * parser changes its input: capitals are not lowered, dots are not trimmed. */

#include <stdbool.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"

#define ID_MAX 255 /* bytes, of user, room and event ids and of aliases */

/* "matrix.org", "1.2.3.4:8448", "[::1]:443". A port is 1 to 65535, without leading zeros; a DNS
 * name has labels of 1 to 63 letters, digits and inner hyphens, and no trailing dot. */
struct server_name {
    struct str full;
    struct str host; /* with its brackets, for IPv6 */
    int port;        /* 0: none given */
    bool is_ip;      /* an IPv4 or IPv6 literal */
};
int server_name_parse(struct str text, struct server_name *ret_name, struct err *err) MUST_USE;
bool server_name_is_valid(struct str text);

/* @localpart:server. user_id_parse accepts historical localparts (any UTF-8 without ':' and NUL,
 * even empty), as events may carry them; user_id_parse_strict is for ids to be made here. */
struct user_id {
    struct str full, localpart, server;
};
int user_id_parse(struct str text, struct user_id *ret_id, struct err *err) MUST_USE;
int user_id_parse_strict(struct str text, struct user_id *ret_id, struct err *err) MUST_USE;
bool user_id_is_valid(struct str text); /* historical ones too */

/* A localpart for a new account on `server`: characters of the grammar, not empty, and short
 * enough for the whole id. -1: 400 M_INVALID_USERNAME. */
int user_localpart_check(struct str localpart, struct str server, struct err *err) MUST_USE;
/* @localpart:server, in the arena, checked as above. */
int user_id_make(struct arena *arena, struct str localpart, struct str server,
                 struct user_id *ret_id, struct err *err) MUST_USE;

/* !opaque:server, or from version 12 on !hash, without a server (then STR_NONE): 43 characters of
 * URL-safe base64, the reference hash of the create event. Both forms are read here;
 * room_version.h tells which one a version takes. */
struct room_id {
    struct str full, localpart, server;
};
int room_id_parse(struct str text, struct room_id *ret_id, struct err *err) MUST_USE;
bool room_id_is_hash(struct str text); /* the form of version 12 */

/* $ and 43 characters of base64 (standard alphabet in version 3, URL-safe after). */
struct event_id {
    struct str full;
};
int event_id_parse(struct str text, struct event_id *ret_id, struct err *err) MUST_USE;

/* #localpart:server. The localpart is any UTF-8 without ':' and NUL, and is not empty. */
struct room_alias {
    struct str full, localpart, server;
};
int room_alias_parse(struct str text, struct room_alias *ret_alias, struct err *err) MUST_USE;

/* mxc://server/media-id; the media id is 1 to 255 of [A-Za-z0-9_-]. */
struct mxc_uri {
    struct str full, server, media_id;
};
int mxc_uri_parse(struct str text, struct mxc_uri *ret_uri, struct err *err) MUST_USE;
bool media_id_is_valid(struct str text);

/* algorithm:name, "ed25519:a_1" or "signed_curve25519:AAAAHQ". The algorithm is 1 to 64 of
 * [a-z0-9_]. The name of a server's signing key is [A-Za-z0-9_]+ (key_id_parse_signing); that of
 * a device key is a device id and looser. At most ID_MAX bytes in all, or, with a device id, what
 * LIMIT_DEVICE_ID_BYTES adds. */
struct key_id {
    struct str full, algorithm, name;
};
int key_id_parse(struct str text, struct key_id *ret_id, struct err *err) MUST_USE;
int key_id_parse_signing(struct str text, struct key_id *ret_id, struct err *err) MUST_USE;

/* 1 to LIMIT_DEVICE_ID_BYTES printable ASCII characters without blanks. A slash is one of them: a
 * dehydrated device is named by a public key in base64. */
struct device_id {
    struct str full;
};
int device_id_parse(struct str text, struct device_id *ret_id, struct err *err) MUST_USE;

/* "Opaque identifiers": 1 to 255 of [0-9A-Za-z-._~]. */
bool opaque_id_is_valid(struct str text);

#endif

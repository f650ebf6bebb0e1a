/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_MATRIX_ACCESS_RULES_H
#define CHAPPE_MATRIX_ACCESS_RULES_H

/* The rooms of an administration: what its kinds of room are, and what an outside partner (an
 * external) may do in them. These rules come on top of the authorisation rules (auth.h) and refuse
 * only; docs/design/room-rules.md says what each is for.
 *
 * Pure: everything is asked of the callbacks. The same function judges what our users ask for, and
 * the events of other servers. */

#include "matrix/auth.h"

#define ACCESS_TYPE "im.vector.room.access_rules"

enum access_rule {
    ACCESS_RESTRICTED,   /* agents only; also a room that says nothing */
    ACCESS_UNRESTRICTED, /* externals may be invited */
    ACCESS_DIRECT,       /* two people */
    ACCESS_UNKNOWN,      /* a word that is none of these: as restricted, and never accepted anew */
};

/* What a room is, from the content of its im.vector.room.access_rules (state key ""); NULL: a room
 * without one. */
struct access_kind {
    enum access_rule rule;
    bool listed;      /* visibility "public": a forum of the directory */
    bool in_space;    /* a forum inside a space */
    bool unencrypted; /* private, and in clear by the choice of who made it */
};
struct access_kind access_kind_of(const struct json *content);
enum access_rule access_rule_parse(struct str word);
struct str access_rule_text(enum access_rule rule); /* "restricted" for ACCESS_UNKNOWN */
bool access_is_forum(const struct access_kind *kind);

/* For direct rooms: who is or was in it but one user, and whom it waits for. */
struct access_people {
    size_t others;    /* users with a member event, `except` left out */
    struct str offer; /* state key of an m.room.third_party_invite with a content; STR_NONE: none */
};

struct access_lookup {
    /* As auth_state.find; any key may be asked for. */
    int (*find)(void *context, struct str type, struct str state_key, const struct pdu **ret_event,
                struct err *err);
    /* Whether a user is an outside partner: 1, 0, -1. */
    int (*is_external)(void *context, struct str user_id, struct err *err);
    int (*people)(void *context, struct str except, struct access_people *ret_people,
                  struct err *err);
    void *context;
};

/* Whose the address of an m.room.third_party_invite is. The event does not tell: it is known where
 * it is made, and of other servers' events it is not. */
enum access_address { ACCESS_ADDRESS_UNKNOWN, ACCESS_ADDRESS_AGENT, ACCESS_ADDRESS_EXTERNAL };

struct access_input {
    const struct room_version *version;
    const struct pdu *event;     /* one that auth_check allows, or would for its sender's power */
    struct access_lookup lookup; /* the state before it */
    enum access_address address;
};

/* 0: allowed. -1: 403 M_FORBIDDEN with a reason (err_reason), or a lookup failed. */
int access_check(const struct access_input *input, struct err *err) MUST_USE;

/* What a room is and that it is encrypted is not redacted: with its content the event would lose
 * what the rules go by. */
bool access_may_redact(struct str type);

/* Where encryption is enforced, a message of this type and content may not be sent in clear into an
 * encrypted room. What carries no user content may: reactions, redactions, what sets up calls and
 * verifies devices. */
bool access_is_clear_content(struct str type, const struct json *content);

#endif

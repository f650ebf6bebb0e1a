/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_MATRIX_PUSH_H
#define CHAPPE_MATRIX_PUSH_H

/* Push rules (client-server API, "Push Rules"): a user's rules with the server's defaults merged
 * in, their editing, and what an event does to a user by them.
 *
 * Three forms. The document (JSON, the content of m.push_rules): what is stored and what clients
 * get. struct push_rules: the document parsed, in an arena, to be changed and written again. struct
 * push_program: compiled, immutable, shared between threads, quick to run. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "json/doc.h"

/* In the order they are tried. */
enum push_kind {
    PUSH_KIND_OVERRIDE,
    PUSH_KIND_CONTENT,
    PUSH_KIND_ROOM,
    PUSH_KIND_SENDER,
    PUSH_KIND_UNDERRIDE,
};
#define PUSH_KINDS 5

/* 0, or -1 for an unknown word: 400 M_INVALID_PARAM. */
int push_kind_parse(struct str word, enum push_kind *ret_kind, struct err *err) MUST_USE;
struct str push_kind_format(enum push_kind kind);

struct push_rule {
    struct str rule_id;
    bool is_default; /* one of the server's */
    bool enabled;
    const struct json *actions;    /* an array, without dont_notify and coalesce */
    const struct json *conditions; /* override and underride only, an array, or NULL */
    struct str pattern;            /* content only */
};

struct power;
struct push_rules;

/* The stored document with today's defaults merged in: the server's rules stand where they belong,
 * with the user's changes of enabled and actions; default rules that are no more are left out, as
 * is whatever is malformed in the document. doc may be NULL: defaults only. doc must outlive the
 * rules. */
struct push_rules *push_rules_parse(struct arena *arena, const struct json *doc,
                                    struct str user_id) MUST_USE;

/* {"global": {...}}: the content of m.push_rules, the answer of GET /pushrules/, what is stored. */
void push_rules_format(const struct push_rules *rules, struct buf *out);
/* {...}: the answer of GET /pushrules/global/. */
void push_rules_format_global(const struct push_rules *rules, struct buf *out);
/* One rule: the answer of GET /pushrules/global/{kind}/{ruleId}. */
void push_rule_format(enum push_kind kind, const struct push_rule *rule, struct buf *out);

/* NULL when there is none. */
const struct push_rule *push_rules_find(const struct push_rules *rules, enum push_kind kind,
                                        struct str rule_id);

/* ---- editing: 0, or -1 with the answer to give, nothing changed ---- */

/* PUT /pushrules/global/{kind}/{ruleId}. before and after are STR_NONE when absent. body must
 * outlive the rules. 400: M_INVALID_PARAM (a reserved or malformed id, actions, conditions or
 * pattern), M_MISSING_PARAM, M_BAD_JSON, M_UNKNOWN (before or after is no rule of the user's),
 * M_TOO_LARGE past LIMIT_PUSH_RULES or LIMIT_PUSH_BYTES. */
int push_rules_put(struct push_rules *rules, enum push_kind kind, struct str rule_id,
                   const struct json *body, struct str before, struct str after,
                   struct err *err) MUST_USE;
/* 404; default rules cannot be deleted: 400 M_INVALID_PARAM. */
int push_rules_delete(struct push_rules *rules, enum push_kind kind, struct str rule_id,
                      struct err *err) MUST_USE;
/* 404. */
int push_rules_set_enabled(struct push_rules *rules, enum push_kind kind, struct str rule_id,
                           bool enabled, struct err *err) MUST_USE;
/* 404, or 400 when actions is no array of known shapes. The rule must exist before. */
int push_rules_set_actions(struct push_rules *rules, enum push_kind kind, struct str rule_id,
                           const struct json *actions, struct err *err) MUST_USE;

/* A room was upgraded: its room rule is copied to the new id, when there is one (client-server API,
 * "Room upgrades"). True when something changed. */
bool push_rules_copy_room(struct push_rules *rules, struct str old_room_id, struct str new_room_id);

/* ---- running ---- */

struct push_program;

/* Compiled, with one reference. It keeps nothing of the rules. */
struct push_program *push_program_new(const struct push_rules *rules) MUST_USE;
struct push_program *push_program_ref(struct push_program *program);
void push_program_unref(struct push_program *program);         /* NULL is allowed */
size_t push_program_bytes(const struct push_program *program); /* for a cache's accounts */

/* An event, made ready once for all its readers. Values that several users' rules look at (the
 * body, decoded) are kept in it, so it belongs to one thread. */
struct push_event;

struct push_facts {
    const struct json *event; /* as clients see it: content, type, sender, room_id, state_key… */
    struct str room_id;       /* the event's, also where the event does not carry it */
    int64_t joined_members;
    const struct power *power; /* levels of the room; NULL: nobody may notify it */
};
struct push_event *push_event_new(struct arena *arena, const struct push_facts *facts) MUST_USE;

struct push_reader {
    struct str user_id;
    struct str display_name; /* in that room; STR_NONE */
};

struct push_verdict {
    bool notify;
    bool highlight;
    struct str sound;   /* STR_NONE: silent */
    struct str actions; /* the rule's, raw JSON; "[]" when no rule matched */
    struct str rule_id; /* STR_NONE when no rule matched */
};

/* What the event does to this reader. Their own events do nothing. Strings are the program's. */
void push_evaluate(const struct push_program *program, struct push_event *event,
                   const struct push_reader *reader, struct push_verdict *ret_verdict);

#endif

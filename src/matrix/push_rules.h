/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_MATRIX_PUSH_RULES_H
#define CHAPPE_MATRIX_PUSH_RULES_H

/* The inside of push.h's struct push_rules. Private to the push_*.c files. */

#include "matrix/push.h"

struct push_list {
    struct push_rule *p; /* in the order they are tried */
    size_t n, capacity;
};

struct push_rules {
    struct arena *arena;
    struct push_list kinds[PUSH_KINDS];
};

#define PUSH_RULE_MASTER STR(".m.rule.master")

/* Adds the server's default rules; those that stand before the user's own, or those after. */
void push_default_add(struct push_rules *rules, bool before_own, struct str user_id);

/* Are these actions ones that a rule may have? */
bool push_actions_are_valid(const struct json *actions);
/* Without the historical ones, "dont_notify" and "coalesce". */
const struct json *push_actions_clean(struct arena *arena, const struct json *actions);

#endif

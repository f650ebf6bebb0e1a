/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/auth.h"
#include "matrix/state_res_run.h"

/* Iterative auth checks (rooms/v12): events are tried one by one against the state that those
 * before them made. */

struct slot {
    int64_t type, state_key;
};

static struct str slot_key(const struct slot *slot)
{
    return str_make(slot, sizeof *slot);
}

struct node *run_state_find(const struct run *run, int64_t type, int64_t state_key)
{
    struct slot slot = {type, state_key};
    return str_map_find(&run->state, slot_key(&slot));
}

static void state_put(struct run *run, struct node *node)
{
    struct slot slot = {node->event.type, node->event.state_key};
    (void)str_map_put(&run->state, slot_key(&slot), node);
}

/* The event being tried. */
struct trial {
    struct run *run;
    struct node *node;
};

/* In the state so far; version 2 began with the unconflicted map, 2.1 with nothing. */
static int find_in_state(struct run *run, struct str type_text, struct str key_text,
                         struct node **ret_node, struct err *err)
{
    int64_t type, key, event;
    int rc = run->source->find_name(run->source->arg, type_text, &type, err);
    if (rc > 0)
        rc = run->source->find_name(run->source->arg, key_text, &key, err);
    if (rc <= 0)
        return rc;
    *ret_node = run_state_find(run, type, key);
    if (*ret_node || run->version->state_resolution != STATE_RESOLUTION_2)
        return *ret_node != NULL;
    rc = run->conflict->find_common(run->conflict->arg, type, key, &event, err);
    if (rc <= 0)
        return rc;
    *ret_node = run_node(run, event);
    return run_load(run, *ret_node, err);
}

/* "…the appropriate state event from the event's auth_events is used if the auth event is not
 * rejected." */
static int find_in_cited(struct trial *trial, struct str type, struct str key,
                         struct node **ret_node, struct err *err)
{
    if (run_load_parents(trial->run, trial->node, err) != 0)
        return -1;
    for (size_t i = 0; i < trial->node->n_parents; i++) {
        struct node *parent = trial->node->parents[i];
        int rc = run_load(trial->run, parent, err);
        if (rc < 0)
            return -1;
        if (rc == 0 || parent->event.rejected || !pdu_is_state(parent->event.pdu, type, key))
            continue;
        *ret_node = parent;
        return 1;
    }
    return 0;
}

static int find_for_auth(void *context, struct str type, struct str key,
                         const struct pdu **ret_event, struct err *err)
{
    struct trial *trial = context;
    struct node *found = NULL;
    int rc = find_in_state(trial->run, type, key, &found, err);
    if (rc == 0)
        rc = find_in_cited(trial, type, key, &found, err);
    if (rc == 0 && trial->run->create && !trial->run->create->event.rejected &&
        pdu_is_state(trial->run->create->event.pdu, type, key)) {
        found = trial->run->create; /* 12: the room id cites it */
        rc = 1;
    }
    if (rc > 0)
        *ret_event = found->event.pdu;
    return rc;
}

int run_replay(struct run *run, const struct node_list *events, struct err *err)
{
    for (size_t i = 0; i < events->n; i++) {
        struct trial trial = {run, events->p[i]};
        struct err why = ERR_INIT;
        struct auth_input input = {
            .version = run->version,
            .event = events->p[i]->event.pdu,
            .state = {find_for_auth, &trial},
        };
        if (auth_check(&input, &why) == 0) {
            state_put(run, events->p[i]);
        } else if (why.kind != ERR_KIND_CLIENT) {
            *err = why;
            return -1;
        } /* else "the event is ignored" */
    }
    return 0;
}

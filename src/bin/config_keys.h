/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BIN_CONFIG_KEYS_H
#define CHAPPE_BIN_CONFIG_KEYS_H

/* The one table of configuration keys. Reading, `chappe config schema` and `chappe config show` are
 * driven by it; docs/ops/configuration.md is printed from it. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "bin/config_types.h"

struct config_key {
    const char *name; /* "log.level"; "N" in a name stands for the number of a list's item */
    const struct config_type *type;
    size_t offset;         /* in struct config; of an item's key, in its struct config_listen */
    const char *otherwise; /* the default, as one would write it; "{data}" is the data directory;
                              NULL: not set */
    const char *meaning;
    const char *words;     /* of a word: "debug|info|warn|error", in the order of its enum */
    const char *words_why; /* what to say of any other word */
    int64_t least, most;   /* of numbers, sizes and durations; in their stored unit */
    bool is_secret;        /* shown as *** */
    bool is_reloaded;      /* SIGHUP takes a new value */
    bool is_item;          /* of the list `listen` */
};

#define CONFIG_KEYS_MAX 112

/* The default of a switch that is on where registration.mode is email, and off elsewhere. */
#define CONFIG_EMAIL_MODE "{on in email mode}"

/* The same for a word: enforce where registration.mode is email, advisory elsewhere. */
#define CONFIG_EMAIL_GATE "{enforce in email mode}"

extern const struct config_key config_keys[];
extern const size_t config_keys_n;

/* The row of a key, where numbers match N (*ret_item is the number, or -1); NULL: no such key. */
const struct config_key *config_key_find(struct str name, int64_t *ret_item);

/* Keys of the plan that this version does not know yet: what to say of them. NULL: not one. */
const char *config_key_later(struct str name);

#endif

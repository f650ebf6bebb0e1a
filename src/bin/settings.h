/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BIN_SETTINGS_H
#define CHAPPE_BIN_SETTINGS_H

/* What the configuration file and the command line say, before anyone has judged it: keys with
 * their texts, in the order they were read, each with the place it came from. Nested mappings are
 * joined by dots, items of a list are numbered: "listen.0.tls.key". All text lives in the arena. */

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct setting {
    struct str key;
    struct str value; /* empty for a list, which comes before its items */
    struct str where; /* "chappe.yaml:12", "--set" */
    bool is_list;
    bool is_from_file; /* where a key can be given once only */
};

struct settings {
    struct arena *arena;
    struct setting *p;
    size_t n, capacity;
};

void settings_init(struct settings *settings, struct arena *arena);
void settings_add(struct settings *settings, struct str key, struct str value, struct str where);

/* "KEY=VALUE", as given to --set. -1: there is no "=" or no key. */
int settings_add_pair(struct settings *settings, struct str pair, struct err *err) MUST_USE;

/* Reads one YAML document. name is how errors call it. -1: err's detail is one line with name and
 * line. Anchors, aliases, tags and several documents are refused: a configuration needs none. */
int settings_add_yaml(struct settings *settings, struct str text, const char *name,
                      struct err *err) MUST_USE;

/* The same from a file of at most LIMIT_CONFIG_BYTES. */
int settings_add_file(struct settings *settings, const char *path, struct err *err) MUST_USE;

#endif

/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BIN_CONFIG_TYPES_H
#define CHAPPE_BIN_CONFIG_TYPES_H

/* The kinds of value a configuration key can have: how each is read from its text, and what is said
 * of it when the text is wrong. */

#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

struct config_key;

struct config_type {
    const char *name; /* in `chappe config schema` */
    /* Puts the value at `to`, whose C type goes with the kind. -1: *ret_why says what is wanted
     * ("must be on or off"); it never repeats the value, which may be a secret. */
    int (*parse)(struct arena *arena, const struct config_key *key, struct str text, void *to,
                 const char **ret_why);
};

extern const struct config_type config_type_text;     /* struct str */
extern const struct config_type config_type_path;     /* struct str, made absolute */
extern const struct config_type config_type_switch;   /* bool: on, off */
extern const struct config_type config_type_off;      /* bool: what can only be off for now */
extern const struct config_type config_type_word;     /* an enum: the key's words in its order */
extern const struct config_type config_type_count;    /* unsigned */
extern const struct config_type config_type_size;     /* int64_t bytes: "100 MiB", "4096" */
extern const struct config_type config_type_duration; /* int64_t ms: "5m", "12h", "30d" */
extern const struct config_type config_type_rate;     /* double a second, given a minute */
extern const struct config_type config_type_burst;    /* double */
extern const struct config_type config_type_address;  /* struct config_listen: "ADDR:PORT" */

extern const struct config_type config_type_server_name;    /* struct str */
extern const struct config_type config_type_url;            /* struct str */
extern const struct config_type config_type_host;           /* struct str */
extern const struct config_type config_type_database;       /* struct str */
extern const struct config_type config_type_media_store;    /* struct str: "path:DIR", "s3:…" */
extern const struct config_type config_type_scanner;        /* struct str */
extern const struct config_type config_type_mail_transport; /* struct str: "file:DIR", a URL */
extern const struct config_type config_type_email;          /* struct str */
extern const struct config_type config_type_secret;         /* struct str */
extern const struct config_type config_type_room_version;   /* struct str */
extern const struct config_type config_type_localpart;      /* struct str */
extern const struct config_type config_type_turn_uris;      /* struct str */
extern const struct config_type config_type_addresses;      /* struct str: IP addresses */
extern const struct config_type config_type_networks;       /* struct str */

#endif

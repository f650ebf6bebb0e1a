/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_IDENTITY_IDENTITY_H
#define CHAPPE_SERVICE_IDENTITY_IDENTITY_H

/* The domain map in force, and where an address belongs by it. Whoever starts the server gives the
 * reader of the map (the file's form is not this directory's business); it is called again on
 * SIGHUP and by `chappe domains reload`. A map that cannot be read leaves the old one in force. */

#include "matrix/email.h"
#include "service/identity/domain_map.h"
#include "service/use.h"

struct identity;

typedef int (*identity_reader)(void *arg, struct domain_map **ret_map, struct err *err);

/* Without a reader the built-in map of the demonstration is in force. */
struct identity *identity_new(struct str server_name);
void identity_free(struct identity *identity);
/* Reads the map now. Before the server is shared. -1: err's detail is a line for the operator. */
int identity_set_reader(struct server *server, identity_reader reader, void *arg,
                        struct err *err) MUST_USE;
/* *ret_n: addresses and domains of the new map, by which all accounts are looked at at once
 * (service/accounts/displaced.h). -1: the old one stays; any thread. */
int identity_reload(struct server *server, size_t *ret_n, struct err *err) MUST_USE;

/* 0 until the first map was read, and another number with each that is. */
int64_t identity_serial(struct identity *identity);

/* Where an address belongs, by the map alone. */
struct placement {
    struct str server; /* STR_NONE: nowhere, the map has no rule for it */
    struct str organisation;
    bool here; /* server is this one */
    bool external;
};
/* Texts are in the arena. */
struct placement identity_place(struct server *server, const struct email *email,
                                struct arena *arena);

#endif

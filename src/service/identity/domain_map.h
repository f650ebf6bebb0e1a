/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_IDENTITY_DOMAIN_MAP_H
#define CHAPPE_SERVICE_IDENTITY_DOMAIN_MAP_H

/* The domain map: from an e-mail address to the server it belongs to, its organisation, and whether
 * an account there is external. Exact addresses come first, then domains label by label, then the
 * default. It is built once by its reader, then immutable and shared by reference counts. */

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"
#include "matrix/email.h"

struct domain_map;

struct domain_rule {
    struct str server;       /* a Matrix server name */
    struct str organisation; /* STR_NONE: what the domain says (email_organisation) */
    bool external;
};

/* ---- building; one thread. Texts are copied. -1: err's detail says what is wrong, without the
 * place ---- */

struct domain_map *domain_map_new(void);
int domain_map_add_address(struct domain_map *map, struct str address,
                           const struct domain_rule *rule, struct err *err) MUST_USE;
/* "x.example" is that domain alone; "*.x.example" every name below it, however deep, and not
 * itself. Of several that match, the one with most labels decides. */
int domain_map_add_domain(struct domain_map *map, struct str domain, const struct domain_rule *rule,
                          struct err *err) MUST_USE;
int domain_map_set_default(struct domain_map *map, const struct domain_rule *rule,
                           struct err *err) MUST_USE;

/* The built-in map of the demonstration: interieur.example, culture.example and education.example
 * are agents of `server`, every other address is external there. */
struct domain_map *domain_map_new_demonstration(struct str server);

/* ---- using; any thread ---- */

/* The rule for an address; NULL: none, and no default. It lives as long as the map. */
const struct domain_rule *domain_map_find(const struct domain_map *map, const struct email *email);
size_t domain_map_count(const struct domain_map *map); /* addresses and domains */

struct domain_map *domain_map_ref(struct domain_map *map);
void domain_map_unref(struct domain_map *map); /* NULL is allowed */

#endif

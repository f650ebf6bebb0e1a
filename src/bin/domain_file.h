/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BIN_DOMAIN_FILE_H
#define CHAPPE_BIN_DOMAIN_FILE_H

/* The file of the domain map (`domains` in the configuration), in YAML:
 *
 *     addresses:                          # exact addresses, first
 *       - address: prefet@ville.example
 *         server: interieur.example
 *         organisation: Préfecture
 *     domains:                            # then domains, label by label
 *       - domain: interieur.example
 *         server: interieur.example
 *         organisation: Intérieur
 *       - domain: "*.interieur.example"   # every name below it
 *         server: interieur.example
 *     default:                            # then what is left
 *       server: externe.example
 *       external: true
 *
 * Nothing is guessed: an unknown member, a missing one, one that stands there twice and a wrong
 * value are errors with file and line. */

#include "service/config.h"
#include "service/identity/domain_map.h"
#include "service/server.h"

/* -1: err's detail is one line for the operator. */
int domain_file_read(const char *path, struct domain_map **ret_map, struct err *err) MUST_USE;
/* The same from a text; name is how errors call it. */
int domain_file_parse(struct str text, const char *name, struct domain_map **ret_map,
                      struct err *err) MUST_USE;

/* Puts the map of the configuration in force, if it names one, and has the server read that file
 * again when it is asked to. The configuration outlives the server. */
int domain_file_serve(struct server *server, const struct config *config, struct err *err) MUST_USE;

#endif

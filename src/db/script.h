/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_DB_SCRIPT_H
#define CHAPPE_DB_SCRIPT_H

/* Scripts: statements without parameters, separated by ";", with the words in braces of
 * db_run_script. What stands between {sqlite} and {/sqlite} is for that engine only, and likewise
 * {postgresql} and {/postgresql}. */

#include "base/buf.h"
#include "db/db.h"

/* The script as the engine takes it, ended by a NUL that buf_str counts. -1: an unknown word in
 * braces, or a section that does not end. */
int script_expand(const char *script, enum db_engine engine, struct buf *out,
                  struct err *err) MUST_USE;

/* Cuts the first statement off, without its ";". False at the end. */
bool script_next(struct str *rest, struct str *ret_statement);

#endif

/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BIN_ADMIN_CALL_H
#define CHAPPE_BIN_ADMIN_CALL_H

/* A command of service/admin, from the command line: inside the running server when there is one;
 * else in this process, which then holds the lock of the data directory. */

#include "base/arena.h"
#include "bin/options.h"
#include "json/doc.h"

/* args is a JSON object. COMMAND_OK with its answer, an object; or the exit status, with one line
 * said on standard error. */
int admin_call(struct arena *arena, const struct options *options, const char *command,
               struct str args, const struct json **ret_answer) MUST_USE;

/* Prints the answer's "lines" on standard output. COMMAND_OK or COMMAND_FAILED. */
int admin_print(const struct json *answer) MUST_USE;

/* Asks and prints page after page, for commands that list: each answer but the last has "next",
 * which is the "after" of the following one. Same statuses as admin_call. */
int admin_print_pages(struct arena *arena, const struct options *options,
                      const char *command) MUST_USE;

#endif

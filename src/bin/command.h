/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BIN_COMMAND_H
#define CHAPPE_BIN_COMMAND_H

/* The commands of `chappe`, one file each. A command gets its own words (argv without the program
 * and the command's name) and returns the exit status. */

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "bin/options.h"

/* Exit statuses scripts may rely on; 0 is success (sysexits.h where it has one). */
enum {
    COMMAND_OK = 0,
    COMMAND_FAILED = 1,
    COMMAND_USAGE = 64,       /* wrong words on the command line */
    COMMAND_UNAVAILABLE = 69, /* not there in this version */
    COMMAND_IN_USE = 75,      /* another process works in the data directory */
    COMMAND_CONFIG = 78,      /* a wrong key or value; nothing was started */
};

struct command {
    const char *name;
    const char *usage;   /* after the name */
    const char *summary; /* NULL: not for people, and not listed */
    int (*run)(struct arena *arena, int argc, char **argv);
};

int cmd_serve(struct arena *arena, int argc, char **argv);
int cmd_user(struct arena *arena, int argc, char **argv);
int cmd_notice(struct arena *arena, int argc, char **argv);
int cmd_read_page(struct arena *arena, int argc, char **argv);
int cmd_hold(struct arena *arena, int argc, char **argv);
int cmd_room(struct arena *arena, int argc, char **argv);
int cmd_media(struct arena *arena, int argc, char **argv);
int cmd_report(struct arena *arena, int argc, char **argv);
int cmd_token(struct arena *arena, int argc, char **argv);
int cmd_audit(struct arena *arena, int argc, char **argv);
int cmd_routes(struct arena *arena, int argc, char **argv);
int cmd_check(struct arena *arena, int argc, char **argv);
int cmd_backup(struct arena *arena, int argc, char **argv);
int cmd_restore(struct arena *arena, int argc, char **argv);
int cmd_key(struct arena *arena, int argc, char **argv);
int cmd_scan(struct arena *arena, int argc, char **argv);
int cmd_domains(struct arena *arena, int argc, char **argv);
int cmd_decode(struct arena *arena, int argc, char **argv);
int cmd_config(struct arena *arena, int argc, char **argv);
int cmd_version(struct arena *arena, int argc, char **argv);

/* Says one line on standard error and returns the status. */
int command_fail(int status, const char *format, ...) PRINTF(2, 3);

/* Parses the options and loads the configuration. 0, or the status to exit with, said already. */
int command_begin(struct arena *arena, int argc, char **argv, const struct option_row *own,
                  struct options *ret_options) MUST_USE;

#endif

/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BIN_OPTIONS_H
#define CHAPPE_BIN_OPTIONS_H

/* The command line after the command's name. The options that set the configuration are known to
 * every command; a command adds its own. "--name value" and "--name=value" are the same; "--" ends
 * options. All text lives in the arena or in argv. */

#include "base/arena.h"
#include "base/err.h"
#include "bin/settings.h"
#include "service/config.h"

#define OPTIONS_WORDS_MAX 4

/* An option of one command: it sets *flag, or takes a value. */
struct option_row {
    const char *name; /* "--admin" */
    bool *flag;
    const char **value;
};

struct options {
    struct arena *arena;
    const char *config_file;              /* NULL: none */
    struct settings given;                /* --set and its short forms */
    const char *words[OPTIONS_WORDS_MAX]; /* what is no option */
    size_t n_words;

    struct settings settings; /* after options_load: all of them */
    struct config config;
};

/* own ends with a row without a name; NULL: none. -1: err's detail says what is wrong. */
int options_parse(struct arena *arena, int argc, char **argv, const struct option_row *own,
                  struct options *ret_options, struct err *err) MUST_USE;

/* Reads the file and fills options->config. May be called again: the file is read anew. */
int options_load(struct options *options, struct err *err) MUST_USE;

#endif

/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BIN_APPSERVICE_FILE_H
#define CHAPPE_BIN_APPSERVICE_FILE_H

/* The registration files of application services (`appservices` in the configuration), in YAML, in
 * the form of the application service API, "Registration". Nothing is guessed: a member that is
 * missing or not understood, a pattern that is not known (base/pattern.h), a token that is short or
 * an example, and an id, token or sender that stands in two files are errors with file and line.
 * Members that other servers know and this one does not serve are named in the error, or passed
 * over where they ask for nothing (appservice_file.c). */

#include "service/appservice/registration.h"
#include "service/config.h"

/* Fills config->appservices, in the arena. paths: with commas between. -1: err's detail is one line
 * for the operator. */
int appservice_files_read(struct arena *arena, struct str paths, struct config *config,
                          struct err *err) MUST_USE;
/* One file's text; name is how errors call it. */
int appservice_file_parse(struct arena *arena, struct str text, const char *name,
                          struct str server_name, struct appservice *ret_as,
                          struct err *err) MUST_USE;

#endif

/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BIN_WEB_FILES_H
#define CHAPPE_BIN_WEB_FILES_H

/* Where the files of the web client are. */

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "service/config.h"

/* Puts the directory to serve into config->web_files: the one that was given, else "web" beside the
 * program, else "../share/chappe/web"; STR_NONE when none of those has an index.html or
 * web.client is off. -1: the directory that was given has none. */
int web_files_find(struct arena *arena, struct config *config, struct err *err) MUST_USE;

#endif

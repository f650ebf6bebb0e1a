/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BIN_CONFIG_H
#define CHAPPE_BIN_CONFIG_H

/* From settings to the configuration in force. Nothing is guessed: an unknown key, a key given
 * twice in the file and a wrong value are errors that name key and place, before anything is
 * started. What comes later wins: defaults, the file, the command line. */

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "bin/settings.h"
#include "service/config.h"

/* The configuration and all it points to live in the arena. -1: err's detail is one line for the
 * operator ("chappe.yaml:3: log.level: must be …"), which never repeats a value. */
int config_load(struct arena *arena, const struct settings *settings, struct config *ret_config,
                struct err *err) MUST_USE;

/* Every key with its value in force, in the form of the file; secrets are masked. */
void config_show(const struct settings *settings, const struct config *config, struct buf *out);

/* Every key with type, default and meaning: a Markdown table. */
void config_schema(struct buf *out);

#endif

/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BASE_PATTERN_H
#define CHAPPE_BASE_PATTERN_H

/* Regular expressions that an operator wrote, matched against texts that others chose (namespaces
 * of application services). The time is bounded by the length of the pattern times that of the
 * text, whatever both are: an automaton runs over the text once, and nothing is tried twice. So
 * there are no back-references and no look-around; what is not understood is refused, not guessed.
 *
 *   abc . [a-z] [^a-z] \d \w \s \D \W \S \.    bytes; of a text of several bytes a character, too
 *   ( ) (?: ) |    * + ? {2} {2,} {2,4}        "lazy" forms are the same: nothing is captured
 *   ^ $
 *
 * A pattern matches a text that begins with it, as deployed servers read them: `@irc_` matches
 * @irc_anna:example.org; end it with $ to mean the whole. Threads: a pattern is read-only. */

#include <stdbool.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"

struct pattern;

/* In the arena. -1: err's detail says what is wrong, for the operator. */
int pattern_parse(struct arena *arena, struct str text, const struct pattern **ret_pattern,
                  struct err *err) MUST_USE;
bool pattern_matches(const struct pattern *pattern, struct str text);

#endif

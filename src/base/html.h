/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BASE_HTML_H
#define CHAPPE_BASE_HTML_H

#include "base/buf.h"

/* Any text, escaped for an element's text or an attribute in quotes. */
void html_escape(struct buf *out, struct str text);

#endif

/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_MATRIX_NAMED_FILES_H
#define CHAPPE_MATRIX_NAMED_FILES_H

/* Which files of a server an event names, wherever in it (client-server API, "Matrix Content
 * (mxc://) URIs"). */

#include "base/str.h"

/* The media id of the next "mxc://SERVER/ID" in the text, which moves up to it; empty: there is no
 * more. The text is canonical JSON, which has one spelling of each; an id is of the letters
 * [A-Za-z0-9_-]. Linear in the text. */
struct str named_files_next(struct str *text, struct str server_name);

#endif

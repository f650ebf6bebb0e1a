/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_API_SCANNER_TABLES_H
#define CHAPPE_API_SCANNER_TABLES_H

/* The route table of the content scanner's API. */

#include "api/api.h"

extern const struct api_table api_scanner;

#endif

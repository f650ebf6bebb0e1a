/* SPDX-License-Identifier: EUPL-1.2 */
#include "net/h2.h"

#include "net/conn.h"

void h2_begin(struct conn *conn)
{
    conn_close(conn);
}

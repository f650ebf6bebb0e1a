/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_API_CLIENT_DELAYED_H
#define CHAPPE_API_CLIENT_DELAYED_H

#include "api/api.h"
#include "service/rooms/send.h"

/* The end of a handler of /send or /state that was given org.matrix.msc4140.delay. */
int api_send_delayed(struct request *rq, const struct sending *sending, struct str delay);

#endif

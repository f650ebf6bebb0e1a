/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BASE_ATTR_H
#define CHAPPE_BASE_ATTR_H

/* The compiler attributes the code uses, and nothing else. */

#define CLEANUP(fn)  __attribute__((cleanup(fn)))
#define MUST_USE     __attribute__((warn_unused_result))
#define PRINTF(a, b) __attribute__((format(printf, a, b)))
#define NORETURN     __attribute__((noreturn))

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif

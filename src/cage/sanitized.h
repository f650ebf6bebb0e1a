/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_CAGE_SANITIZED_H
#define CHAPPE_CAGE_SANITIZED_H

/* 1 in a build whose runtime needs more of the kernel than the program does (gcc and clang say so
 * each in its way). */

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CAGE_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define CAGE_SANITIZED 1
#endif
#endif
#ifndef CAGE_SANITIZED
#define CAGE_SANITIZED 0
#endif

#endif

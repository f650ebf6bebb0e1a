/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_FUZZ_HARNESS_H
#define CHAPPE_FUZZ_HARNESS_H

/* What libFuzzer and corpus_main.c call with each input. The bytes end at `size`: a read past them
 * is seen by the sanitizer. Returns 0. */

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif

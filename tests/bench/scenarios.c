/* SPDX-License-Identifier: EUPL-1.2 */
#include "bench/bench.h"

/* Each stands in scenario_NAME.c. (m) and (n) are unit benchmarks. */

extern const struct scenario scenario_sends, scenario_delivery, scenario_empty, scenario_initial,
    scenario_parked, scenario_hall, scenario_ministry, scenario_keys, scenario_search,
    scenario_media, scenario_start, scenario_disk;

const struct scenario *const scenarios[] = {
    &scenario_sends,  &scenario_delivery, &scenario_empty,    &scenario_initial,
    &scenario_parked, &scenario_hall,     &scenario_ministry, &scenario_keys,
    &scenario_search, &scenario_media,    &scenario_start,    &scenario_disk,
};

const size_t scenarios_n = ARRAY_LEN(scenarios);

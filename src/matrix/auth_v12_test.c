/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/auth_test_cases.h"

/* Hostile input STA-01: every numbered rule of version 12, once for and once against. */
int main(void)
{
    return auth_cases_run("12");
}

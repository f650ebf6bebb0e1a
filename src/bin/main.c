/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdio.h>

int main(int argc, char **argv)
{
    char line[64];
    snprintf(line, sizeof line, "chappe %d %s", argc, argv[0]);
    puts(line);
    return 0;
}

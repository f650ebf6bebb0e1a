/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/push_path.h"

#include "base/vec.h"

void push_path_parse(struct arena *arena, struct str text, struct push_path *ret_path)
{
    VEC(struct str) names = {0};
    char *name = arena_alloc(arena, text.n + 1, 1);
    size_t n = 0;
    for (size_t i = 0; i <= text.n; i++) {
        if (i == text.n || text.p[i] == '.') {
            ARENA_VEC_ADD(arena, &names, str_make(name, n));
            name += n;
            n = 0;
            continue;
        }
        if (text.p[i] == '\\' && i + 1 < text.n && (text.p[i + 1] == '.' || text.p[i + 1] == '\\'))
            i++;
        name[n++] = text.p[i];
    }
    *ret_path = (struct push_path){arena_str(arena, text), names.p, names.n};
}

const struct json *push_path_find(const struct push_path *path, const struct json *object)
{
    for (size_t i = 0; i < path->n && object; i++)
        object = json_find(object, path->names[i]);
    return object;
}

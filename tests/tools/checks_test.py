# SPDX-License-Identifier: EUPL-1.2
"""Each check of tools/check/ passes a good tree and names what is wrong in a bad one."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GOOD = {
    "src/base/str.h": "/* sprintf( in a comment, and goto */\nint str_x(void);\n",
    "src/base/README.md": "base\n",
    "src/README.md": "src\n",
    "src/net/http.c": '#include "net/http.h"\n#include <uv.h>\n#include "base/str.h"\n',
    "src/net/http_test.c": '#include "base/unit.h"\n',
    "src/net/meson.build": "dependency('libuv')\nx = [base_dep]\n",
    "src/net/README.md": "net\n",
    "src/store/event.c": 'static const char q[] = "SELECT id FROM event";\n',
    "src/store/README.md": "store\n",
}


class Checks(unittest.TestCase):
    def run_check(self, name, extra):
        with tempfile.TemporaryDirectory() as directory:
            for path, text in {**GOOD, **extra}.items():
                file = Path(directory, path)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
            done = subprocess.run([str(ROOT / "tools/check" / name), directory],
                                  capture_output=True, text=True)
        self.assertEqual(done.stderr, "")
        return done.returncode, done.stdout

    def refuses(self, name, extra, *words):
        status, output = self.run_check(name, extra)
        self.assertEqual(status, 1, output)
        for word in words:
            self.assertIn(word, output)
        self.assertEqual(len(output.splitlines()), 1, output)

    def accepts(self, name, extra):
        self.assertEqual(self.run_check(name, extra), (0, ""))

    def test_a_good_tree_passes(self):
        for name in ("layering", "banned", "sizes", "words", "readmes"):
            with self.subTest(name):
                self.accepts(name, {})

    def test_layering(self):
        for room, include in [
                ("base", '"json/doc.h"'), ("matrix", '"store/store.h"'), ("matrix", "<sqlite3.h>"),
                ("api", '"db/db.h"'), ("service", '"api/api.h"'), ("net", '"service/server.h"'),
                ("store", "<libpq-fe.h>"), ("service", "<yaml.h>"), ("net", '"base/unit.h"'),
                ("net", '"http.h"'), ("net", "<glib.h>"), ("net", '"../base/str.h"')]:
            with self.subTest(room + " " + include):
                self.refuses("layering", {f"src/{room}/x.c": f"int a;\n  #  include {include}\n"},
                             f"src/{room}/x.c:2:")
        self.refuses("layering", {"src/matrix/meson.build": "d = dependency('sqlite3')\n"},
                     "matrix/", "sqlite3")
        self.refuses("layering", {"src/matrix/meson.build": "deps = [base_dep, store_dep]\n"},
                     "matrix/", "store/")
        self.refuses("layering", {"src/extra/x.c": "int a;\n"}, "no room")
        self.accepts("layering", {"src/net/x.c": '/* #include "api/api.h" */\n'})

    def test_banned(self):
        for text in ["int a = sprintf(b, c);", "strcpy (a, b);", "x = atoi(y);", "goto out;",
                     "p = malloc(3);", "free(p);", "system(x);", "a = strdup(b);",
                     'q = "DELETE FROM event";', 'q = "SELECT a, b FROM event WHERE c";']:
            with self.subTest(text):
                self.refuses("banned", {"src/net/x.c": f"int a;\n{text}\n"}, "src/net/x.c:2:")
        self.refuses("banned", {"src/net/http_util.c": "int a;\n"}, "http_util")
        self.refuses("banned", {"src/net/common/x.c": "int a;\n"}, "src/net/common")
        for text in ["/* goto */ int a; // free(", 'x = "goto free(p)";', "arena_free(a); x->free(p);",
                     'x = "select a file from the list";', "int my_system(void);"]:
            with self.subTest(text):
                self.accepts("banned", {"src/net/x.c": text + "\n"})
        self.accepts("banned", {"src/base/mem.c": "free(p);\n"})
        self.accepts("banned", {"src/net/x_test.c": 'q = "DELETE FROM event";\n'})

    def test_sizes(self):
        def body(lines):
            return "int f(void)\n{\n" + "    x();\n" * (lines - 2) + "}\n"
        self.accepts("sizes", {"src/net/x.c": body(60)})
        status, output = self.run_check("sizes", {"src/net/x.c": body(100)})
        self.assertEqual(status, 0)
        self.assertIn("long: a function of 100 lines", output)
        self.refuses("sizes", {"src/net/x.c": body(101)}, "src/net/x.c:2:", "101")
        self.accepts("sizes", {"src/net/x.c": "int a;\n" * 800})
        self.refuses("sizes", {"src/net/x.c": "int a;\n" * 801}, "801")

    def test_words(self):
        for text in ["see /" + "work/main/x", "in /ro" + "ot/.config", "TO" + "DO: later",
                     "FIX" + "ME", "https://regis" + "try.npmjs.org/x",
                     '"resol' + 'ved": "https://x/y.tgz"']:
            with self.subTest(text):
                self.refuses("words", {"docs/x.md": f"line\n{text}\n"}, "docs/x.md:2:")
        self.accepts("words", {"docs/x.md": "net/wo" + "rk/x, the rooms of /rooms, todos\n"})

    def test_readmes(self):
        self.refuses("readmes", {"src/net/h2/x.c": "int a;\n"}, "src/net/h2/")
        self.refuses("readmes", {"tools/x": "x\n"}, "tools/")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"])

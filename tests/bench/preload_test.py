#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""usage: preload_test.py PRELOAD CHAPPE

What the preloader writes is a sound store, and its manifest says what is in it.
"""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PRELOAD, CHAPPE = sys.argv[1:3]
USERS, ROOMS, EVENTS = 60, 12, 2000


class Preload(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory(prefix="chappe_preload_")
        self.addCleanup(self.directory.cleanup)
        self.data = Path(self.directory.name) / "data"

    def preload(self, *options):
        return subprocess.run(
            [PRELOAD, self.data, "--events", str(EVENTS), "--rooms", str(ROOMS),
             "--users", str(USERS), *options], capture_output=True, text=True)

    def fill(self, *options, check=()):
        ran = self.preload(*options)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertIn(f"positions  {EVENTS}, ", ran.stdout)
        checked = subprocess.run([CHAPPE, "check", "--data", self.data, *check],
                                 capture_output=True, text=True)
        self.assertEqual((checked.returncode, checked.stdout), (0, ""), checked.stderr)

    def rooms(self):
        """User id → the ids of its rooms, as the manifest says."""
        lines = (self.data / "bench.tsv").read_text().splitlines()
        self.assertEqual(lines[0], "chappe-bench\t1\tlocalhost")
        self.assertRegex(lines[1], r"^room\tlargest\t!\S+$")
        users = [line.split("\t") for line in lines[2:]]
        self.assertEqual(len(users), USERS)
        self.assertEqual(len({token for _, token, _, _ in users}), USERS)
        return {user: [room for room in rooms.split(",") if room] for user, _, _, rooms in users}

    def test_usual(self):
        self.fill()
        rooms = self.rooms()
        self.assertEqual(len({room for of in rooms.values() for room in of}), ROOMS)
        forum = set.intersection(*(set(of) for of in rooms.values()))
        self.assertEqual(len(forum), 1, "all are in the forum, and in it alone")

    def test_wide(self):
        self.fill("--shape", "wide")
        rooms = self.rooms()
        self.assertEqual(len(rooms["@agent0:localhost"]), 10)
        self.assertEqual(len(rooms["@agent4:localhost"]), ROOMS)

    def test_forum(self):
        self.fill("--shape", "forum")
        self.assertTrue(all(self.rooms().values()))

    def test_twice(self):
        self.fill()
        again = self.preload()
        self.assertNotEqual(again.returncode, 0)
        self.assertIn("filled before", again.stderr)

    def test_wrong_options(self):
        for options in (["--shape", "round"], ["--bytes", "10"], ["--rooms", "-1"], ["--no"]):
            self.assertEqual(self.preload(*options).returncode, 64, options)
        self.assertFalse(self.data.exists())

    @unittest.skipUnless(os.environ.get("CHAPPE_TEST_PG_URI"), "no PostgreSQL")
    def test_postgresql(self):
        uri = os.environ["CHAPPE_TEST_PG_URI"]
        schema = f"preload_{os.getpid()}"
        subprocess.run(["psql", "-qX", uri, "-c", f"CREATE SCHEMA {schema}"], check=True)
        self.addCleanup(subprocess.run, ["psql", "-qX", uri, "-c", f"DROP SCHEMA {schema} CASCADE"],
                        stderr=subprocess.DEVNULL)
        ours = f"{uri}{'&' if '?' in uri else '?'}options=-csearch_path%3D{schema}"
        self.fill("--engine", ours, check=["--set", f"database={ours}"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])

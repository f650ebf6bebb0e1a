# SPDX-License-Identifier: EUPL-1.2
"""tools/run-tests counts what test programs say, and a program that dies counts as a failure."""

import importlib.machinery
import importlib.util
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
path = str(Path(__file__).resolve().parents[2] / "tools" / "run-tests")
loader = importlib.machinery.SourceFileLoader("run_tests", path)
run_tests = importlib.util.module_from_spec(importlib.util.spec_from_loader("run_tests", loader))
loader.exec_module(run_tests)

CMOCKA = "[==========] Running 3 test(s).\n[       OK ] a\n[==========] 3 test(s) run."


class Counts(unittest.TestCase):
    def counts(self, result, stdout="", stderr=""):
        return run_tests.count_test({"result": result, "stdout": stdout, "stderr": stderr})

    def test_cmocka(self):
        self.assertEqual(self.counts("OK", CMOCKA + "[  PASSED  ] 3 test(s).\n"), (3, 0, 0))
        self.assertEqual(self.counts("FAIL", CMOCKA + "\n[  PASSED  ] 1 test(s).\n"
                                     "[  FAILED  ] 2 test(s), listed below:\n[  FAILED  ] a\n"),
                         (1, 2, 0))
        self.assertEqual(self.counts("OK", "", CMOCKA + "[  PASSED  ] 2 test(s).\n"
                                     "[  SKIPPED ] 1 test(s), listed below:\n"), (2, 0, 1))

    def test_other_words(self):
        self.assertEqual(self.counts("OK", "", "Ran 16 tests in 0.6s\n\nOK\n"), (16, 0, 0))
        self.assertEqual(self.counts("OK", "8 passed, 0 failed\n"), (8, 0, 0))
        self.assertEqual(self.counts("FAIL", "7 passed, 1 failed, 2 skipped\n"), (7, 1, 2))
        self.assertEqual(self.counts("OK", "nothing to count"), (1, 0, 0))
        self.assertEqual(self.counts("SKIP", ""), (0, 0, 1))
        self.assertEqual(self.counts("EXPECTEDFAIL", "[==========]\n[  FAILED  ] 2 test(s)"), (1, 0, 0))
        self.assertEqual(self.counts("UNEXPECTEDPASS", CMOCKA + "[  PASSED  ] 3 test(s)."), (3, 1, 0))

    def test_what_dies_has_failed(self):
        self.assertEqual(self.counts("FAIL", CMOCKA), (0, 1, 0))
        self.assertEqual(self.counts("TIMEOUT", "8 passed, 0 failed\n"), (8, 1, 0))
        self.assertEqual(self.counts("FAIL", "", "Ran 16 tests in 0.6s\n"), (0, 1, 0))
        self.assertEqual(self.counts("ERROR", ""), (0, 1, 0))

    def test_what_failed_is_tried_once_more(self):
        good, bad = ({"name": name, "result": result, "stdout": ""}
                     for name, result in (("a", "OK"), ("b", "FAIL")))
        tests, named = run_tests.settle([good, bad], [{**bad, "result": "OK"}])
        self.assertEqual([test["result"] for test in tests], ["OK", "OK"])
        self.assertEqual(named, ["UNSTEADY: b: FAIL"])
        tests, named = run_tests.settle([good, bad], [{**bad, "result": "TIMEOUT"}])
        self.assertEqual([test["result"] for test in tests], ["OK", "TIMEOUT"])
        self.assertEqual(named, ["FAILED: b: TIMEOUT"])
        self.assertEqual(run_tests.settle([bad], [])[1], ["FAILED: b: FAIL"])

class Scripts(unittest.TestCase):
    def script(self, text):
        """A step of a lane: a script of that text."""
        path = Path(tempfile.mkdtemp(dir=self.directory.name)) / "script"
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
        return lambda tally: run_tests.run_script("S", [str(path)], tally)

    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)

    def test_the_last_count_is_taken(self):
        tally = run_tests.run_lane([self.script("echo 1 passed, 0 failed; echo 3 passed, 0 failed, 2 skipped")])
        self.assertEqual(str(tally), "3 passed, 0 failed, 2 skipped")

    def test_what_ends_badly_has_failed(self):
        for text in "exit 1", "exit 0", "echo 3 passed, 0 failed; exit 1", "kill -9 $$":
            self.assertEqual(run_tests.run_lane([self.script(text)]).failed, 1, text)

    def test_lanes_are_counted_together(self):
        # The first waits for the second: both run at a time.
        met = f"{self.directory.name}/met"
        tally = run_tests.Tally()
        run_tests.run_lanes([
            [self.script(f"mkfifo {met}; read line <{met}; echo 'UNSTEADY: a'; echo 2 passed, 0 failed"),
             self.script("echo 4 passed, 0 failed, 1 skipped")],
            [self.script(f"until [ -p {met} ]; do sleep 0.02; done; echo >{met}; "
                         "echo 'FAILED: b'; echo 8 passed, 1 failed; exit 1")],
        ], tally)
        self.assertEqual(str(tally), "14 passed, 1 failed, 1 skipped")
        self.assertEqual(sorted(tally.named), ["FAILED: b", "UNSTEADY: a"])


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"])

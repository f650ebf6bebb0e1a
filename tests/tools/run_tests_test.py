# SPDX-License-Identifier: EUPL-1.2
"""tools/run-tests counts what test programs say, and a program that dies counts as a failure."""

import importlib.machinery
import importlib.util
import sys
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


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"])

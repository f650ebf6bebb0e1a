# SPDX-License-Identifier: EUPL-1.2
"""usage: smoke_test.py BENCH CHAPPE

The load generator works: every scenario, tiny, over HTTP/1.1 and HTTP/2, plain and TLS. Nothing is
timed; what is looked at is that things were counted and that nothing was refused.
"""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

BENCH, CHAPPE = Path(sys.argv.pop(1)).resolve(), Path(sys.argv.pop(1)).resolve()
SECRET = "correct-horse-battery-staple-0123456789"
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import bars  # noqa: E402
import table  # noqa: E402


def scenarios():
    listed = subprocess.run([BENCH, "--list"], check=True, capture_output=True, text=True).stdout
    return [line.split()[1] for line in listed.splitlines()]


def self_signed(directory):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes", "-subj", "/CN=localhost", "-days", "2", "-out", f"{directory}/tls.crt",
                    "-keyout", f"{directory}/tls.key"], check=True, capture_output=True)
    return ["listen.0.address=127.0.0.1:0", f"listen.0.tls.certificate={directory}/tls.crt",
            f"listen.0.tls.key={directory}/tls.key"]


class Smoke(unittest.TestCase):
    def run_bench(self, names, *options, tls=False, settings=()):
        with tempfile.TemporaryDirectory(prefix="chappe-bench-") as directory:
            results = Path(directory) / "results.json"
            listen = self_signed(directory) if tls else ["listen=127.0.0.1:0"]
            command = [BENCH, "--server", CHAPPE, "--data", f"{directory}/data", "--size", "smoke",
                       "--json", results, *options]
            for setting in ["registration.mode=open", "rate_limits=off", "scanner.engine=none", *listen,
                            *settings]:
                command += ["--set", setting]
            done = subprocess.run([*command, *names], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            return json.loads(results.read_text())

    def looks_sound(self, run, names):
        self.assertEqual({case["scenario"] for case in run["cases"]}, set(names))
        for case in run["cases"]:
            self.assertGreater(case["n"], 0, case)
            self.assertEqual(case.get("errors", 0), 0, case)

    def test_every_scenario_over_http_1_1(self):
        run = self.run_bench(scenarios())
        self.looks_sound(run, scenarios())
        self.assertGreater(run["fsync_p50_ms"], 0)
        sends = next(c for c in run["cases"] if c["scenario"] == "sends")
        self.assertGreater(sends["server_cpu_us"], 0)
        self.assertLessEqual(sends["p50_ms"], sends["p99_ms"])

    def test_traffic_over_http_2(self):
        names = [name for name in scenarios() if name not in ("initial", "keys", "start", "disk")]
        run = self.run_bench(names, "--http2")
        self.looks_sound(run, names)
        self.assertEqual(run["protocol"], "HTTP/2")

    def test_tls(self):
        for options in ([], ["--http2"]):
            run = self.run_bench(["sends", "empty"], *options, tls=True)
            self.looks_sound(run, ["sends", "empty"])
            self.assertEqual(run["tls"], "yes")

    def test_signs_up_with_a_shared_secret(self):
        run = self.run_bench(["sends"], "--secret", SECRET,
                             settings=["registration.mode=closed", f"registration.shared_secret={SECRET}"])
        self.looks_sound(run, ["sends"])

    def test_a_refused_sign_up_is_told(self):
        with self.assertRaises(AssertionError) as caught:
            self.run_bench(["sends"], settings=["registration.mode=closed"])
        self.assertIn("register was answered 403", str(caught.exception))

    def test_a_stranger_s_manifest_is_refused(self):
        with tempfile.NamedTemporaryFile("w", suffix=".tsv") as manifest:
            manifest.write("something else\n")
            manifest.flush()
            with self.assertRaises(AssertionError) as caught:
                self.run_bench(["sends"], "--manifest", manifest.name)
        self.assertIn("is no manifest", str(caught.exception))


class Scripts(unittest.TestCase):
    def script(self, directory, name, *options):
        environment = {**os.environ, "CHAPPE_BENCH_OUT": directory,
                       "CHAPPE_BENCH_PROGRAMS": str(BENCH.parent)}
        done = subprocess.run([HERE / name, *options, "--size", "smoke"], env=environment,
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_run_keeps_its_results_and_tells_them(self):
        with tempfile.TemporaryDirectory(prefix="chappe-bench-") as directory:
            told = self.script(directory, "run", "--engine", "sqlite", "--events", "0",
                               "--scenario", "disk", "--server", str(CHAPPE))
            results = json.loads((Path(directory) / "latest.json").read_text())
            run = results["runs"][0]
            self.assertEqual([case["scenario"] for case in run["cases"]], ["disk", "disk"])
            self.assertGreater(run["event_json_bytes"], 900)
            self.assertIn("each commit fsynced", told)
            self.assertIn("| disk | a message |", table.markdown(results))

    def test_compare_prints_ratios(self):
        with tempfile.TemporaryDirectory(prefix="chappe-bench-") as directory:
            told = self.script(directory, "compare", str(CHAPPE), str(CHAPPE), "--rounds", "1",
                               "--scenario", "disk")
            self.assertRegex(told, r"disk +a message +bytes_each .* \d\.\d\d times (better|worse)")


class Bars(unittest.TestCase):
    def run_of(self, **case):
        return {"engine": "sqlite", "events": 0, "protocol": "HTTP/1.1", "tls": "no",
                "fsync_p50_ms": 0.5, "cases": [case]}

    def verdict(self, run, start):
        return next(holds for text, _, holds in bars.judge([run]) if text.startswith(start))

    def test_a_bar_holds_or_not(self):
        for rate, holds in ((5001, True), (4999, False)):
            run = self.run_of(scenario="sends", writers=10, rooms=1, per_second=rate)
            self.assertIs(self.verdict(run, "10 writers, one room"), holds)

    def test_a_slow_disk_is_no_verdict_on_sends(self):
        run = self.run_of(scenario="sends", writers=10, rooms=1, per_second=100)
        run["fsync_p50_ms"] = 4
        self.assertIsNone(self.verdict(run, "10 writers, one room"))

    def test_what_was_not_measured_is_not_judged(self):
        self.assertEqual({holds for _, _, holds in bars.judge([])}, {None})

    def test_cells_follow_their_columns(self):
        self.assertEqual(table.cells({"n": 3})[0], "3")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]])

# SPDX-License-Identifier: EUPL-1.2
"""usage: container_test.py PROGRAM

The container file passes its rules, and a worse one does not; the configuration that the document
shows is right. What comes of the file is tried by packaging/try-container --run (root, no engine).
"""

import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TRY = ROOT / "packaging/try-container"
GOOD = (ROOT / "packaging/Containerfile").read_text(encoding="utf-8")
PROGRAM = sys.argv.pop()


class ContainerFile(unittest.TestCase):
    def judge(self, text):
        with tempfile.TemporaryDirectory() as directory:
            file = Path(directory, "Containerfile")
            file.write_text(text, encoding="utf-8")
            done = subprocess.run([TRY, str(file)], capture_output=True, text=True, check=False)
        self.assertEqual(done.stderr, "")
        return done.returncode, done.stdout

    def test_the_file_is_right(self):
        self.assertEqual(self.judge(GOOD), (0, ""))

    def test_a_worse_one_is_refused(self):
        for before, after, words in (
                ("FROM debian:12 AS chappe", "FROM debian:latest AS chappe", "not on debian:12"),
                ("USER chappe", "USER root", "runs as root"),
                ("USER clamav\n", "", "runs as root"),
                ("--no-install-recommends", "", "only recommended"),
                (" && rm -rf /var/lib/apt/lists/*", " && rm -f x", "lists of packages"),
                ("EXPOSE 8008", "RUN curl http://example.org/", "fetches something"),
                ("EXPOSE 8008", "ADD x /x", "ADD is not expected"),
                ("EXPOSE 8008", "COPY packaging/absent /x", "packaging/absent"),
                ('VOLUME ["/var/lib/chappe"]', "", "wants a HEALTHCHECK, a VOLUME"),
        ):
            self.assertIn(before, GOOD)
            status, said = self.judge(GOOD.replace(before, after))
            self.assertEqual(status, 1, before)
            self.assertIn(words, said)

    def test_the_configuration_of_the_document_is_right(self):
        text = (ROOT / "docs/ops/container.md").read_text(encoding="utf-8")
        config = re.search(r"```yaml\n(.*?)```", text, re.S)[1]
        with tempfile.TemporaryDirectory() as directory:
            domains = ROOT / "packaging/domains.yaml.example"
            config = config.replace("/etc/chappe/domains.yaml", str(domains))
            config = config.replace("/var/lib/chappe", directory + "/data")
            file = Path(directory, "chappe.yaml")
            file.write_text(config, encoding="utf-8")
            done = subprocess.run([PROGRAM, "config", "check", "--config", str(file)],
                                  capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()

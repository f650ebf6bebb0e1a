# SPDX-License-Identifier: EUPL-1.2
"""One step of a benchmark: a server with a store of its own, and the generator."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

ROOT = Path(__file__).resolve().parents[2]
# The tests of the benchmark put their results elsewhere, and take the programs of their own build.
OUT = Path(os.environ.get("CHAPPE_BENCH_OUT", ROOT / "build" / "bench"))
PROGRAMS = Path(os.environ.get("CHAPPE_BENCH_PROGRAMS", ROOT / "build" / "tests" / "bench"))
SERVER = ROOT / "build" / "chappe"
# fsync is PostgreSQL's default; the memory is that of a small installation, not of a test.
POSTGRES_OPTIONS = "-c fsync=on -c shared_buffers=256MB -c max_wal_size=2GB"
PRELOADED_PASSWORD = "mot de passe du banc"
DURABILITY = {"sqlite": "each commit fsynced (WAL, synchronous=FULL)",
              "postgresql": "each commit fsynced (fsync=on, synchronous_commit=on)"}


class Failed(Exception):
    pass


def say(words):
    print(words, file=sys.stderr, flush=True)


def self_signed(directory):
    certificate, key = directory / "tls.crt", directory / "tls.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes", "-subj", "/CN=localhost", "-days", "2", "-out", certificate,
                    "-keyout", key], check=True, capture_output=True)
    return ["listen.0.address=127.0.0.1:0", f"listen.0.tls.certificate={certificate}",
            f"listen.0.tls.key={key}"]


class Postgres:
    """The cluster of tools/with-postgres: a fresh database for each step."""

    def __init__(self):
        self.uri = os.environ["CHAPPE_TEST_PG_URI"]
        parts = urlsplit(self.uri)
        self.socket = parse_qs(parts.query)["host"][0]
        self.directory = Path(self.socket) / "data"
        self.n = 0

    def new(self):
        self.n += 1
        name = f"bench{os.getpid()}_{self.n}"
        subprocess.run(["psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-d", self.uri, "-c",
                        f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' "
                        "LC_CTYPE 'C'"], check=True)
        return self.uri.replace("/postgres?", f"/{name}?")

    def options(self):
        pid = (self.directory / "postmaster.pid").read_text().split()[0]
        return ["--database-pid", pid, "--database-directory", str(self.directory / "base")]


def preload(data, step):
    """Puts the store of a step there; False when nothing can make one here.

    The store is made once and kept; each step gets a copy."""
    program, kept = PROGRAMS / "preload", OUT / f"store-{step.events}-{step.users or step.people}"
    if not program.exists():
        return False
    manifest = kept / "bench.tsv"
    if not manifest.exists() or manifest.stat().st_mtime < program.stat().st_mtime:
        say(f"preloading {step.events:,} events" + (f", {step.people:,} people" if step.people else ""))
        begun = time.monotonic()
        shutil.rmtree(kept, ignore_errors=True)
        people = ["--users", str(step.users), "--rooms", str(step.users // 2)] if step.users else []
        if step.people:
            people = ["--users", str(step.people), "--rooms", "2", "--shape", "wide"]
        subprocess.run([program, kept, "--events", str(step.events), *people], check=True,
                       stdout=subprocess.DEVNULL)
        say(f"  {time.monotonic() - begun:.0f} s")
    shutil.copytree(kept, data)
    os.sync()  # or the copy would be written while the server is measured
    return True


def event_json_bytes(data):
    """Mean size of a message's canonical JSON as Chappe keeps it: the bar on disk is told in it."""
    import sqlite3
    try:
        with sqlite3.connect(f"file:{data}/chappe.db?mode=ro", uri=True) as db:
            return db.execute("SELECT avg(length(json)) FROM event WHERE "
                              "CAST(json AS TEXT) LIKE '%ciphertext%'").fetchone()[0]
    except sqlite3.Error:
        return None


def generate(options, scenarios):
    """One run of the generator; its results."""
    with tempfile.NamedTemporaryFile(suffix=".json", dir=OUT) as results:
        command = [PROGRAMS / "bench", *options, "--json", results.name, *scenarios]
        done = subprocess.run(command, stdout=subprocess.DEVNULL)
        if done.returncode:
            raise Failed(f"the generator ended with {done.returncode} in {', '.join(scenarios)}")
        return json.loads(Path(results.name).read_text())


def sizes(args):
    options = ["--size", args.size]
    for name in ("seconds", "warm"):
        if getattr(args, name) is not None:
            options += [f"--{name}", str(getattr(args, name))]
    return options


def antivirus():
    """The clamd of tools/with-clamd, where files are part of what is measured."""
    socket = os.environ.get("CHAPPE_TEST_CLAMD")
    return f"clamd:unix:{socket}" if socket else "none"


def run_web(step, args):
    """What the web client's users wait for: a browser, and a server of its own (tests/e2e/bench)."""
    with tempfile.NamedTemporaryFile(suffix=".json", dir=OUT) as results:
        command = [ROOT / "tests" / "e2e" / "bench" / "run", "--size", args.size, "--json", results.name]
        if subprocess.run(command, stdout=subprocess.DEVNULL).returncode:
            raise Failed("the browser did not come to the end of what is measured in it")
        return {"engine": step.engine, "events": step.events,
                **json.loads(Path(results.name).read_text())}


def run_step(step, args, postgres):
    if step.scenarios == ["web"]:
        return run_web(step, args)
    directory = Path(tempfile.mkdtemp(prefix="step-", dir=OUT))
    data = directory / "data"
    try:
        preloaded = step.events or step.people
        if preloaded and not preload(data, step):
            say(f"left out: {', '.join(step.scenarios)} on {step.events:,} events (no preloader)")
            return None
        settings = [f"registration.mode={step.mode}", "rate_limits=off", "log.level=warn",
                    f"scanner.engine={antivirus()}", *args.set]
        settings += self_signed(directory) if step.tls else ["listen=127.0.0.1:0"]
        options = ["--server", str(args.server), "--data", str(data), "--label", "chappe",
                   "--durability", DURABILITY[step.engine], *sizes(args)]
        if preloaded:
            options += ["--password", PRELOADED_PASSWORD]
        if step.http2:
            options.append("--http2")
        if step.engine == "postgresql":
            settings.append(f"database={postgres.new()}")
            options += postgres.options()
        for setting in settings:
            options += ["--set", setting]
        run = generate(options, step.scenarios)
        if "disk" in step.scenarios and step.engine == "sqlite":
            run["event_json_bytes"] = event_json_bytes(data) or 0
        return {"engine": step.engine, "events": step.events, **run}
    except Failed:
        log = Path(f"{data}.log")
        say("\n".join(log.read_text(errors="replace").splitlines()[-5:]) if log.exists() else "")
        raise
    finally:
        shutil.rmtree(directory, ignore_errors=True)

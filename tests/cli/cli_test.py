# SPDX-License-Identifier: EUPL-1.2
"""usage: cli_test.py PROGRAM [unittest arguments]

The commands as a script sees them (CONTRIBUTING.md, "Exit statuses").
"""

import contextlib
import hashlib
import http.client
import io
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import unittest
from pathlib import Path

PROGRAM = str(Path(sys.argv.pop(1)).resolve())
SECONDS = 30  # a machine under load; only a failure takes so long
OK, FAILED, USAGE, UNAVAILABLE, IN_USE, CONFIG = 0, 1, 64, 69, 75, 78
OWN = "@chappe:localhost"  # of the demonstration's forum


class Server:
    """`chappe serve` on a free port, ready; stopped at the end of the with."""

    def __init__(self, data, *words, env=None):
        self.process = subprocess.Popen(
            [PROGRAM, "serve", "--data", str(data), "--listen", "127.0.0.1:0", *words],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, **(env or {})})

    def __enter__(self):
        self.ready = self.process.stdout.readline()
        if not self.ready:
            raise AssertionError("not ready: " + self.process.communicate()[1])
        self.port = int(self.ready.rsplit(":", 1)[1])
        return self

    def wait_for_log(self, event):
        """The line of that event; lines before it are dropped."""
        for line in self.process.stderr:
            if f'"event":"{event}"' in line:
                return line
        raise AssertionError(f"the server ended without {event}")

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        return self.process.wait(SECONDS)

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


class Cli(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="chappe-cli-")
        self.addCleanup(directory.cleanup)
        self.base = Path(directory.name)
        self.data = self.base / "data"

    def run_it(self, *words, status=OK, env=None):
        done = subprocess.run([PROGRAM, *map(str, words)], capture_output=True, text=True,
                              timeout=SECONDS, cwd=self.base, env={**os.environ, **(env or {})})
        self.assertEqual(done.returncode, status, (words, done.stdout, done.stderr))
        return done

    def refuses(self, *words, status, says):
        """One line on standard error, nothing on standard output, nothing started."""
        done = self.run_it(*words, status=status)
        self.assertEqual(done.stdout, "")
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertIn(says, done.stderr)
        self.assertFalse(self.data.exists())

    def file(self, name, text, mode=0o600):
        path = self.base / name
        path.write_text(text)
        path.chmod(mode)
        return path

    # ---- words ----

    def test_usage(self):
        self.assertIn("usage: chappe", self.run_it(status=USAGE).stderr)
        self.assertIn("usage: chappe", self.run_it("help").stdout)
        self.assertIn("usage: chappe", self.run_it("--help").stdout)
        # For the server alone.
        self.assertNotIn("decode", self.run_it("help").stdout)
        self.refuses("decode", "image.png", status=USAGE, says="decode takes no words")
        for words, says in [(["dance"], '"dance"'), (["serve", "--dance"], "--dance"),
                            (["serve", "now"], "now"), (["serve", "--data"], "--data"),
                            (["config"], "config show"), (["key"], "key rotate"),
                            (["user"], "user add"), (["user", "add", "x"], "--password-file"),
                            (["user", "list", "x"], "user list"), (["backup"], "backup FILE"),
                            (["restore"], "restore FILE"), (["audit"], "audit list"),
                            (["token", "x"], "token add"), (["room"], "room orphans"),
                            (["media"], "media show"), (["media", "show"], "media show"),
                            (["domains"], "domains check"),
                            (["config", "a", "b", "c", "d", "e"], "too many")]:
            with self.subTest(words):
                self.refuses(*words, status=USAGE, says=says)

    def test_version(self):
        lines = self.run_it("version").stdout.splitlines()
        self.assertRegex(lines[0], r"^chappe \d+\.\d+\.\d+$")
        self.assertRegex(lines[1], r"^commit \w+$")
        self.assertTrue(any(line.startswith("libsodium ") for line in lines))

    def test_routes(self):
        lines = self.run_it("routes").stdout.splitlines()
        self.assertTrue(lines)
        for line in lines:
            self.assertRegex(line, r"^(GET|HEAD|POST|PUT|DELETE|OPTIONS)\t/[^\t]*$")
        self.assertEqual(len(lines), len(set(lines)))

    # ---- the domain map ----

    MAP = """
addresses:
  - {address: chef@gouv.example, server: one.example, organisation: Cabinet}
domains:
  - {domain: gouv.example, server: localhost, organisation: Gouvernement}
  - {domain: "*.ac.example", server: education.example}
  - {domain: "*.paris.ac.example", server: paris.example}
default: {server: externe.example, external: true}
"""

    def placed(self, address, *words):
        """What `domains test` says of an address, as a dictionary; None: no address."""
        done = subprocess.run([PROGRAM, "domains", "test", *words, "--", address], text=True,
                              capture_output=True, timeout=SECONDS, cwd=self.base, check=False)
        if done.returncode == FAILED:
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
            return None
        self.assertEqual(done.returncode, OK, done.stderr)
        return dict(line.split("\t", 1) for line in done.stdout.splitlines())

    def test_domains_on_tricky_addresses(self):
        path = self.file("map.yaml", self.MAP)
        words = ["--set", f"domains={path}"]
        self.assertEqual(self.run_it("domains", "check", path).stdout, "4\n")
        for address, server in [
                ("a@gouv.example", "localhost"), ("A.B@GOUV.example", "localhost"),
                ("chef@gouv.example", "one.example"), ("Chef@Gouv.Example", "one.example"),
                ("xchef@gouv.example", "localhost"), ("a@evilgouv.example", "externe.example"),
                ("a@gouv.example.evil.org", "externe.example"),
                ("a@sub.gouv.example", "externe.example"), ("a@ac.example", "externe.example"),
                ("a@lyon.ac.example", "education.example"),
                ("a@paris.ac.example", "education.example"),
                ("a@x.paris.ac.example", "paris.example"),
                ("a@xparis.ac.example", "education.example"),
                ("a+tag@gouv.example", "localhost"), ("o'brien@gouv.example", "localhost"),
                ("a@xn--gouv-abc.example", "externe.example")]:
            with self.subTest(address):
                said = self.placed(address, *words)
                self.assertEqual(said["server"], server)
                self.assertEqual(said["address"], address.lower())
                self.assertEqual(said["external"], "yes" if "externe" in server else "no")
        for address in ["a@evil.org@gouv.example", "a@evil.org@real@gouv.example", "a", "@", "",
                        "X <a@gouv.example>", "a@evil.org,b@gouv.example", "a@gouv.example.",
                        '"a@gouv.example"@evil.org', "a@[127.0.0.1]", "a%evil.org@gouv.example",
                        "evil.org!a@gouv.example", "a@gouv.example\r\nBcc: x@evil.org",
                        " a@gouv.example", "a@gouv.example ", "a\t@gouv.example",
                        "a\uff20gouv.example", "a@g\u043euv.example", "a(c)@gouv.example",
                        "a..b@gouv.example", "a@gouv", "=?utf-8?q?a?=@gouv.example",
                        "a@gouv.example" + "x" * 300]:
            with self.subTest(address):
                self.assertIsNone(self.placed(address, *words))

    def test_names_by_the_map(self):
        path = self.file("map.yaml", self.MAP)
        said = self.placed("Jean-Pierre.Dupont@gouv.example", "--set", f"domains={path}")
        self.assertEqual(said["organisation"], "Gouvernement")
        self.assertEqual(said["user_id"], "@jean-pierre.dupont-gouv.example:localhost")
        self.assertEqual(said["display_name"], "Jean-Pierre Dupont [Gouv]")
        # The built-in map makes three ministries agents of this server, whatever its name.
        said = self.placed("a@education.example", "--server-name", "chez.moi")
        self.assertEqual((said["server"], said["external"]), ("chez.moi", "no"))
        said = self.placed("a@partenaire.example", "--server-name", "chez.moi")
        self.assertEqual((said["server"], said["external"]), ("chez.moi", "yes"))

    def test_a_wrong_map_is_named_with_its_line(self):
        path = self.file("map.yaml", "domains:\n  - {domain: a.b, server: c.d}\n  - {domain: a.b}\n")
        self.refuses("domains", "check", path, status=CONFIG, says=f"{path}:3: server is missing")
        self.refuses("domains", "test", "a@b.c", "--set", f"domains={path}", status=CONFIG,
                     says=f"{path}:3:")
        self.refuses("domains", "check", self.base / "absent", status=CONFIG, says="absent")
        self.refuses("serve", "--data", self.data, "--set", f"domains={path}", status=CONFIG,
                     says=f"{path}:3: server is missing")

    def test_the_map_is_read_again(self):
        path = self.file("map.yaml", self.MAP)
        command = ["domains", "reload", "--data", self.data]
        with Server(self.data, "--set", f"domains={path}") as server:
            server.wait_for_log("ready")
            self.assertEqual(self.run_it(*command).stdout, "4\n")
            path.write_text("domains: []\n")
            self.assertEqual(self.run_it(*command).stdout, "0\n")
            path.write_text("domains: no\n")
            self.assertIn("map.yaml:1:", self.run_it(*command, status=FAILED).stderr)
            server.process.send_signal(signal.SIGHUP)
            self.assertIn("map.yaml:1:", server.wait_for_log("reload_failed"))
            path.write_text(self.MAP)
            server.process.send_signal(signal.SIGHUP)
            server.wait_for_log("reloaded")
            self.assertEqual(server.stop(), OK)

    # ---- configuration ----

    def test_wrong_configuration_starts_nothing(self):
        bad = self.file("bad.yaml", "server_name: a.example\nlog:\n  level: loud\n")
        for command in (["serve"], ["config", "show"], ["routes"], ["user", "list"]):
            for words, says in [(["--config", bad], f"{bad}:3: log.level:"),
                                (["--set", "log.level=loud"], "--set: log.level:"),
                                (["--set", "nothing=1"], "nothing: no such key"),
                                (["--listen", "nowhere"], "--listen: listen:"),
                                (["--set", "registration.mode=mail"], "registration.mode:"),
                                (["--set", "mail.transport=x"], "mail.transport:"),
                                (["--set", "registration.shared_secret=changeme"], "well-known"),
                                (["--set", "federation=on"], "federation:"),
                                (["--config", self.base / "absent.yaml"], "absent.yaml:")]:
                with self.subTest(command + words):
                    self.refuses(*command, "--data", self.data, *words, status=CONFIG, says=says)

    def test_sign_up_by_mail_wants_a_map(self):
        for words in (["--listen", "0.0.0.0:0"], ["--set", "public_url=https://chappe.example"],
                      ["--set", "mail.transport=smtp://mail.example", "--set",
                       "mail.from=a@b.example"]):
            with self.subTest(words):
                self.refuses("serve", "--data", self.data, *words, status=CONFIG,
                             says="domains is missing")
        path = self.file("map.yaml", self.MAP)
        self.refuses("serve", "--data", self.data, "--listen", "0.0.0.0:0", "--set",
                     f"domains={path}", status=CONFIG, says="public_url is missing")

    def test_a_secret_is_never_shown(self):
        secret = "kG7-fyw2-unusual-value"
        shown = self.run_it("config", "show", "--set", f"registration.shared_secret={secret}")
        self.assertNotIn(secret, shown.stdout + shown.stderr)
        self.assertIn('registration.shared_secret: "***"', shown.stdout)
        done = self.run_it("serve", "--set", f"registration.shared_secret={secret[:9]}",
                           status=CONFIG)
        self.assertNotIn(secret[:9], done.stderr)

    def test_schema_is_the_documented_one(self):
        schema = self.run_it("config", "schema").stdout
        documented = (Path(__file__).resolve().parents[2] / "docs/ops/configuration.md").read_text()
        self.assertIn(schema, documented, "print it anew: chappe config schema")

    # ---- keys ----

    def test_key_rotation(self):
        self.refuses("key", "show", "--data", self.data, status=FAILED, says="signing.key")
        with Server(self.data) as server:
            self.assertEqual(server.stop(), OK)
        key_file = self.data / "signing.key"
        self.assertEqual(key_file.stat().st_mode & 0o7777, 0o600)
        seed = key_file.read_text().split()[2]
        before = self.run_it("key", "show", "--data", self.data).stdout.splitlines()
        rotated = self.run_it("key", "rotate", "--data", self.data)
        after = rotated.stdout.splitlines()
        self.assertEqual(len(before), 1)
        self.assertEqual(len(after), 2)
        self.assertNotEqual(before[0], after[0])
        self.assertTrue(after[1].startswith("old_" + before[0] + " "))
        for text in (rotated.stdout, rotated.stderr, key_file.read_text(),
                     (self.data / "signing.key.old").read_text()):
            self.assertNotIn(seed, text)
        with Server(self.data) as server:
            self.assertIn(after[0].split()[1], server.wait_for_log("ready"))

    def test_a_running_server_takes_the_new_key(self):
        with Server(self.data) as server:
            before = self.run_it("key", "show", "--data", self.data).stdout.splitlines()
            after = self.run_it("key", "rotate", "--data", self.data).stdout.splitlines()
            key_id = after[0].split()[1]
            self.assertNotEqual(before[0], after[0])
            self.assertIn(key_id, server.wait_for_log("signing_key_rotated"))
            self.assertEqual([line[3:5] for line in self.answers("audit", "list")],
                             [["key.rotate", key_id]])
            self.assertEqual(self.run_it("key", "show", "--data", self.data).stdout.splitlines(),
                             after)
            self.assertEqual(server.stop(), OK)
        self.assertFalse((self.data / "signing.key.next").exists())
        with Server(self.data) as server:
            self.assertIn(key_id, server.wait_for_log("ready"))
            self.assertEqual(server.stop(), OK)

    def test_a_key_others_can_read_is_refused(self):
        self.data.mkdir()
        (self.data / "signing.key").write_text("ed25519 a_x " + "A" * 43 + "\n")
        (self.data / "signing.key").chmod(0o644)
        done = self.run_it("serve", "--data", self.data, "--listen", "127.0.0.1:0", status=FAILED)
        self.assertIn("chmod 0600", done.stderr)
        self.assertEqual(done.stdout, "")

    # ---- the server ----

    def test_start_answer_stop(self):
        with Server(self.data) as server:
            self.assertRegex(server.ready, r"^ready http://127\.0\.0\.1:\d+\n$")
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=SECONDS)
            connection.request("GET", "/_matrix/client/versions")
            self.assertEqual(connection.getresponse().status, 200)
            connection.close()
            self.assertEqual(self.data.stat().st_mode & 0o7777, 0o700)
            self.assertEqual(server.stop(), OK)
            self.assertFalse((self.data / "admin.sock").exists())
            self.assertEqual(server.process.stdout.read(), "")

    def test_interrupt_stops_too(self):
        with Server(self.data) as server:
            self.assertEqual(server.stop(signal.SIGINT), OK)

    def test_data_directory_is_for_one(self):
        with Server(self.data) as server:
            done = self.run_it("serve", "--data", self.data, "--listen", "127.0.0.1:0",
                               status=IN_USE)
            self.assertIn(f"in use by process {server.process.pid}", done.stderr)
            server.process.kill()
            server.process.wait(SECONDS)
        with Server(self.data) as server:  # nothing the killed one left stands in the way
            self.assertEqual(server.stop(), OK)

    def test_a_port_in_use_is_said(self):
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            done = self.run_it("serve", "--data", self.data, "--listen", f"127.0.0.1:{port}",
                               status=FAILED)
            self.assertRegex(done.stderr, rf"chappe: .*{port}.*in use")

    def test_reload(self):
        config = self.file("c.yaml", "log:\n  level: info\n")
        with Server(self.data, "--config", str(config)) as server:
            server.wait_for_log("ready")
            config.write_text("log:\n  level: loud\n")
            server.process.send_signal(signal.SIGHUP)
            self.assertIn("log.level", server.wait_for_log("reload_failed"))
            config.write_text("log:\n  level: debug\n")
            server.process.send_signal(signal.SIGHUP)
            server.wait_for_log("reloaded")
            self.assertEqual(server.stop(), OK)

    def test_the_service_manager_is_told(self):
        path = str(self.base / "notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(path)
            manager.settimeout(SECONDS)
            env = {"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "20000"}
            with Server(self.data, env=env) as server:
                self.assertEqual(manager.recv(100), b"READY=1")
                self.assertEqual(manager.recv(100), b"WATCHDOG=1")
                self.assertEqual(server.stop(), OK)
                last = b"WATCHDOG=1"
                while last == b"WATCHDOG=1":
                    last = manager.recv(100)
                self.assertEqual(last, b"STOPPING=1")

    # ---- commands inside the server and without it ----

    def test_unknown_to_the_server(self):
        with Server(self.data):
            request = b'{"command":"no.such","args":{}}'
            for text, says in [(request, b"no.such"), (b"{", b"M_NOT_JSON"),
                               (b'{"command":1,"args":{}}', b"M_BAD_JSON"), (b"", b"M_NOT_JSON")]:
                with socket.socket(socket.AF_UNIX) as peer:
                    peer.settimeout(SECONDS)
                    peer.connect(str(self.data / "admin.sock"))
                    peer.sendall(text)
                    peer.shutdown(socket.SHUT_WR)
                    answer = b"".join(iter(lambda: peer.recv(4096), b""))
                self.assertIn(b'"ok":false', answer)
                self.assertIn(says, answer)


    # ---- administering ----

    def answers(self, *words, status=OK):
        """The fields of each line of a command's answer."""
        done = self.run_it(*words, "--data", self.data, status=status)
        return [line.split("\t") for line in done.stdout.splitlines()]

    def check_accounts(self):
        password = self.file("password", "un mot de passe\n")
        self.answers("user", "add", "chef", "--password-file", password, "--admin")
        self.answers("user", "add", "agent", "--password-file", password)
        for words in (["lock", "agent"], ["suspend", "@agent:localhost"]):
            self.answers("user", *words)
        listed = [line[:2] for line in self.answers("user", "list") if line[0] != OWN]
        self.assertEqual(listed, [["@chef:localhost", "admin"],
                                  ["@agent:localhost", "locked,suspended"]])
        for words in (["unlock", "agent"], ["unsuspend", "agent"]):
            self.answers("user", *words)
        self.assertIn(["state", "-"], self.answers("user", "show", "agent"))
        self.answers("user", "password", "agent", "--password-file", password)
        self.answers("user", "deactivate", "agent")
        self.assertIn(["state", "deactivated"], self.answers("user", "show", "agent"))
        self.assertIn(["password", "no"], self.answers("user", "show", "agent"))
        for words, says in [(["show", "nobody"], "nobody"),
                            (["add", "agent", "--password-file", password], "taken"),
                            (["password", "agent", "--password-file", password], "closed"),
                            (["add", "A b", "--password-file", password], "user name")]:
            done = self.run_it("user", *words, "--data", self.data, status=FAILED)
            self.assertIn(says, done.stderr)
        acts = [line[2:5] for line in self.answers("audit", "list")]
        self.assertEqual(acts, [["operator", action, f"@{name}:localhost"] for action, name in [
            ("user.add", "chef"), ("user.add", "agent"), ("user.lock", "agent"),
            ("user.suspend", "agent"), ("user.unlock", "agent"), ("user.unsuspend", "agent"),
            ("user.password", "agent"), ("user.deactivate", "agent")]])
        self.assertEqual(self.answers("audit", "verify")[0][:2], ["sound", "8"])
        self.assertEqual(self.answers("check"), [])

    def test_rooms_without_a_server(self):
        self.assertEqual(self.answers("room", "orphans"), [])

    def test_accounts_without_a_server(self):
        self.check_accounts()

    def test_accounts_inside_the_server(self):
        with Server(self.data) as server:
            self.check_accounts()
            self.assertEqual(server.stop(), OK)
        self.assertEqual(self.answers("audit", "verify")[0][:2], ["sound", "8"])

    def test_what_is_tampered_with_is_found(self):
        password = self.file("password", "un mot de passe\n")
        self.answers("user", "add", "chef", "--password-file", password, "--admin")
        self.answers("user", "add", "agent", "--password-file", password)
        with contextlib.closing(sqlite3.connect(self.data / "chappe.db")) as store:
            store.execute("UPDATE audit SET target = actor WHERE seq = 1")
            store.commit()
        self.assertIn("row 1", self.answers("audit", "verify", status=FAILED)[0][0])
        self.assertIn("audit: row 1", self.answers("check", status=FAILED)[0][0])

    def test_registration_tokens(self):
        drawn = self.answers("token", "add", "--uses", "2", "--days", "7")[0][0]
        self.assertRegex(drawn, r"^[A-Za-z]{24}$")
        self.assertEqual(self.answers("token", "add", "chosen~1"), [["chosen~1"]])
        listed = {line[0]: line[1:] for line in self.answers("token", "list")}
        self.assertEqual(listed["chosen~1"], ["-", "-"])
        self.assertEqual(listed[drawn][0], "2")
        self.assertRegex(listed[drawn][1], r"^\d{4}-\d\d-\d\dT")
        for words, status in [(["add", "chosen~1"], FAILED), (["add", "no blank"], FAILED),
                              (["add", "x" * 65], FAILED), (["delete", "absent"], FAILED),
                              (["add", "--uses", "0"], USAGE), (["add", "--days", "-1"], USAGE),
                              (["list", "x"], USAGE), (["delete"], USAGE)]:
            with self.subTest(words):
                self.answers("token", *words, status=status)
        self.answers("token", "delete", "chosen~1")
        self.assertEqual([line[0] for line in self.answers("token", "list")], [drawn])
        audited = self.run_it("audit", "list", "--data", self.data).stdout
        self.assertEqual(audited.count("token.add"), 2)
        self.assertIn("token.delete", audited)
        self.assertNotIn(drawn, audited)

    def test_reports(self):
        self.assertEqual(self.answers("report", "list"), [])
        for words in (["list", "x"], ["list", "--before", "x"], []):
            with self.subTest(words):
                self.answers("report", *words, status=USAGE)

    # ---- backup and restore ----

    def call(self, server, method, path, token="", body=b""):
        """The status and the body of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=SECONDS)
        with contextlib.closing(connection):
            connection.request(method, path, body, {"Authorization": f"Bearer {token}"})
            answer = connection.getresponse()
            return answer.status, answer.read()

    def log_in(self, server):
        words = {"type": "m.login.password", "password": "un mot de passe",
                 "identifier": {"type": "m.id.user", "user": "chef"}}
        status, body = self.call(server, "POST", "/_matrix/client/v3/login",
                                 body=json.dumps(words).encode())
        self.assertEqual(status, 200, body)
        return json.loads(body)["access_token"]

    def make_backup(self):
        """A backup of a running server with an account, its file, a stray one and a rotated key."""
        password = self.file("password", "un mot de passe\n")
        archive = self.base / "b.tar"
        self.answers("user", "add", "chef", "--password-file", password, "--admin")
        self.run_it("key", "rotate", "--data", self.data)
        medium = self.data / "media" / "ab" / "cd-ef_1.bin"
        medium.parent.mkdir(parents=True)
        medium.write_bytes(b"medium" * 200)
        with Server(self.data) as server:
            status, body = self.call(server, "POST", "/_matrix/media/v3/upload",
                                     self.log_in(server), b"a file")
            self.assertEqual(status, 200, body)
            self.uri = json.loads(body)["content_uri"]
            self.answers("backup", archive)
            self.answers("user", "add", "late", "--password-file", password)
            self.assertEqual(server.stop(), OK)
        return archive

    def test_what_was_backed_up_comes_back(self):
        archive = self.make_backup()
        self.assertEqual(archive.stat().st_mode & 0o7777, 0o600)
        self.assertEqual([path.name for path in self.base.glob("b.tar*")], ["b.tar"])
        with tarfile.open(archive) as tar:  # any tar reads it
            names = tar.getnames()
        digest = hashlib.sha256(b"a file").hexdigest()
        self.assertEqual(names[:4], ["chappe.db", "signing.key", "signing.key.old", "push.key"])
        self.assertEqual(set(names[4:]), {"media/ab/cd-ef_1.bin",
                                          f"media/{digest[:2]}/{digest[2:4]}/{digest}"})
        key = self.run_it("key", "show", "--data", self.data).stdout
        push_key = (self.data / "push.key").read_bytes()
        lost, self.data = self.data, self.base / "restored"
        self.run_it("restore", archive, "--data", self.data)
        self.assertEqual(self.run_it("key", "show", "--data", self.data).stdout, key)
        self.assertEqual((self.data / "push.key").read_bytes(), push_key)
        self.assertEqual([line[0] for line in self.answers("user", "list")],
                         ["@chef:localhost", OWN])
        self.assertEqual((self.data / "media/ab/cd-ef_1.bin").read_bytes(), b"medium" * 200)
        self.assertEqual([line[3] for line in self.answers("audit", "list")],
                         ["user.add", "key.rotate", "admin.sign_in", "backup", "restore"])
        self.assertEqual(self.answers("check"), [])
        self.assertFalse(list(self.data.glob("*.restore*")))
        with contextlib.closing(sqlite3.connect(self.data / "chappe.db")) as store:
            self.assertEqual(store.execute("SELECT COUNT(*) FROM epoch").fetchone(), (2,))
        with Server(self.data) as server:
            place = "/_matrix/client/v1/media/download/" + self.uri.removeprefix("mxc://")
            self.assertEqual(self.call(server, "GET", place, self.log_in(server)),
                             (200, b"a file"))
            self.assertEqual(server.stop(), OK)
        self.assertTrue((lost / "chappe.db").exists())

    def test_a_restore_needs_an_empty_place(self):
        archive = self.make_backup()
        done = self.run_it("restore", archive, "--data", self.data, status=FAILED)
        self.assertIn("move it away first", done.stderr)
        with Server(self.data) as server:
            self.run_it("restore", archive, "--data", self.data, status=IN_USE)
            self.answers("backup", archive, status=FAILED)  # it exists
            self.answers("backup", self.base / "nowhere" / "b.tar", status=FAILED)
            self.assertEqual(server.stop(), OK)

    def test_an_archive_that_is_not_whole_leaves_nothing(self):
        archive = self.make_backup()
        whole = archive.read_bytes()
        self.data = self.base / "restored"
        bad = self.base / "bad.tar"
        flipped = bytearray(whole)
        flipped[3] ^= 1
        for what, content in [("cut", whole[:-1024]), ("half", whole[: len(whole) // 2]),
                              ("empty", b""), ("zeros", bytes(1024)), ("header", bytes(flipped)),
                              ("noise", b"x" * 4096)]:
            with self.subTest(what):
                bad.write_bytes(content)
                self.run_it("restore", bad, "--data", self.data, status=FAILED)
                self.assertFalse((self.data / "chappe.db").exists())
                self.assertFalse((self.data / "signing.key").exists())
                self.assertFalse(list(self.data.glob("*.restore*")))

    def test_an_archive_of_others_stays_in_its_place(self):
        self.data = self.base / "restored"
        bad = self.base / "bad.tar"
        for name in ["../evil", "/tmp/evil", "media/../../evil", "media/.hidden", "media/a//b",
                     "media/", "other"]:
            with self.subTest(name):
                with tarfile.open(bad, "w", format=tarfile.USTAR_FORMAT) as tar:
                    entry = tarfile.TarInfo(name)
                    entry.size = 4
                    tar.addfile(entry, io.BytesIO(b"evil"))
                done = self.run_it("restore", bad, "--data", self.data, status=FAILED)
                self.assertIn("not ours" if not name.endswith("/") else "archive", done.stderr)
                self.assertFalse((self.base / "evil").exists())

    # ---- figures ----

    def test_metrics_and_health(self):
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        with Server(self.data, "--set", f"metrics.listen=127.0.0.1:{port}") as server:
            def get(at, path):
                connection = http.client.HTTPConnection("127.0.0.1", at, timeout=SECONDS)
                connection.request("GET", path)
                answer = connection.getresponse()
                text = answer.read().decode()
                connection.close()
                return answer.status, text

            for at in (server.port, port):
                self.assertEqual(get(at, "/health"), (200, '{"status":"ok"}'))
            self.assertEqual(get(server.port, "/metrics")[0], 404)
            self.assertEqual(get(port, "/_matrix/client/versions")[0], 404)
            status, text = get(port, "/metrics")
            self.assertEqual(status, 200)
            figures = {}
            for line in text.splitlines():
                if not line.startswith("#"):
                    self.assertRegex(line, r"^chappe_[a-z_]+ \d+(\.\d+)?$")
                    figures[line.split()[0]] = float(line.split()[1])
            self.assertEqual(figures["chappe_store_stopped"], 0)
            self.assertGreaterEqual(figures["chappe_http_requests_total"], 2)
            self.assertGreater(figures["chappe_process_resident_memory_bytes"], 1_000_000)
            self.assertEqual(server.stop(), OK)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v", *sys.argv[1:]])

# SPDX-License-Identifier: EUPL-1.2
"""usage: server_test.py PROGRAM CLOCK [--kills N] [--seed N] [unittest arguments]

The real server under the load of several writers, killed, stopped, moved in time, and with its
PostgreSQL killed. Tests are named after the lines of the list of hostile inputs (DUR-…) that they
stand for. CLOCK is the library of clock.c. The seed is in the message of whatever fails.
"""

import argparse
import atexit
import mmap
import os
import random
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest
from urllib.parse import quote

from client import Client, Refused, Server
from postgres import Postgres, find_programs
from traffic import Traffic, Uploader, Writer, compare

WRITERS, ROOMS, LIFE = 6, 3, 20  # LIFE: kills that one set of rooms lives through
STOP_SECONDS = 10  # what a stop may take

parser = argparse.ArgumentParser()
parser.add_argument("program")
parser.add_argument("clock")
parser.add_argument("--kills", type=int, default=20)
parser.add_argument("--seed", type=int, default=random.randrange(10**9))
args, rest = parser.parse_known_args()


class Clock:
    """The wall clock of a server that runs: clock.c reads the file at each call."""

    def __init__(self, path):
        with open(path, "wb") as made:
            made.write(bytes(16))
        with open(path, "r+b") as file:
            self.page = mmap.mmap(file.fileno(), 16)
        self.env = {"LD_PRELOAD": args.clock, "FAULT_CLOCK_FILE": path}

    def set(self, offset_ns=0, frozen_ns=0):
        self.page[:] = struct.pack("=qq", offset_ns, frozen_ns)


class Rig(unittest.TestCase):
    def setUp(self):
        self.base = tempfile.mkdtemp(prefix="chappe-fault-")
        self.addCleanup(shutil.rmtree, self.base, ignore_errors=True)
        self.random = random.Random(args.seed)
        self.servers = []
        self.addCleanup(self.end_all)

    def end_all(self):
        for server in self.servers:
            server.end_if_any()

    def server(self, name, *words, env=None):
        server = Server(args.program, os.path.join(self.base, name), *words, env=env)
        self.servers.append(server)
        atexit.register(server.end_if_any)
        return server.start()

    def says(self, what):
        return f"seed {args.seed}: {what}"

    def writers(self, servers, n=WRITERS, rooms=ROOMS):
        """Writers in turn on the servers, all in the same new rooms."""
        clients = [Client.register(servers[i % len(servers)]) for i in range(n)]
        rooms = [clients[0].create_room(clients[1:]) for _ in range(rooms)]
        return [Writer(client, f"w{i}", rooms, self.random) for i, client in enumerate(clients)]

    def verify(self, writers, client=None):
        faults = compare(writers, client or writers[0].client)
        self.assertEqual(faults, [], self.says(faults))

    def verify_store(self, server):
        self.assertEqual(server.check(), "", self.says("the store is not sound"))

    def settle(self, writers):
        """What got no answer is asked for again, and nothing is there twice."""
        for writer in writers:
            if writer.unsure:
                writer.send_one()
            writer.ask_again()
        self.verify(writers)

    def kill_often(self, kills, *words):
        server = self.server("data", *words)
        acknowledged = 0
        for kill in range(kills):
            if kill % LIFE == 0:
                writers = self.writers([server])
            traffic = Traffic(writers)
            traffic.begin()
            traffic.wait_for(self.random.randrange(1, 80))
            server.end(signal.SIGKILL)
            traffic.finish()
            acknowledged += traffic.sent
            self.verify_store(server)
            server.start()
            self.settle(writers)
        self.assertEqual(server.end(signal.SIGTERM), 0)
        print(f"{kills} kills, {acknowledged} messages acknowledged", file=sys.stderr)

    def test_dur_01_kill_9_under_load(self):
        self.kill_often(args.kills)

    def test_dur_01_files_under_kill_9(self):
        """Each file that was acknowledged is there, and nothing is under way after a start."""
        server = self.server("data")
        uploaders = [Uploader(Client.register(server), f"u{i}", self.random) for i in range(4)]
        for _ in range(max(args.kills // 4, 1)):
            traffic = Traffic(uploaders)
            traffic.begin()
            traffic.wait_for(self.random.randrange(1, 40))
            server.end(signal.SIGKILL)
            traffic.finish()
            self.verify_store(server)  # reads every file too
            server.start()
            for uploader in uploaders:
                self.assertEqual(uploader.faults(), [], self.says(uploader.name))
            under_way = os.listdir(os.path.join(server.data, "media", ".incoming"))
            self.assertEqual([name for name in under_way if not name.startswith(".")], [])
        self.assertEqual(server.end(signal.SIGTERM), 0)

    def test_dur_13_a_stop_under_load_loses_nothing(self):
        server = self.server("data")
        writers = self.writers([server])
        for _ in range(3):
            traffic = Traffic(writers)
            traffic.begin()
            traffic.wait_for(self.random.randrange(20, 80))
            server.process.send_signal(signal.SIGTERM)
            try:
                status = server.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.fail("the stop took more than 10 s")
            traffic.finish()
            self.assertEqual(status, 0)
            self.verify_store(server)
            server.start()
            self.settle(writers)

    def test_dur_07_clocks_that_jump(self):
        """A day back, a year on, and home: nobody is signed out, and no token revived."""
        server = self.server("data")
        writers = self.writers([server], 2, 1)
        gone = Client.register(server)
        gone.call("POST", "/v3/logout", {})
        traffic = Traffic(writers)
        for days in (0, -1, 365, 0):
            self.assertEqual(server.end(signal.SIGTERM), 0)
            server.start({**server.env, "LD_PRELOAD": args.clock, "FAULT_CLOCK_DAYS": str(days)})
            traffic.begin()
            self.assertTrue(traffic.wait_for(20), self.says(traffic.broken))
            traffic.finish()
            self.verify(writers)
            with self.assertRaises(Refused) as refused:
                gone.call("GET", "/v3/account/whoami")
            self.assertEqual(refused.exception.status, 401)
            since = writers[0].client.sync()["next_batch"]
            writers[0].client.sync(since, timeout=200)  # a poll ends by the monotonic clock
        self.assertEqual(server.end(signal.SIGTERM), 0)
        self.verify_store(server)

    def still_works(self, server, writers, gone):
        """Traffic, a poll that ends, sign-up, rooms of one user that are all different; who was signed
        out stays out."""
        traffic = Traffic(writers)
        traffic.begin()
        self.assertTrue(traffic.wait_for(20), self.says(traffic.broken))
        traffic.finish()
        self.verify(writers)
        client = writers[0].client
        client.sync(client.sync()["next_batch"], timeout=200)
        fresh = Client.register(server)
        self.assertEqual(len({fresh.create_room() for _ in range(5)}), 5)
        self.assertEqual(fresh.call("GET", "/v3/account/whoami")["user_id"], fresh.user)
        with self.assertRaises(Refused) as refused:
            gone.call("GET", "/v3/account/whoami")
        self.assertEqual(refused.exception.status, 401)

    def under_clock(self):
        clock = Clock(os.path.join(self.base, "clock"))
        server = self.server("data", env=clock.env)
        gone = Client.register(server)
        gone.call("POST", "/v3/logout", {})
        return clock, server, self.writers([server], 2, 1), gone

    def test_dur_07_a_clock_that_stands_still(self):
        clock, server, writers, gone = self.under_clock()
        now_ns = time.time_ns()
        clock.set(frozen_ns=now_ns)
        self.still_works(server, writers, gone)
        alice = writers[0].client
        room = alice.create_room()
        sent = [alice.send(room, "at once", f"s{i}") for i in range(5)]
        self.assertEqual(len(set(sent)), 5)  # one text at one time, but other events
        times = {alice.call("GET", f"/v3/rooms/{quote(room)}/event/{quote(event)}")
                 ["origin_server_ts"] for event in sent}
        self.assertEqual(times, {now_ns // 10**6})
        clock.set()
        self.still_works(server, writers, gone)
        self.assertEqual(server.end(signal.SIGTERM), 0)
        self.verify_store(server)

    def test_dur_07_leap_seconds(self):
        """The last second of the day comes twice, or is left out, while everybody writes."""
        clock, server, writers, gone = self.under_clock()
        traffic = Traffic(writers)
        traffic.begin()
        for leaps in range(1, 11):
            self.assertTrue(traffic.wait_for(5), self.says(traffic.broken))
            clock.set(offset_ns=-(leaps % 2) * 10**9)
        traffic.finish()
        self.verify(writers)
        self.still_works(server, writers, gone)
        self.assertEqual(server.end(signal.SIGTERM), 0)
        self.verify_store(server)


class Cluster(Rig):
    """On PostgreSQL."""

    @classmethod
    def setUpClass(cls):
        programs = find_programs()
        if not programs:
            raise unittest.SkipTest("no PostgreSQL server (apt install postgresql)")
        cls.postgres = Postgres(programs)
        atexit.register(cls.postgres.close)
        cls.addClassCleanup(cls.postgres.close)
        cls.databases = 0

    def database(self):
        type(self).databases += 1
        return ["--set", "database=" + self.postgres.database(f"rig{self.databases}")]

    def nodes(self, env=None):
        """Two nodes of one server: one database, one signing key. env: of the second."""
        key = ["--set", "signing_key=" + os.path.join(self.base, "signing.key")]
        words = self.database() + key
        return self.server("one", *words), self.server("two", *words, env=env)

    def wait_for_event(self, client, room, event):
        """Polls until the event is there."""
        since = None
        for _ in range(20):
            answer = client.sync(since, timeout=0 if since is None else 3_000)
            since = answer["next_batch"]
            joined = answer.get("rooms", {}).get("join", {}).get(room, {})
            if event in [one["event_id"] for one in joined.get("timeline", {}).get("events", [])]:
                return
        self.fail(self.says("an event of the other node does not come"))

    def test_dur_07_a_node_a_year_ahead_follows_the_other(self):
        one, two = self.nodes({"LD_PRELOAD": args.clock, "FAULT_CLOCK_DAYS": "365"})
        alice, bob = Client.register(one), Client.register(two)
        room = alice.create_room([])
        alice.call("POST", f"/v3/rooms/{room}/invite", {"user_id": bob.user})
        bob.call("POST", f"/v3/join/{room}", {})
        for i in range(3):
            self.wait_for_event(bob, room, alice.send(room, f"to b {i}", f"a{i}"))
            self.wait_for_event(alice, room, bob.send(room, f"to a {i}", f"b{i}"))
        self.assertEqual([one.end(signal.SIGTERM), two.end(signal.SIGTERM)], [0, 0])

    # What needs no database of its own kind is tested once, on SQLite.
    test_dur_07_clocks_that_jump = test_dur_13_a_stop_under_load_loses_nothing = None
    test_dur_07_a_clock_that_stands_still = test_dur_07_leap_seconds = None

    def test_dur_01_kill_9_under_load(self):
        self.kill_often(max(args.kills // 4, 1), *self.database())

    def test_dur_01_postgresql_is_killed_under_load(self):
        server = self.server("data", *self.database())
        writers = self.writers([server])
        traffic = Traffic(writers)
        traffic.begin(patient=True)
        for _ in range(max(args.kills // 10, 2)):
            traffic.wait_for(self.random.randrange(5, 60))
            self.postgres.kill()
            self.postgres.start()
            self.assertTrue(traffic.wait_for(30), self.says("the server does not recover"))
        traffic.finish()
        for writer in writers:
            for refused in writer.refusals:
                self.assertGreaterEqual(refused.status, 500, refused)
        self.settle(writers)
        self.assertEqual(server.end(signal.SIGTERM), 0)
        self.verify_store(server)

    def test_dur_13_a_stop_while_postgresql_is_gone(self):
        """The mails that are under way do not hold it up."""
        server = self.server("data", *self.database(), "--set", "registration.mode=email")
        nobody = Client(server)
        for i in range(200):
            nobody.call("POST", "/v3/register/email/requestToken",
                        {"email": f"a.b{i}@interieur.example", "client_secret": "s",
                         "send_attempt": 1})
        self.postgres.kill()
        self.addCleanup(self.postgres.start)
        server.process.send_signal(signal.SIGTERM)
        try:
            self.assertEqual(server.process.wait(2 * STOP_SECONDS), 0)
        except subprocess.TimeoutExpired:
            self.fail("the stop waits for the database")

    def test_nodes_write_into_one_room_at_once(self):
        one, two = self.nodes()
        writers = self.writers([one, two], rooms=1)
        traffic = Traffic(writers)
        traffic.begin()
        self.assertTrue(traffic.wait_for(300), traffic.broken)
        traffic.finish()
        self.settle(writers)
        self.assertEqual([one.end(signal.SIGTERM), two.end(signal.SIGTERM)], [0, 0])
        self.verify_store(one)

    def test_a_node_is_killed_and_the_other_carries_on(self):
        one, two = self.nodes()
        writers = self.writers([one, two])
        for _ in range(max(args.kills // 10, 2)):
            traffic = Traffic(writers)
            traffic.begin()
            traffic.wait_for(self.random.randrange(20, 100))
            one.end(signal.SIGKILL)
            self.assertTrue(traffic.wait_for(40), self.says(f"two stopped: {traffic.broken}"))
            traffic.finish()
            moved = [writer.client for writer in writers]
            for writer in writers:
                writer.client = writer.client.on(two)
            self.settle(writers)
            one.start()
            for writer, client in zip(writers, moved):
                writer.client = client
            self.settle(writers)
        self.assertEqual([one.end(signal.SIGTERM), two.end(signal.SIGTERM)], [0, 0])
        self.verify_store(one)


if __name__ == "__main__":
    # Who ends this program before its time must not leave servers behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    # Sockets of clients whose server was killed are left to the end of the program.
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2, warnings="ignore")

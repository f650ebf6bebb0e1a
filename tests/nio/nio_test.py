# SPDX-License-Identifier: EUPL-1.2
"""usage: nio_test.py PROGRAM

Two people with matrix-nio (Debian's python3-matrix-nio), a client that shares no line with matrix-js-sdk:
they sign in, sync, and talk in an encrypted room, in both directions.
"""

import asyncio
import logging
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

try:
    import nio
    from nio.crypto import ENCRYPTION_ENABLED
except ImportError:
    ENCRYPTION_ENABLED = False

SKIPPED = 77
PASSWORD = "correct horse battery staple"
ROUNDS = 60  # syncs of up to a second in which an expected event comes


class Server:
    """`chappe serve` on a free port, ready; stopped at the end of the with."""

    def __init__(self, program, data):
        self.program, self.data = program, data
        self.process = subprocess.Popen(
            [program, "serve", "--data", str(data), "--listen", "127.0.0.1:0",
             "--set", "registration.mode=closed", "--set", "scanner.engine=none"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def __enter__(self):
        line = self.process.stdout.readline()
        if not line.startswith("ready "):
            raise AssertionError("the server is not ready")
        self.url = line.split()[1]
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.communicate()

    def add_user(self, name):
        file = self.data / f"{name}.password"
        file.write_text(PASSWORD)
        subprocess.run([self.program, "user", "add", name, "--password-file", str(file),
                        "--data", str(self.data)], check=True, stdout=subprocess.DEVNULL)


class Person:
    """A device that keeps the texts it could read."""

    def __init__(self, server, name, store):
        store.mkdir()
        config = nio.AsyncClientConfig(encryption_enabled=True, store_sync_tokens=True)
        self.client = nio.AsyncClient(server.url, f"@{name}:localhost", store_path=str(store),
                                      config=config)
        self.texts, self.unread = [], []
        self.client.add_event_callback(self.take_text, nio.RoomMessageText)
        self.client.add_event_callback(self.take_unread, nio.MegolmEvent)

    async def take_text(self, room, event):
        self.texts.append((event.sender, event.body, event.decrypted))

    async def take_unread(self, room, event):
        self.unread.append(event.event_id)

    async def done(self, answer, kind):
        """The answer of a call, which must be of its good kind."""
        result = await answer
        if not isinstance(result, kind):
            raise AssertionError(f"{result}")
        return result

    async def sign_in(self):
        """With a name: nio takes no member of a room without one."""
        await self.done(self.client.login(PASSWORD, device_name="nio"), nio.LoginResponse)
        await self.done(self.client.set_displayname(self.client.user_id[1:]),
                        nio.ProfileSetDisplayNameResponse)
        await self.sync()

    async def sync(self, timeout=0):
        """One sync, and what it asks of a device with keys."""
        client = self.client
        await self.done(client.sync(timeout=timeout), nio.SyncResponse)
        if client.should_upload_keys:
            await self.done(client.keys_upload(), nio.KeysUploadResponse)
        if client.should_query_keys:
            await self.done(client.keys_query(), nio.KeysQueryResponse)
        if client.should_claim_keys:
            await self.done(client.keys_claim(client.get_users_for_key_claiming()),
                            nio.KeysClaimResponse)
        await client.send_to_device_messages()

    async def sync_until(self, wanted):
        for _ in range(ROUNDS):
            if wanted():
                return
            await self.sync(1000)
        raise AssertionError("it did not come")

    async def say(self, room, text):
        await self.done(self.client.room_send(room, "m.room.message",
                                              {"msgtype": "m.text", "body": text},
                                              ignore_unverified_devices=True),
                        nio.RoomSendResponse)


class Conversation(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="chappe-nio-")
        self.addCleanup(directory.cleanup)
        self.base = Path(directory.name)

    async def people(self, server):
        alice, bob = (Person(server, name, self.base / name) for name in ("alice", "bob"))
        for person in (alice, bob):
            self.addAsyncCleanup(person.client.close)
            await person.sign_in()
        return alice, bob

    async def meet(self, alice, bob):
        encryption = {"type": "m.room.encryption", "state_key": "",
                      "content": {"algorithm": "m.megolm.v1.aes-sha2"}}
        answer = await alice.done(
            alice.client.room_create(invite=[bob.client.user_id], initial_state=[encryption]),
            nio.RoomCreateResponse)
        room = answer.room_id
        await bob.sync_until(lambda: room in bob.client.invited_rooms)
        await bob.done(bob.client.join(room), nio.JoinResponse)
        for person in (alice, bob):
            await person.sync_until(lambda p=person: room in p.client.rooms
                                    and len(p.client.rooms[room].users) == 2
                                    and p.client.rooms[room].encrypted)
        return room

    async def test_two_people_talk_encrypted(self):
        data = self.base / "data"
        with Server(sys.argv[1], data) as server:
            for name in ("alice", "bob"):
                server.add_user(name)
            alice, bob = await self.people(server)
            room = await self.meet(alice, bob)
            await alice.say(room, "Bonjour, ici nio")
            await bob.sync_until(lambda: len(bob.texts) == 1)
            self.assertEqual(bob.texts, [(alice.client.user_id, "Bonjour, ici nio", True)])
            await bob.say(room, "Bien reçu")
            await alice.sync_until(lambda: len(alice.texts) == 2)
            self.assertEqual(alice.texts[-1], (bob.client.user_id, "Bien reçu", True))
            self.assertEqual((alice.unread, bob.unread), ([], []))
            history = await alice.done(alice.client.room_messages(room, alice.client.next_batch),
                                       nio.RoomMessagesResponse)
            kinds = [type(event).__name__ for event in history.chunk]
            self.assertEqual(kinds.count("RoomMessageText"), 2)


if __name__ == "__main__":
    if not ENCRYPTION_ENABLED:
        print("matrix-nio is not installed with its encryption")
        sys.exit(SKIPPED)
    logging.disable(logging.CRITICAL)
    unittest.main(argv=[os.path.basename(sys.argv[0])])

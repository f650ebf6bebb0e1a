# SPDX-License-Identifier: EUPL-1.2
"""usage: robot.py URL NAME PASSWORD STORE

A robot with matrix-nio, which knows no confirming of devices: it comes into the rooms that it is invited to, and
answers what it can read, encrypted where it was. It says "ready" once its device has its keys, and runs until its
input ends.
"""

import asyncio
import logging
import sys
import threading
from pathlib import Path

import nio


class Robot:
    def __init__(self, url, name, store):
        Path(store).mkdir(parents=True, exist_ok=True)
        config = nio.AsyncClientConfig(encryption_enabled=True, store_sync_tokens=True)
        self.client = nio.AsyncClient(url, f"@{name}:localhost", store_path=store, config=config)
        self.read = []
        self.client.add_event_callback(self.take, nio.RoomMessageText)

    async def take(self, room, event):
        if event.sender != self.client.user_id and event.decrypted:
            self.read.append((room, event.body))

    async def answer(self, room, body):
        """Once it is known who is in the room, and on which devices."""
        client = self.client
        if not room.members_synced:
            await client.joined_members(room.room_id)
        if client.should_query_keys:
            await client.keys_query()
        content = {"msgtype": "m.text", "body": f"lu : {body}"}
        await client.room_send(room.room_id, "m.room.message", content, ignore_unverified_devices=True)

    async def turn(self, timeout):
        """One sync, and what it asks of a device with keys."""
        client = self.client
        await client.sync(timeout=timeout)
        if client.should_upload_keys:
            await client.keys_upload()
        if client.should_query_keys:
            await client.keys_query()
        await client.send_to_device_messages()
        for room in list(client.invited_rooms):
            await client.join(room)
        while self.read:
            await self.answer(*self.read.pop(0))

    async def run(self, password, ended):
        # With a name: nio takes no member of a room without one.
        await self.client.login(password, device_name="robot")
        await self.client.set_displayname("Robot")
        await self.turn(0)
        print("ready", flush=True)
        while not ended.is_set():
            await self.turn(1000)
        await self.client.close()


def main():
    url, name, password, store = sys.argv[1:]
    logging.disable(logging.CRITICAL)
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    asyncio.run(Robot(url, name, store).run(password, ended))


if __name__ == "__main__":
    main()

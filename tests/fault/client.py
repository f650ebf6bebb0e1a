# SPDX-License-Identifier: EUPL-1.2
"""A Matrix client as small as the fault rig needs it, and `chappe serve` as it starts and ends.

Calls are made on a connection kept open, one client a thread. A call that gets no answer raises
OSError or HTTPException (UNANSWERED): whether it was done is not known.
"""

import http.client
import itertools
import json
import os
import signal
import subprocess
import threading
from urllib.parse import quote

SECONDS = 60  # a machine under load; only a failure takes so long
UNANSWERED = (OSError, http.client.HTTPException)
NAMES = itertools.count()


class Refused(Exception):
    """An answer that is no success."""

    def __init__(self, what, status, body):
        super().__init__(f"{what}: {status} {body}")
        self.status = status


class Server:
    """`chappe serve` on a free port of the loopback."""

    def __init__(self, program, data, *words, env=None):
        self.program, self.data, self.words = program, str(data), words
        self.env = {**os.environ, **(env or {})}
        self.process = self.port = None
        self.log = []

    def start(self, env=None):
        self.process = subprocess.Popen(
            [self.program, "serve", "--data", self.data, "--listen", "127.0.0.1:0",
             "--set", "registration.mode=open", "--set", "rate_limits=off", *self.words],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env or self.env)
        threading.Thread(target=self.read_log, args=(self.process,), daemon=True).start()
        ready = self.process.stdout.readline()
        if not ready:
            raise AssertionError("not ready: " + "".join(self.log[-5:]))
        self.port = int(ready.rsplit(":", 1)[1])
        return self

    def read_log(self, process):
        for line in process.stderr:
            self.log.append(line)

    def end(self, how=signal.SIGKILL):
        """The exit status."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        status = self.process.wait(SECONDS)
        self.process.stdout.close()
        return status

    def end_if_any(self):
        if self.process and self.process.poll() is None:
            self.end()

    def check(self):
        """What `chappe check` finds; empty when the store is sound."""
        done = subprocess.run([self.program, "check", "--data", self.data, *self.words],
                              capture_output=True, text=True, timeout=SECONDS)
        return "" if done.returncode == 0 else done.stdout + done.stderr


class Client:
    """A user with a device, on one server at a time."""

    def __init__(self, server, token=None, user=None):
        self.server, self.token, self.user = server, token, user
        self.connection = None

    def ask(self, method, path, body, kind):
        """The bytes of a success."""
        if self.connection is None or self.connection.port != self.server.port:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.server.port,
                                                         timeout=SECONDS)
        headers = {"Content-Type": kind}
        if self.token:
            headers["Authorization"] = "Bearer " + self.token
        try:
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
            text = answer.read()
        except UNANSWERED:
            self.connection.close()
            self.connection = None
            raise
        if answer.status != 200:
            raise Refused(f"{method} {path}", answer.status, text.decode())
        return text

    def call(self, method, path, body=None):
        return json.loads(self.ask(method, "/_matrix/client" + path,
                                   None if body is None else json.dumps(body), "application/json"))

    def upload(self, content):
        """The URI of a new file."""
        return json.loads(self.ask("POST", "/_matrix/media/v3/upload", content,
                                   "application/octet-stream"))["content_uri"]

    def download(self, uri):
        return self.ask("GET", "/_matrix/client/v1/media/download/" + uri.removeprefix("mxc://"),
                        None, "application/json")

    @classmethod
    def register(cls, server):
        client = cls(server)
        made = client.call("POST", "/v3/register", {
            "username": f"user{next(NAMES)}", "password": "a long password",
            "auth": {"type": "m.login.dummy"}})
        client.token, client.user = made["access_token"], made["user_id"]
        return client

    def on(self, server):
        """The same device, on another node."""
        return Client(server, self.token, self.user)

    def create_room(self, members=()):
        room = self.call("POST", "/v3/createRoom", {
            "preset": "private_chat", "invite": [member.user for member in members]})["room_id"]
        for member in members:
            member.call("POST", f"/v3/join/{quote(room)}", {})
        return room

    def send(self, room, body, txn):
        return self.call("PUT", f"/v3/rooms/{quote(room)}/send/m.room.message/{quote(txn)}",
                         {"msgtype": "m.text", "body": body})["event_id"]

    def messages(self, room):
        """(event id, body) of every message of the room, first to last."""
        found, start = [], ""
        while True:
            page = self.call("GET", f"/v3/rooms/{quote(room)}/messages?dir=f&limit=500{start}")
            found += [(event["event_id"], event["content"]["body"]) for event in page["chunk"]
                      if event["type"] == "m.room.message"]
            if "end" not in page:
                return found
            start = "&from=" + quote(page["end"])

    def sync(self, since=None, timeout=0):
        words = f"?timeout={timeout}" + (f"&since={quote(since)}" if since else "")
        return self.call("GET", "/v3/sync" + words)

# SPDX-License-Identifier: EUPL-1.2
"""Writers who note what they were told, and the comparison with what the server has.

Each writer sends one message after the other, each with a body and a transaction id of its own. One
that got no answer is asked for again, first of all, with the transaction id it had.
"""

import threading

from client import UNANSWERED, Refused

PAUSE = 0.02  # of a writer whom a server in trouble has refused


class Writer:
    def __init__(self, client, name, rooms, random):
        self.client, self.name, self.rooms, self.random = client, name, rooms, random
        self.told = {room: [] for room in rooms}  # (event id, body), in order
        self.unsure = None  # (room, body)
        self.count = 0
        self.refusals = []

    def next_message(self):
        if self.unsure is None:
            self.unsure = (self.random.choice(self.rooms), f"{self.name} {self.count}")
            self.count += 1
        return self.unsure

    def send_one(self):
        room, body = self.next_message()
        event = self.client.send(room, body, body.replace(" ", "-"))
        self.told[room].append((event, body))
        self.unsure = None

    def ask_again(self):
        """A client that lost an answer is told the same event."""
        for room in self.rooms:
            for event, body in self.told[room][-2:]:
                again = self.client.send(room, body, body.replace(" ", "-"))
                if again != event:
                    raise AssertionError(f"{body}: {event}, and asked again {again}")


class Uploader:
    """Sends files, and notes which it was told are there."""

    def __init__(self, client, name, random):
        self.client, self.name, self.random = client, name, random
        self.files = {}  # by URI
        self.refusals = []

    def send_one(self):
        content = self.random.randbytes(self.random.choice([0, 10, 1000, 300_000]))
        self.files[self.client.upload(content)] = content

    def faults(self):
        return [f"{self.name}: {uri} is not what was sent" for uri, content in self.files.items()
                if self.client.download(uri) != content]


class Traffic:
    """Writers at work, one thread each."""

    def __init__(self, writers):
        self.writers = writers
        self.lock = threading.Condition()
        self.sent, self.running, self.stopping = 0, 0, False
        self.broken = []

    def work(self, writer, patient):
        try:
            while not self.stopping:
                try:
                    writer.send_one()
                except Refused as refused:
                    writer.refusals.append(refused)
                    if not patient:
                        raise
                    threading.Event().wait(PAUSE)
                    continue
                except UNANSWERED:
                    if not patient:
                        return
                    threading.Event().wait(PAUSE)
                    continue
                with self.lock:
                    self.sent += 1
                    self.lock.notify_all()
        except Exception as error:  # told by finish
            self.broken.append(f"{writer.name}: {error!r}")
        finally:
            with self.lock:
                self.running -= 1
                self.lock.notify_all()

    def begin(self, patient=False):
        """patient: one that is refused or gets no answer asks again; else it ends there."""
        self.stopping, self.sent, self.running = False, 0, len(self.writers)
        self.threads = [threading.Thread(target=self.work, args=(writer, patient))
                        for writer in self.writers]
        for thread in self.threads:
            thread.start()

    def wait_for(self, n):
        """Until n more messages than now were acknowledged, or nobody sends any more."""
        with self.lock:
            goal = self.sent + n
            self.lock.wait_for(lambda: self.sent >= goal or not self.running, timeout=120)
            return self.sent >= goal

    def finish(self):
        self.stopping = True
        for thread in self.threads:
            thread.join()
        if self.broken:
            raise AssertionError(self.broken)


def compare(writers, client):
    """What is wrong with the rooms, in words; each message acknowledged is there once, in order."""
    faults = []
    for room in writers[0].rooms:
        there = client.messages(room)
        if len(there) != len(set(body for _, body in there)):
            faults.append(f"{room}: a message is there twice")
        for writer in writers:
            mine = [(event, body) for event, body in there if body.startswith(writer.name + " ")]
            told = writer.told[room]
            if mine[:len(told)] != told:
                faults.append(f"{room}: {writer.name} was told {len(told)} messages, of which "
                              f"{len(set(told) - set(mine))} are lost, or in another order")
            rest = [body for _, body in mine[len(told):]]
            if rest and (len(rest) > 1 or writer.unsure != (room, rest[0])):
                faults.append(f"{room}: {writer.name} did not send {rest}")
    return faults

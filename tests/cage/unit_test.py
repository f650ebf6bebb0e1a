# SPDX-License-Identifier: EUPL-1.2
"""usage: unit_test.py FILTERED PROGRAM UNIT

Under the filter of system calls of the systemd unit the decoder can still build its walls: it answers.
"""

import os
import re
import shutil
import struct
import subprocess
import sys
import unittest
import zlib
from pathlib import Path

FILTERED, PROGRAM, UNIT = (str(Path(word).resolve()) for word in sys.argv[1:4])
del sys.argv[1:4]
SECONDS = 30  # a machine under load; only a failure takes so long
REQUEST = struct.Struct("=IIIIIIQ")  # src/cage/message.h
REQUEST_MAGIC, ANSWER_MAGIC = 0x71637063, 0x61637063
DONE, NO_WALLS = 0, 1


def sets_of_calls():
    """What systemd's names of sets stand for, as this machine's systemd has them."""
    listing = subprocess.run(["systemd-analyze", "--no-pager", "syscall-filter"], check=True,
                             capture_output=True, text=True, timeout=SECONDS).stdout
    sets, inside = {}, None
    for line in listing.splitlines():
        if line.startswith("@"):
            inside = sets[line.strip()] = []
        elif inside is not None and re.fullmatch(r"    [@\w-]+", line):
            inside.append(line.strip())
    return sets


def expand(sets, name):
    if not name.startswith("@"):
        return {name}
    return set().union(*(expand(sets, inner) for inner in sets.get(name, [])))


def allowed_calls(lines):
    """systemd.exec(5): the first line begins a list of what is allowed, later ones add and take away."""
    sets, allowed = sets_of_calls(), set()
    for line in lines:
        names = set().union(*(expand(sets, name) for name in line.lstrip("~").split()))
        allowed = allowed - names if line.startswith("~") else allowed | names
    return allowed


def png():
    def chunk(name, body):
        return (struct.pack(">I", len(body)) + name + body +
                struct.pack(">I", zlib.crc32(name + body)))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 0, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(b"\0\x10\x20\0\x30\x40")) + chunk(b"IEND", b""))


def decode(allowed):
    """(exit status, what it answers) of the decoder when only these calls are let through."""
    names, write = os.pipe()
    os.write(write, "\n".join(sorted(allowed)).encode() + b"\n")
    os.close(write)
    image = png()
    done = subprocess.run(
        [FILTERED, str(names), PROGRAM, "decode"],
        input=REQUEST.pack(REQUEST_MAGIC, 32, 32, 0, 0, 0, len(image)) + image,
        capture_output=True, timeout=SECONDS, pass_fds=[names])
    os.close(names)
    return done.returncode, done.stdout


@unittest.skipUnless(shutil.which("systemd-analyze"), "this machine has no systemd-analyze")
class Unit(unittest.TestCase):
    def setUp(self):
        text = Path(UNIT).read_text(encoding="utf-8")
        self.lines = re.findall(r"^SystemCallFilter=(.*)$", text, re.M)

    def test_the_decoder_answers(self):
        status, answer = decode(allowed_calls(self.lines))
        self.assertEqual(status, 0)
        magic, result, *_ = REQUEST.unpack(answer[:REQUEST.size])
        self.assertEqual((magic, result), (ANSWER_MAGIC, DONE))

    def test_without_the_line_for_it_there_are_no_walls_and_no_answer(self):
        status, answer = decode(allowed_calls(self.lines[:-1]))
        self.assertEqual((status, answer), (NO_WALLS, b""))


if __name__ == "__main__":
    unittest.main()

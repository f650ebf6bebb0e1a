# SPDX-License-Identifier: EUPL-1.2
"""Reading sources: which files there are, and C text without its comments. Used by the checks."""

import os
import re
import subprocess
import sys
from pathlib import Path

TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def root_of(arguments):
    """The tree to look at: the argument, or the repository this file stands in."""
    return Path(arguments[1]).resolve() if len(arguments) > 1 else Path(__file__).resolve().parents[2]


def files(root):
    """Paths, relative to the root, of what is tracked or about to be."""
    if (root / ".git").exists():
        listed = subprocess.run(
            ["git", "-C", str(root), "ls-files", "-co", "--exclude-standard", "-z"],
            check=True, capture_output=True).stdout.decode()
        found = [Path(name) for name in listed.split("\0") if name]
    else:
        found = [Path(base, name).relative_to(root)
                 for base, _, names in os.walk(root) for name in names]
    return sorted(path for path in found if (root / path).is_file())


def c_files(root, under="src"):
    return [p for p in files(root) if p.suffix in (".c", ".h") and p.parts[0] == under]


def text(root, path):
    return (root / path).read_text(encoding="utf-8", errors="replace")


def _blank(piece):
    return re.sub(r"[^\n]", " ", piece)


def code(source, keep_strings=False):
    """The same text, line for line, with comments blanked, and strings too unless they are kept."""
    def replace(match):
        token = match.group(0)
        if token[0] == "/" or not keep_strings:
            return _blank(token)
        return token
    return TOKEN.sub(replace, source)


def line_of(source, index):
    return source.count("\n", 0, index) + 1


def finish(faults):
    """Prints each fault on a line; the exit status of the check."""
    for fault in faults:
        print(fault)
    sys.exit(1 if faults else 0)

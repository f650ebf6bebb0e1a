#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""mutate.py SOURCE OUTPUT OLD NEW: copies SOURCE with its one occurrence of OLD replaced by NEW.

Bugs are seeded into a copy, so that no hook for them stands in the code. When the code changes and
OLD is no longer there once, this fails, and the mutant is to be written anew."""

import sys

source, output, old, new = sys.argv[1:]
text = open(source, encoding="utf-8").read()
if text.count(old) != 1:
    sys.exit(f"{source}: {text.count(old)} occurrences of {old!r}")
open(output, "w", encoding="utf-8").write(text.replace(old, new))

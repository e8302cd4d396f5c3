"""The servers' own diff, as an oracle.

Run by the interpreter of an environment. Each line of stdin is `{"old": ..., "new": ...}`; for each one a line is
printed, in order: the edits that this version sends for one output that was `old` and is now `new`.

The server keeps, for each output of a run, the value it last sent after postprocessing, calls `gradio.utils.diff(last,
value)` for each output on its own from the second yield on, and writes the edits with orjson (so NaN becomes null). The
message at the end of a run carries full values.
"""

import json
import sys

import orjson
from gradio.utils import diff

for line in sys.stdin.buffer:
    if line.strip():
        pair = json.loads(line)
        sys.stdout.buffer.write(orjson.dumps(diff(pair["old"], pair["new"])) + b"\n")
        sys.stdout.buffer.flush()

"""Runs a command on a terminal of its own and records what the terminal got.

    python3 terminal.py < '{"command": [...], "env": {...}, "directory": "...", "columns": 80, "answers": [["after this text", "type this"]], "limit": 60}'

Gives {"output": "...", "exit": 0} as JSON. An exit code of -1: the time was over, and the command was killed.
"""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import sys
import termios
import time

asked = json.load(sys.stdin)
pid, terminal = pty.fork()
if pid == 0:
    os.chdir(asked["directory"])
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, asked["columns"], 0, 0))
    os.execvpe(asked["command"][0], asked["command"], asked["env"])

output = b""
answers = list(asked["answers"])
seen = 0
end = time.monotonic() + asked["limit"]
code = None
while code is None:
    ready, _, _ = select.select([terminal], [], [], max(0, min(1, end - time.monotonic())))
    if ready:
        try:
            data = os.read(terminal, 65536)
        except OSError:  # Linux says so when the last writer has closed.
            data = b""
        if data == b"":
            code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        output += data
    if answers:
        after, text = answers[0]
        at = output.find(after.encode(), seen)
        if at >= 0:
            answers.pop(0)
            seen = at + len(after.encode())
            os.write(terminal, text.encode())
    if code is None and time.monotonic() > end:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        code = -1
json.dump({"output": output.decode(errors="replace"), "exit": code}, sys.stdout)

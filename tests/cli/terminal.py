"""Runs a command in a terminal of its own, and relays: what it prints to standard output, what comes on standard input to its keyboard.

    terminal.py COLUMNS ROWS COMMAND

The exit status is the command's; 128 and the signal's number where a signal ended it.
"""

import fcntl
import os
import pty
import select
import struct
import sys
import termios

columns, rows, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
child, terminal = pty.fork()
if child == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    os.execvp("bash", ["bash", "-c", command])

sources = [terminal, 0]
while terminal in sources:
    for source in select.select(sources, [], [])[0]:
        try:
            data = os.read(source, 1 << 16)
        except OSError:
            data = b""  # The command has ended: Linux says so by an error.
        if not data:
            sources.remove(source)
        else:
            os.write(1 if source == terminal else terminal, data)

status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
sys.exit(status if status >= 0 else 128 - status)

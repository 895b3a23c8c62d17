"""Runs a command in a terminal of its own, 100 by 30: python terminal.py COMMAND...

What the terminal shows goes to stdout; what comes on stdin is typed, and its end hangs up
the terminal, which is told as "[closed]" once the command has heard of it. Ends with the command's exit code, or 128 + its signal.
"""

import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time


def waits_for_hangup(pid):
    """Whether SIGHUP was sent to a process that was not scheduled since: what it hears later may come first otherwise."""
    try:
        with open("/proc/%d/status" % pid) as file:
            pending = [int(line.split()[1], 16) for line in file if line.startswith(("SigPnd:", "ShdPnd:"))]
    except FileNotFoundError:
        return False
    return any(bits & 1 for bits in pending)


pid, screen = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
fcntl.ioctl(screen, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
watched = [screen, 0]
while not os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) or screen in watched:
    ready, _, _ = select.select(watched, [], [], 0.05)
    if screen in ready:
        try:
            os.write(1, os.read(screen, 65536))
        except OSError:
            # Nobody has the terminal open any more: the command is over, or nohup took it away.
            watched.remove(screen)
    if 0 in ready:
        typed = os.read(0, 65536)
        if not typed:
            break
        os.write(screen, typed)
os.close(screen)
while waits_for_hangup(pid):
    time.sleep(0.005)
os.write(1, b"[closed]")
_, status = os.waitpid(pid, 0)
sys.exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))

# Types lines into a shell in a terminal of its own, each when the shell is ready for it, and prints
# what came: in_terminal.py PROMPT COMMAND LINE...
import os
import pty
import select
import sys

LIMIT = 60  # seconds without a byte

prompt, command, lines = sys.argv[1].encode(), sys.argv[2], sys.argv[3:]


def read_until(terminal, wanted, count):
    seen = b""
    while seen.count(wanted) < count:
        if not select.select([terminal], [], [], LIMIT)[0]:
            break
        try:
            piece = os.read(terminal, 4096)
        except OSError:  # the shell has ended
            break
        if not piece:
            break
        seen += piece
    return seen


child, terminal = pty.fork()
if child == 0:
    os.execvp("sh", ["sh", "-c", command])
output = read_until(terminal, prompt, 1)
for line in lines:
    os.write(terminal, line.encode().decode("unicode_escape").encode())
    output += read_until(terminal, prompt, 1)
os.write(terminal, b"exit\n")
output += read_until(terminal, b"\0", 1)
sys.stdout.buffer.write(output)

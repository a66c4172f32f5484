"""The credential_process of the plugin's profile: asks the running ssmx over its socket (argv[1]).

Run as a file by an isolated Python, because it is in the way of every plugin's start; imports nothing of ssmx.
"""

from __future__ import annotations

import json
import socket
import sys


def main() -> int:
    """Print what the socket says: credentials with status 0, or an error with status 1."""
    answer = b""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asked:
        try:
            asked.connect(sys.argv[1])
            while data := asked.recv(1 << 16):
                answer += data
        except OSError as error:
            sys.stderr.write(f"ssmx is gone: {error.strerror}\n")
            return 1
    try:
        body = json.loads(answer)
    except ValueError:
        body = {"error": "ssmx gave no answer"}
    if "error" in body:
        sys.stderr.write(f"{body['error']}\n")
        return 1
    sys.stdout.write(json.dumps(body))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""A far end that is no websocket: a port on which every connection gets the same bytes."""

import socket
import threading
from contextlib import contextmanager


@contextmanager
def http(answer):
    """A port on which every connection gets these bytes."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            with client:
                client.recv(65536)
                client.sendall(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield server.getsockname()[1]
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()

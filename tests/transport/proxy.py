"""An HTTP proxy on loopback that leads every CONNECT to one port and remembers what it was asked for."""

import socket
import threading
from contextlib import contextmanager, suppress


@contextmanager
def proxy(port):
    """Gives the proxy's URL and the list of hosts it was asked for."""
    asked = []
    server = socket.create_server(("127.0.0.1", 0))

    def relay(source, target):
        try:
            while data := source.recv(65536):
                target.sendall(data)
        except OSError:
            pass
        finally:
            for each in (source, target):
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def serve(client):
        with client, socket.create_connection(("127.0.0.1", port)) as far:
            head = b""
            while b"\r\n\r\n" not in head:
                head += client.recv(4096)
            asked.append(head.split()[1].decode())
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=relay, args=(far, client), daemon=True)
            back.start()
            relay(client, far)
            back.join()

    def accept():
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(client,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}", asked
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()

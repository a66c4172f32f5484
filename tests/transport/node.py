"""The far end of a websocket, playing a node for one connection: a script of frames, with or without TLS."""

import datetime
import json
import ssl
from contextlib import contextmanager, suppress
from ipaddress import ip_address
from threading import Thread

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import serve

from ssmx.channel.frame import Message, MessageType, encode
from ssmx.channel.payload import PayloadType
from tests.channel.ids import numbered


def output(number, data):
    return encode(
        Message(MessageType.OUTPUT, number, 1 if number == 0 else 0, PayloadType.OUTPUT, data, numbered(1), 1)
    )


def closed(reason=""):
    body = json.dumps({"Output": reason}).encode()
    return encode(Message(MessageType.CHANNEL_CLOSED, 0, 3, 0, body, numbered(2), 1))


def says(*frames):
    """A node that hears the opening, sends these frames and waits for the client to leave."""

    def play(socket):
        opening = json.loads(socket.recv())
        assert opening["TokenValue"]
        for frame in frames:
            socket.send(frame)
        for _ in socket:
            pass

    return play


@contextmanager
def node(play, *, tls=None, headers=None):
    """Serve `play` on a loopback port; gives the port. `headers` collects those of each upgrade."""

    def handler(socket):
        if headers is not None:
            headers.append(dict(socket.request.headers.raw_items()))
        with suppress(ConnectionClosed, OSError):
            play(socket)

    with serve(handler, "127.0.0.1", 0, ssl=tls, compression=None, close_timeout=0.5) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.socket.getsockname()[1]
        finally:
            server.shutdown()
            thread.join()


def certificate(folder, *names):
    """A server context for these names, signed by a CA of its own; gives the context and the CA's file."""
    now = datetime.datetime.now(datetime.UTC)
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ssmx tests")])

    def built(subject, public_key, extension, *, critical):
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(public_key)
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now - datetime.timedelta(days=1))
        builder = builder.not_valid_after(now + datetime.timedelta(days=2))
        return builder.add_extension(extension, critical=critical).sign(ca_key, hashes.SHA256())

    ca = built(issuer, ca_key.public_key(), x509.BasicConstraints(ca=True, path_length=None), critical=True)
    alternatives = [x509.IPAddress(ip_address(each)) if each[0].isdigit() else x509.DNSName(each) for each in names]
    leaf = built(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])]),
        key.public_key(),
        x509.SubjectAlternativeName(alternatives),
        critical=False,
    )
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(ca.public_bytes(pem))
    (folder / "leaf.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + leaf.public_bytes(pem)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "leaf.pem")
    return context, folder / "ca.pem"

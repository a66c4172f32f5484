"""A session at the agent: its handshake, its numbered messages, its faults. It outlives its websockets."""

import asyncio
import base64
import json
import os
import re
import time
import uuid

from tests.bench.rig import ends, kms, wire
from tests.bench.rig.messages import Messages

HANDSHAKE_TIMEOUT = 15
DRAIN_TIMEOUT = 2  # how long the agent waits for its last messages to be acknowledged
MUX_AGENT, MUX_CLIENT = "3.0.196.0", "1.1.70"
NO_HANDSHAKE = "Handshake timed out. Please ensure that you have the latest version of the session manager plugin."


def version(text):
    """A version, to compare."""
    return [int(number) for number in re.findall(r"\d+", text)]


class Session(Messages):
    """One session, from StartSession to channel_closed."""

    def __init__(self, request, options):
        super().__init__(options)
        self.id = request.get("SessionId") or f"fake-user-{uuid.uuid4().hex[:17]}"
        self.instance = request.get("Target", "i-0fake")
        self.started = self.shaken = False
        self.response = self.proof = self.client_version = None
        self.challenge = b""
        self.renew()
        self.describe(request)

    def describe(self, request):
        """Set the kind of session that the document makes."""
        document = request.get("DocumentName") or "SSM-SessionManagerRunShell"
        parameters = {
            name: value[0] if isinstance(value, list) and value else value
            for name, value in (request.get("Parameters") or {}).items()
        }
        host = parameters.get("host") or "127.0.0.1"
        host = "127.0.0.1" if host == "localhost" else host
        if not (host.startswith("127.") or host == "::1"):
            raise ValueError("loopback targets only")
        self.target = (host, int(parameters.get("portNumber") or 0))
        self.kind, self.properties = _kind(document, parameters)
        self.key = self.options.kms_key if self.kind != "Port" else None
        shaking = self.kind in ("Port", "NonInteractiveCommands", "Bogus") or bool(self.key)
        self.shakes = {"always": True, "never": False}.get(self.options.handshake, shaking)

    def renew(self):
        """Another token."""
        self.token = base64.b64encode(os.urandom(48)).decode()

    # The websocket

    def attach(self, connection):
        """Go on with this connection, whatever became of the last one."""
        last, self.connection = self.connection, connection
        if last and last is not connection and not last.hole:
            last.transport.abort()
        self.paused = bool(self.faults.get("stay_paused"))
        self.event("opened")
        if self.blocked:
            connection.pause(True)
        self.hold("connection", False)
        if not self.started:
            self.started = True
            self.spawn(self.resend())
            self.spawn(self.run())

    def detach(self, connection):
        if self.connection is connection:
            self.connection = None
            self.hold("connection", True)  # nobody takes it, and memory is not endless
            self.event("ws_closed")

    # The beginning

    async def run(self):
        if self.options.start_delay:
            await asyncio.sleep(self.options.start_delay)
        if self.shakes:
            wrong = await self.shake()
            if wrong:
                await self.finish(wrong)
                return
        self.shaken = True
        self.end = self.make_end()
        self.end.start()
        self.event("plugin_started", kind=type(self.end).__name__)
        self.drain()

    async def shake(self):
        """The handshake; what went wrong with it, or nothing."""
        session_type = {"SessionType": self.kind, "Properties": self.properties}
        actions = [{"ActionType": "SessionType", "ActionParameters": session_type}]
        if self.key:
            self.crypto = kms.Crypto(self)
            wanted = {"KMSKeyId": self.key, "Challenge": self.crypto.challenge}
            actions.append({"ActionType": "KMSEncryption", "ActionParameters": wanted})
        if self.options.extra_action:
            actions.append({"ActionType": self.options.extra_action, "ActionParameters": {}})
        self.response = asyncio.get_running_loop().create_future()
        start = time.perf_counter_ns()
        request = {"AgentVersion": self.options.agent_version, "RequestedClientActions": actions}
        self.send_stream(wire.HANDSHAKE_REQUEST, json.dumps(request).encode())
        try:
            response = await asyncio.wait_for(self.response, HANDSHAKE_TIMEOUT)
        except TimeoutError:
            return NO_HANDSHAKE
        self.event("handshake_response", body=response)
        self.client_version = response.get("ClientVersion")
        failed = [each for each in response.get("ProcessedClientActions") or [] if each.get("ActionStatus") != 1]
        if failed:
            last = failed[-1]
            return (
                f"Encountered error while initiating handshake. {last['ActionType']} failed on client "
                f"with status {last['ActionStatus']} error: {last.get('Error')}"
            )
        if self.crypto and (wrong := await self.encrypt(response)):
            return wrong
        complete = {
            "HandshakeTimeToComplete": time.perf_counter_ns() - start,
            "CustomerMessage": "This session is encrypted using AWS KMS."
            if self.crypto
            else self.options.customer_message,
        }
        self.send_stream(wire.HANDSHAKE_COMPLETE, json.dumps(complete).encode())
        return ""

    async def encrypt(self, response):
        """Agree on the key and prove it; what went wrong, or nothing."""
        try:
            self.crypto.take_key(response)
        except Exception as error:
            return f"Fetching data key failed: {error}"
        self.challenge = os.urandom(64)
        self.proof = asyncio.get_running_loop().create_future()
        challenge = base64.b64encode(self.crypto.encrypt(self.challenge)).decode()
        self.send_stream(wire.ENCRYPTION_REQUEST, json.dumps({"Challenge": challenge}).encode())
        try:
            proven = await asyncio.wait_for(self.proof, HANDSHAKE_TIMEOUT)
        except TimeoutError:
            return NO_HANDSHAKE
        self.event("enc_challenge", ok=proven)
        return "" if proven else "Encryption challenge does not match!"

    def make_end(self):
        program = self.properties.get("linux", {})
        if self.kind == "NonInteractiveCommands":
            separate = str(program["separateOutputStream"]).lower() == "true"
            return ends.Command(self, program["commands"], separate)
        if self.kind != "Port":
            return ends.Shell(self, program.get("commands", ""))
        if self.properties.get("type") != "LocalPortForwarding":
            return ends.Basic(self, once=True)
        able = version(self.options.agent_version) > version(MUX_AGENT)
        asked = version(self.client_version or "0") >= version(MUX_CLIENT)
        return ends.Mux(self) if able and asked else ends.Basic(self, once=False)

    def handle(self, message):
        """Whether the message could be taken."""
        if message.payload_type == wire.HANDSHAKE_RESPONSE:
            if self.response and not self.response.done():
                self.response.set_result(json.loads(message.payload))
            return True
        if message.payload_type == wire.ENCRYPTION_RESPONSE:
            if self.proof and not self.proof.done():
                self.proof.set_result(self.proves(message.payload))
            return True
        if self.shakes and not self.shaken:
            self.event("data_before_handshake", ptype=message.payload_type)
            return True  # the agent acknowledges it, and drops it
        if self.end is None:
            return False
        if message.payload_type == wire.OUTPUT:
            if self.crypto and self.crypto.ready:
                message.payload = self.crypto.decrypt(message.payload)
            if self.options.record_input:
                with open(self.options.record_input, "ab") as record:  # noqa: PTH123
                    record.write(message.payload)
        self.end.input(message)
        return True

    def proves(self, payload):
        """Whether the client could read the challenge, and answered with it."""
        try:
            return self.crypto.decrypt(base64.b64decode(json.loads(payload)["Challenge"])) == self.challenge
        except Exception as error:
            self.event("enc_error", error=repr(error))
            return False

    # The end

    async def finish(self, output):
        """Close the channel, once the client has everything or takes too long."""
        if self.closing:
            return
        while self.pacing:
            await asyncio.sleep(0.01)
        end = time.monotonic() + DRAIN_TIMEOUT
        while self.unacknowledged and time.monotonic() < end:
            await asyncio.sleep(0.01)
        if self.closing:
            return
        self.closing = True
        self.event("channel_closed_sent", output=output)
        closed = {
            "MessageId": str(uuid.uuid4()),
            "CreatedDate": str(int(time.time() * 1000)),
            "DestinationId": self.instance,
            "SessionId": self.id,
            "MessageType": "channel_closed",
            "SchemaVersion": 1,
            "Output": output,
        }
        if self.connection:
            body = json.dumps(closed).encode()
            self.connection.send([wire.pack("channel_closed", 0, wire.SYN_AND_FIN, 0, body)])
        if self.end:
            self.end.stop()


def _kind(document, parameters):
    """The session type and its properties, as the agent gets them."""
    port = str(parameters.get("portNumber", ""))
    command = {"commands": parameters.get("command", "id"), "runAsElevated": True}
    if document.startswith("AWS-StartPortForwardingSession"):
        names = ("localPortNumber", "host", "localUnixSocket", "localConnectionType")
        more = {name: str(parameters[name]) for name in names if parameters.get(name)}
        return "Port", {"portNumber": port, "type": "LocalPortForwarding", **more}
    if document == "AWS-StartSSHSession":
        return "Port", {"portNumber": port or "22"}
    if document == "AWS-StartInteractiveCommand":
        return "InteractiveCommands", {"linux": command}
    if document == "AWS-StartNonInteractiveCommand":
        separate = parameters.get("separateOutputStream", "true")
        return "NonInteractiveCommands", {"linux": {**command, "separateOutputStream": separate}}
    if document.startswith("Unknown"):
        return "Bogus", {}
    return "Standard_Stream", {"linux": {"commands": "", "runAsElevated": False}}

"""A session's messages: numbered, acknowledged, sent again; lost, repeated and reordered where tests order it."""

import asyncio
import collections
import re
import sys
import time

from tests.bench.rig import wire

RESEND_INTERVAL = 0.1
LONGEST_RETRY = 1.0
PACE = 0.001  # what the real agent sleeps after each message
PACE_HIGH, PACE_LOW = 1 << 17, 1 << 14
MESSAGES_TOLD = 4


class Messages:
    """The agent's half of a reliable channel, over one websocket after another."""

    def __init__(self, options):
        self.options = options
        self.began = time.time()
        self.events = []
        self.counters = collections.Counter()
        self.faults = {}
        self.tasks = set()
        self.connection = self.end = self.crypto = None
        self.out_sequence = self.in_sequence = 0
        self.unacknowledged = collections.OrderedDict()  # sequence -> [frame, when last sent]
        self.early = {}
        self.round_trip, self.variation, self.retry_after = 0.1, 0.0, 0.2
        self.paused = False  # the agent sends nothing
        self.held = set()  # why the end's output is not read
        self.blocked = 0  # targets that take nothing
        self.closing = False
        self.pace_queue, self.pacing = bytearray(), False

    def event(self, name, **facts):
        self.events.append({"t": round(time.time() - self.began, 4), "event": name, **facts})
        if self.options.verbose:
            print(f"{time.time() - self.began:9.3f}", self.id, name, facts, file=sys.stderr, flush=True)

    def spawn(self, work):
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def hold(self, why, on):
        """Stop reading the end's output for one more reason, or for one less."""
        before = bool(self.held)
        (self.held.add if on else self.held.discard)(why)
        if self.end and bool(self.held) != before:
            self.end.pause(on)

    def target_blocked(self, change):
        """A target stopped or went on reading: so does the websocket, and the client feels it."""
        self.blocked += change
        if self.connection:
            self.connection.pause(bool(self.blocked))

    # To the client

    def send_output(self, data):
        """Send bytes of the end, in messages of the agent's size."""
        if self.options.pace == "agent":
            self.pace_queue += data
            if len(self.pace_queue) > PACE_HIGH:
                self.hold("pace", True)
            if not self.pacing:
                self.pacing = True
                self.spawn(self.pace())
            return
        size, now = self.options.payload_size, time.monotonic()
        self.transmit([self.number(wire.OUTPUT, data[at : at + size], now) for at in range(0, len(data), size)])

    async def pace(self):
        """Send as slowly as the real agent, and as it does nothing while the client is away."""
        while self.pace_queue:
            if self.connection is None or self.paused:
                await asyncio.sleep(PACE)
                continue
            part = bytes(self.pace_queue[: self.options.payload_size])
            del self.pace_queue[: len(part)]
            self.send_stream(wire.OUTPUT, part)
            if len(self.pace_queue) < PACE_LOW:
                self.hold("pace", False)
            await asyncio.sleep(PACE)
        self.pacing = False

    def send_stream(self, payload_type, payload):
        self.transmit([self.number(payload_type, payload, time.monotonic())])

    def number(self, payload_type, payload, now):
        """The next frame; it is kept until it is acknowledged."""
        secret = (wire.OUTPUT, wire.STANDARD_ERROR, wire.EXIT_CODE)
        if self.crypto and self.crypto.ready and payload_type in secret:
            payload = self.crypto.encrypt(payload)
        sequence = self.out_sequence
        flags = 0 if sequence else wire.SYN
        frame = wire.pack("output_stream_data", sequence, flags, payload_type, payload)
        self.unacknowledged[sequence] = [frame, now]
        self.out_sequence += 1
        self.counters["out_msgs"] += 1
        self.counters["out_bytes"] += len(payload)
        return frame

    def transmit(self, frames):
        """Send, with the faults that are ordered. What is not sent now is sent by `resend`."""
        if self.connection is None or self.paused:
            return
        if self.faults.get("drop_out", 0) > 0:
            self.faults["drop_out"] -= 1
            return
        if self.faults.get("reorder_out"):
            frames = frames[::-1]
        if self.faults.get("dup_out"):
            frames = [frame for frame in frames for _ in range(2)]
        self.connection.send(frames)

    async def resend(self):
        """As the agent: now and then, the oldest message that waited too long for its acknowledgement."""
        while not self.closing:
            await asyncio.sleep(RESEND_INTERVAL)
            if self.paused or not self.unacknowledged or self.connection is None:
                continue
            oldest = next(iter(self.unacknowledged.values()))
            if time.monotonic() - oldest[1] > self.retry_after:
                oldest[1] = time.monotonic()
                self.counters["resent"] += 1
                self.connection.send([oldest[0]])

    def acknowledge(self, message):
        if self.faults.get("no_ack"):
            return
        body = (
            f'{{"AcknowledgedMessageType":"{message.kind}","AcknowledgedMessageId":"{message.name}",'
            f'"AcknowledgedMessageSequenceNumber":{message.sequence},"IsSequentialMessage":true}}'
        )
        self.counters["acks_out"] += 1
        if self.connection:
            self.connection.send([wire.pack("acknowledge", 0, wire.SYN_AND_FIN, 0, body.encode())])

    # From the client

    def receive(self, frame):
        """Take one frame of the websocket."""
        message = wire.unpack(frame)
        if message.kind == "acknowledge":
            self.acknowledged(message)
        elif message.kind != "input_stream_data":
            self.event("unexpected_type", mtype=message.kind)
        elif not message.whole:
            self.event("bad_digest", seq=message.sequence)
        elif self.faults.get("drop_in", 0) > 0:
            self.faults["drop_in"] -= 1
            self.event("dropped_in", seq=message.sequence)
        else:
            self.paused = bool(self.faults.get("stay_paused"))
            self.note(message)
            self.order(message)

    def acknowledged(self, message):
        """Forget what has arrived, and learn how long that took."""
        self.paused = bool(self.faults.get("stay_paused"))
        self.counters["acks_in"] += 1
        found = re.search(rb'SequenceNumber":\s*(-?\d+)', message.payload)
        entry = self.unacknowledged.pop(int(found.group(1)), None) if found else None
        if entry is None:
            return
        taken = time.monotonic() - entry[1]
        self.variation = 0.75 * self.variation + 0.25 * abs(self.round_trip - taken)
        self.round_trip = 0.875 * self.round_trip + 0.125 * taken
        self.retry_after = min(LONGEST_RETRY, self.round_trip + max(0.01, 4 * self.variation))

    def note(self, message):
        self.counters["in_msgs"] += 1
        self.counters["in_bytes"] += len(message.payload)
        if self.counters["in_msgs"] <= MESSAGES_TOLD:
            self.event(
                "in",
                seq=message.sequence,
                ptype=message.payload_type,
                flags=message.flags,
                schema=message.schema,
                hl=message.header_length,
                plen=message.payload_length,
                mid=message.name,
            )

    def order(self, message):
        """Handle it in its turn. One that is refused in its turn is not acknowledged: the client sends it again."""
        if message.sequence < self.in_sequence:
            self.counters["dup_in"] += 1
            self.acknowledge(message)
        elif message.sequence > self.in_sequence:
            self.counters["out_of_order_in"] += 1
            self.acknowledge(message)
            self.early[message.sequence] = message
        elif self.handle(message):
            self.acknowledge(message)
            self.early.pop(self.in_sequence, None)
            self.in_sequence += 1
        else:
            self.counters["rejected_in"] += 1
        self.drain()

    def drain(self):
        """Handle what came early. It is acknowledged already, so one that is refused is kept and tried again."""
        while self.in_sequence in self.early and self.handle(self.early[self.in_sequence]):
            del self.early[self.in_sequence]
            self.in_sequence += 1

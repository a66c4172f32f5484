"""A session's data channel seen from the client: the one object that knows every part of the protocol.

The driver owns it: it hands in each websocket message with the time, sends what `outgoing` returns, and calls
`outgoing` again at `next_deadline`. No clock, no socket, no thread, no callback.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection

from ssmx.channel import payload
from ssmx.channel.encryption import FROM_AGENT, FROM_CLIENT, Cipher, prove
from ssmx.channel.events import (
    Closed,
    Event,
    Exited,
    Lost,
    Notice,
    Output,
    PortRefused,
    Ready,
    WrongType,
)
from ssmx.channel.frame import SYN_FIN, DigestMismatch, Message, MessageType, decode, encode
from ssmx.channel.handshake import PORTS, SHELLS, Answer, answer
from ssmx.channel.payload import ActionResult, Flag, PayloadType
from ssmx.channel.reliable import CHUNK, Inbox, Outbox
from ssmx.channel.state import Input, State, step
from ssmx.errors import ProtocolError

# Seconds without a word from the agent after which a terminal session starts all the same. The agent sends
# its first output one second after it starts, and a handshake before that (agent 3.3.0.0); a command such as
# `cat` prints nothing until it reads something, and would wait for its client for ever.
QUIET_START = 3.0

# An acknowledgement can be lost with its connection, and then the agent, which repeats its oldest message alone,
# ten a second, comes to what is really missing after everything that is not. So on a new connection those are
# given again that may not have been read: given in the last seconds, or since the oldest message of ours that has
# not been acknowledged, for a node reads in order. An agent that waits for its far side reads nothing.
_ON_THE_WAY = 10.0
_MOST_ACKS = 50_000
_ACKS_AT_ONCE = 256  # so that keys do not wait for them

# Seconds one message may stay unacknowledged before nobody takes it any more: 3000 resends at 100 ms, the plugin's
# own limit. Not for ports, whose far side may stop reading for as long as it likes: a node that is gone is noticed
# by the service, which ends the session after its idle time.
GIVE_UP = 300.0


class Channel:
    """One session. `now` is monotonic seconds everywhere; `epoch` is wall clock minus monotonic, in seconds.

    `accepts` are the session types we can carry. After `quiet_after` seconds without a first message the session
    begins all the same, as one with a terminal (see QUIET_START); where that is None, it waits.
    """

    def __init__(
        self,
        *,
        token: str,
        ids: Callable[[], bytes],
        epoch: float,
        now: float,
        accepts: Collection[str] = SHELLS,
        quiet_after: float | None = None,
    ) -> None:
        self._accepts = accepts
        self._ids = ids
        self._epoch = epoch
        self._client_id = ids()
        self._state = State.OPENED
        self._inbox: Inbox[Message] = Inbox()
        self._outbox = Outbox(MessageType.INPUT, ids=ids, epoch=epoch)
        self._control: list[str | bytes] = [self._opening(token)]  # to be sent before anything else
        self._due: list[Message] = []  # to be acknowledged
        self._given: deque[tuple[float, bytes, int]] = deque(maxlen=_MOST_ACKS)  # when, id, number of the message
        self._again: deque[tuple[float, bytes, int]] = deque()  # of these, what is to be given again
        self._held: list[tuple[PayloadType, bytes]] = []  # what the user typed before the session was ready
        self._held_bytes = 0
        self._size = b""
        self._ready = Ready("", "")
        self._answer: Answer | None = None
        self._cipher: Cipher | None = None
        self._quiet_at = None if quiet_after is None else now + quiet_after
        self._gives_up = True
        self._heard = False

    @property
    def state(self) -> State:
        """Where the channel is in its life."""
        return self._state

    @property
    def backlog(self) -> int:
        """Messages of ours that are not acknowledged."""
        return self._outbox.backlog + len(self._held)

    @property
    def count(self) -> int:
        """How many messages of ours there were so far."""
        return self._outbox.count

    def have_arrived(self, count: int) -> bool:
        """Whether the first `count` of them are all acknowledged."""
        return self._outbox.have_arrived(count)

    @property
    def room(self) -> int:
        """Bytes that would be sent at once; where this is not above 0, the driver reads no more input."""
        return self._outbox.room - self._held_bytes

    @property
    def heard(self) -> bool:
        """Whether the far side has said anything yet, an acknowledgement included."""
        return self._heard

    def receive(self, message: bytes | str, *, now: float) -> list[Event]:
        """Take one websocket message; call `outgoing` afterwards.

        A text frame is ignored, as by the plugin. Raises ProtocolError where the peer breaks the protocol.
        """
        if isinstance(message, str) or self._state is State.CLOSED:
            return []
        try:
            decoded = decode(message)
        except DigestMismatch:
            return []  # not acknowledged: the agent repeats it
        match decoded.type:
            case MessageType.OUTPUT:
                self._heard = True
                events = self._stream(decoded)
                self._release()
                return events
            case MessageType.ACKNOWLEDGE:
                self._heard = True
                self._outbox.acknowledged(payload.parse_acknowledge(decoded.payload), now)
                self._release()
            case MessageType.CHANNEL_CLOSED:
                self._state = step(self._state, Input.CHANNEL_CLOSED)
                return [Closed(payload.parse_channel_closed(decoded.payload))]
            case _:
                # pause_publication says that the agent is away, start_publication that it is back. Like the
                # plugin we go on: what is not acknowledged is repeated, and whoever waits for a START that was
                # lost waits for ever. The service may learn new types, too.
                pass
        return []

    def advance(self, *, now: float) -> list[Event]:
        """What the mere passing of time brings; call it at `next_deadline`, before `outgoing`."""
        if self._quiet_at is not None and now >= self._quiet_at:
            self._quiet_at = None
            if self._state is State.OPENED:
                self._state = step(self._state, Input.QUIET)
                self._accepts = [each for each in self._accepts if each in SHELLS]  # nothing else begins like this
                # Its acknowledgement tells that somebody is there.
                self._size = self._size or payload.size(80, 24)
                return self._started()
        if self._gives_up and self._state is State.READY and self._outbox.waited(now) > GIVE_UP:
            self._gives_up = False
            return [Lost(f"the node has acknowledged nothing for {GIVE_UP:.0f} seconds")]
        return []

    def outgoing(self, *, now: float) -> list[str | bytes]:
        """What to send now, in order: a str is a text frame, bytes are a binary frame."""
        messages, self._control = self._control, []
        if self._due:
            due, self._due = self._due, []
            messages += [self._acknowledge(each.id, each.sequence, now) for each in due]
            unsure_since = now - max(_ON_THE_WAY, self._outbox.age(now))
            while self._given[0][0] < unsure_since:
                self._given.popleft()
        for _ in range(min(_ACKS_AT_ONCE, len(self._again))):
            _, message_id, sequence = self._again.popleft()
            messages.append(self._acknowledge(message_id, sequence, now))
        # While the agent repeats what was lost, a port's bytes wait. It repeats one message at a time, and the next
        # when it has read that we have this one, which it does not where its far side takes no more of ours.
        self._outbox.rests = self._inbox.gap and self._ready.session_type in PORTS
        if self._state is not State.CLOSED:
            messages += self._outbox.transmit(now)
        return messages

    def next_deadline(self) -> float | None:
        """When to call `advance` and `outgoing` although nothing arrived; None: not before something does."""
        if self._state is State.CLOSED:
            return None
        if self._again:
            return 0.0
        deadlines = (self._quiet_at, self._outbox.next_deadline())
        return min((at for at in deadlines if at is not None), default=None)

    def waited(self, *, now: float) -> float:
        """Seconds that the oldest message without acknowledgement has been waited for; 0 where there is none."""
        return self._outbox.waited(now)

    def use_key(self, cipher: Cipher, wrapped_key: bytes) -> None:
        """Answer KeyNeeded: `cipher` is of the data key, `wrapped_key` what the agent is to unwrap."""
        if (ours := self._key_answered(Input.KEY_FOUND)) is not None:
            self._cipher = cipher
            self._respond(ours.with_key(wrapped_key))

    def fail_key(self, reason: str) -> None:
        """Answer KeyNeeded: there is no key, for this reason; the agent ends the session with it."""
        if (ours := self._key_answered(Input.KEY_FAILED)) is not None:
            self._respond(ours.without_key(reason))

    def send(self, data: bytes) -> None:
        """Send what the user typed; kept back until the session is ready."""
        for start in range(0, len(data), CHUNK):
            self._put(PayloadType.OUTPUT, data[start : start + CHUNK])

    def resize(self, columns: int, rows: int) -> None:
        """Tell the far terminal its size in characters; before the session is ready the last one counts."""
        self._size = payload.size(columns, rows)
        if self._state is State.READY:
            self._outbox.put(PayloadType.SIZE, self._size)

    def flag(self, value: Flag) -> int:
        """Send a flag in a session that is ready; gives the message's number for `is_acknowledged`."""
        return self._outbox.put(PayloadType.FLAG, payload.flag(value))

    def probe(self) -> int:
        """Send what the agent of a port session makes nothing of, a size; gives its number.

        Its agent takes no message before the far port is connected, so that the acknowledgement tells that it is
        (amazon-ssm-agent 3.3.0.0, port.go, InputStreamMessageHandler).
        """
        return self._outbox.put(PayloadType.SIZE, payload.size(80, 24))

    def redial(self) -> int:
        """Let the agent of a basic port session connect anew where the far side has closed; gives a number.

        It connects when data arrives, which this is, of no bytes (the same, port_basic.go, HandleStreamMessage).
        """
        return self._outbox.put(PayloadType.OUTPUT, b"")

    def is_acknowledged(self, number: int) -> bool:
        """Whether the agent has taken the message of this number."""
        return self._outbox.is_acknowledged(number)

    def reconnected(self, token: str, *, now: float) -> None:
        """A new websocket stands: open it with the new token and repeat what was not acknowledged."""
        self._given.extend(self._again)
        self._again = self._given.copy()
        self._given.clear()
        self._control = [self._opening(token), *self._outbox.repeat_all(now)]

    def looked_away(self, *, now: float) -> None:
        """Nothing was read until now, so that nothing is known of what has not been acknowledged."""
        self._outbox.postpone(now)

    def _acknowledge(self, message_id: bytes, sequence: int, now: float) -> bytes:
        self._given.append((now, message_id, sequence))
        content = payload.acknowledge(MessageType.OUTPUT, message_id, sequence)
        created = int((now + self._epoch) * 1000)
        return encode(Message(MessageType.ACKNOWLEDGE, 0, SYN_FIN, 0, content, self._ids(), created))

    def _opening(self, token: str) -> str:
        return payload.open_data_channel(token=token, request_id=self._ids(), client_id=self._client_id)

    def _put(self, kind: PayloadType, content: bytes) -> None:
        if self._state is not State.READY or not self._heard:
            # An agent throws away what comes before the end of a handshake, which may be late and want encryption.
            self._held.append((kind, content))
            self._held_bytes += len(content)
        else:
            self._say(kind, content)

    def _say(self, kind: PayloadType, content: bytes) -> None:
        if self._cipher is not None and kind in FROM_CLIENT:
            content = self._cipher.encrypt(content)
        self._outbox.put(kind, content)

    def _stream(self, message: Message) -> list[Event]:
        ready, acknowledge = self._inbox.accept(message.sequence, message, size=len(message.payload))
        if acknowledge:
            self._due.append(message)
        events: list[Event] = []
        for each in ready:
            events += self._deliver(each)
        return events

    def _deliver(self, message: Message) -> list[Event]:
        content = message.payload
        if self._cipher is not None and message.payload_type in FROM_AGENT:
            content = self._cipher.decrypt(content)
        match message.payload_type:
            case PayloadType.OUTPUT | PayloadType.STDERR:
                first = self._state is State.OPENED
                if self._state is not State.READY:  # where it leads to where it is, for most messages
                    self._state = step(self._state, Input.STREAM)
                output = Output(content, error=message.payload_type == PayloadType.STDERR)
                return [*self._started(), output] if first else [output]
            case PayloadType.HANDSHAKE_REQUEST:
                return self._shake(content)
            case PayloadType.CHALLENGE_REQUEST:
                self._state = step(self._state, Input.CHALLENGE_REQUEST)
                assert self._cipher is not None  # by the table: only a key leads here
                self._outbox.put(PayloadType.CHALLENGE_RESPONSE, prove(self._cipher, content))
                return []
            case PayloadType.HANDSHAKE_COMPLETE:
                self._state = step(self._state, Input.HANDSHAKE_COMPLETE)
                text = payload.parse_handshake_complete(content)
                return [*self._started(), *([Notice(text)] if text else [])]
            case PayloadType.EXIT_CODE:
                return [Exited(payload.parse_exit_code(content))]
            case PayloadType.FLAG:
                refused = payload.parse_flag(content) == Flag.CONNECT_TO_PORT_ERROR
                return [PortRefused()] if refused else []
            case _:
                return []  # the agent may learn new types

    def _shake(self, content: bytes) -> list[Event]:
        if self._answer is not None:
            raise ProtocolError("the node began a second handshake")
        self._state = step(self._state, Input.HANDSHAKE_REQUEST)
        self._quiet_at = None
        request = payload.parse_handshake_request(content)
        self._answer = ours = answer(request, self._accepts)
        self._ready = Ready(ours.session_type, request.agent_version, ours.properties)
        self._gives_up = ours.session_type not in PORTS
        if ours.key is not None:
            self._state = step(self._state, Input.KEY_NEEDED)
            return [ours.key]
        self._respond(ours.results)
        return [] if ours.session_type in self._accepts else [WrongType(ours.session_type)]

    def _respond(self, results: tuple[ActionResult, ...]) -> None:
        self._outbox.put(PayloadType.HANDSHAKE_RESPONSE, payload.handshake_response(results))

    def _key_answered(self, given: Input) -> Answer | None:
        """The answer that waited for the key; None where the session has ended meanwhile."""
        if self._state is State.CLOSED:
            return None
        self._state = step(self._state, given)
        return self._answer

    def _started(self) -> list[Event]:
        self._quiet_at = None
        if self._size:
            # Before any input: until it hears a size, the far terminal has none (0 x 0).
            self._outbox.put(PayloadType.SIZE, self._size)
        self._release()
        return [self._ready]

    def _release(self) -> None:
        """Say what was held back, if the session is ready and somebody there."""
        if self._held and self._heard and self._state is State.READY:
            held, self._held, self._held_bytes = self._held, [], 0
            for kind, content in held:
                self._say(kind, content)

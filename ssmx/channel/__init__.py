"""The data-channel protocol as a value, without I/O; PROTOCOL.md says it without the code.

`Channel.receive(message, now=)` gives events, `outgoing(now=)` what to send, `next_deadline()` when to call
`advance` and `outgoing` again. A message enters the Outbox before it is sent, so no acknowledgement can come
first; the Inbox re-acknowledges what it has. What may be unacknowledged follows the delay (window.py), so that
keys do not queue behind bulk; streams of a mux take turns of 1 KiB. A session without a handshake begins with
its first output, or after three silent seconds. pause_publication is ignored: who waits for a START that was
lost waits for ever. A key that is needed is an event, KeyNeeded, answered with `use_key` or `fail_key` when KMS
has.
"""

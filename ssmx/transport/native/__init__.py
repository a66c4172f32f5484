"""Our own client of the data channel: one Channel for a session, carried over one websocket after another.

`driver` owns the Channel, the websocket and the clock, and resumes the session where the websocket is lost. What
stands at the local end is told what happens, and may end the session by raising:

    shell       the user's terminal
    stdio       standard input and output are the far port's bytes
    command     standard output and standard error of a command without a terminal
    link        a port: byte streams, over smux or, with old agents, one connection after the other

The driver works in callbacks: a read is handled whole, then `settle` hands over what came and sends what is
due. A lost connection (closed, cut, or deaf to two pings) is resumed; an end hears nothing of it. An end that
is full stops the reading: the far side waits in TCP. The streams of a link call their receiver, as asyncio's
transports call protocols. The drop-in does not know what a session is before its node says so: `begin` waits
for that, and `run` is given the end.

The terminal is raw only while the session is ready. Before that, until the node has said anything, and while the
connection is lost, Ctrl-C ends the session. What the node printed is shown whole, however slow the reader is.
"""

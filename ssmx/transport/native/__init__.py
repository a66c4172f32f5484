"""Our own client of the data channel: one Channel for a session, carried over one websocket after another.

`driver` owns the Channel, the websocket and the clock, and resumes the session where the websocket is lost. What
stands at the local end is told what happens, and may end the session by raising:

    shell       the user's terminal
    stdio       standard input and output are the far port's bytes
    command     standard output and standard error of a command without a terminal
    link        a port: byte streams, over smux or, with old agents, one connection after the other
"""

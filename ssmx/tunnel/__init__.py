"""Keep ports of this machine that lead to far ones, whatever becomes of the sessions behind them.

Knows neither AWS nor App: it is handed a Support of functions, a Route for each forward, and what is to run.

    listener    owns the local port from start to end; joins each connection with a stream
    supervisor  a Source of streams: where the link that stands is dead, or was refused the far port, the next one's
    opening     opens links, through the route's node or the next, as often as it takes; ends their sessions
    carrying    the forwards of one command, and the client that runs through them

A connection that was refused before anything came back says its words again to the next node; any other is
reset when its link dies, so that nobody takes what came for all there is. A session that the service ended
while nobody used it is opened again by the next connection and not before: the account's idle timeout counts.
Where nothing is acknowledged for five seconds, AWS is asked whether the node still lives. A StartSession that
was interrupted is awaited, and what it started is ended; a session that cannot be ended now is ended with the
next one, or stays in the journal as open.
"""

"""Keep ports of this machine that lead to far ones, whatever becomes of the sessions behind them.

Knows neither AWS nor App: it is handed a Support of functions, a Route for each session, and what is to run.

    listener    owns the local port from start to end; joins each connection with a stream
    lanes       a Source of streams: of the least loaded link that stands, or of the next one
    supervisor  one lane's links: where one is dead, or was refused the far port, the next one's
    opening     opens links, through the route's node or the next, as often as it takes; ends their sessions
    kept        one tunnel, from its port to its lanes
    carrying    the tunnels of one command, and the client that runs through them
    keeping     the tunnels of a team's file, which come and go while others ask and order
    answering   a unix socket where a process that keeps tunnels is asked; `asking` asks there

Either a link stands from the beginning to the end, or one is opened when a connection comes, and ended when none
has been there for the tunnel's idle time: then what goes wrong is told to those who wait, and the port stays.

A connection that was refused before anything came back says its words again to the next node; any other is
reset when its link dies, so that nobody takes what came for all there is. A session that the service ended
while nobody used it is opened again by the next connection and not before: the account's idle timeout counts.
Where nothing is acknowledged for five seconds, AWS is asked whether the node still lives. A StartSession that
was interrupted is awaited, and what it started is ended; a session that cannot be ended now is ended with the
next one, or stays in the journal as open.
"""

"""The official session-manager-plugin: found, invoked, relayed, lent credentials, and ended.

It leads a session on a pty of ours that is raw from the start, so that keys are bytes whatever its `stty` does
(process). It exits 0 whatever happened: what may be its last word is held back until something contradicts that
(chatter), and becomes an error of ours (failure). Where it leaves us in doubt, the relay finds out itself: it tries
the data channel after eight silent seconds, and asks the service where the plugin told the end and lives on. What
nobody can find out is left to the user's Ctrl-C (patience).

Its credentials outlive the hour (lending): a private folder with a profile whose credential_process asks the
running ssmx over a socket (ask), each time anew, because only ssmx knows when they are to be renewed; an MFA code
is asked for in the middle of the session (question).

After kill -9 of ssmx another process (guard) ends the plugin's process group, removes the folder, and ends the
session with the keys it was handed. Nothing watches an ssmx that lives and hangs.
"""

"""ssmx in the place of session-manager-plugin, for `aws ssm start-session` and whatever else starts that.

    contract    what callers hand over on the command line and in the environment
    words       what they read on standard output
    carry       which end a session gets, whose kind the node tells: of ssmx's own, or
    plain           standard input and output of a shell or command without a terminal

Callers depend on what the official plugin prints where, so that is kept in every kind of session but one: in an ssh
stream nothing but the stream is on standard output. Not kept are its faults. Exit status 0 is a normal end, 1 a
failure, whose reason is on standard error.
"""

"""ssmx as a program without a terminal, forked from a process that has imported it: most of a short run is imports.

What a program has of its own (arguments, environment, standard streams, exit status) each of them has. What is
imported, tests/contract/test_start_up.py looks at, in fresh processes.
"""

import multiprocessing
import os
import sys
import threading

_PRELOADED = [
    *("ssmx.__main__", "ssmx.app", "ssmx.find", "ssmx.connect", "ssmx.leftovers", "ssmx.plugins", "ssmx.lent"),
    *("ssmx.aws.clients", "ssmx.aws.inventory", "ssmx.aws.sessions", "ssmx.aws.endpoints", "ssmx.aws.models"),
    *("ssmx.aws.signing", "ssmx.store.config", "ssmx.store.journal", "ssmx.store.pace", "ssmx.store.ports"),
    *("ssmx.transport.auto", "ssmx.transport.native.transport", "ssmx.tunnel.carrying", "ssmx.ui.show"),
    *("ssmx.cli.forward", "ssmx.cli.tunnel", "ssmx.cli.ls", "ssmx.cli.run", "ssmx.cli.shell", "ssmx.cli.resolve"),
    *("ssmx.reach.watch", "ssmx.reach.status", "ssmx.reach.stop", "ssmx.reach.logs", "ssmx.reach.waiting"),
]

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(_PRELOADED)


def run(words, env, *, seconds):
    """Run ssmx with these words to its end; gives its status, its output and its errors."""
    reads, writes = zip(os.pipe(), os.pipe(), strict=True)
    texts = ["", ""]
    process = _context.Process(target=_ssmx, args=(list(words), env, *map(_Descriptor, writes)))
    try:
        process.start()
    finally:
        for each in writes:
            os.close(each)

    def read(at):
        with os.fdopen(reads[at], encoding="utf-8", errors="replace") as stream:
            texts[at] = stream.read()

    readers = [threading.Thread(target=read, args=(at,)) for at in range(2)]
    for each in readers:
        each.start()
    process.join(seconds)
    if process.exitcode is None:
        process.kill()
        process.join()
        raise TimeoutError(f"ssmx {words} has not ended in {seconds} seconds")
    for each in readers:
        each.join()
    return process.exitcode, *texts


class _Descriptor:
    """A file descriptor that goes to the new process."""

    def __init__(self, number):
        self.number = number

    def __reduce__(self):
        return _adopted, (multiprocessing.reduction.DupFd(self.number),)


def _adopted(sent):
    return sent.detach()


def _ssmx(words, env, out, err):
    os.environ.clear()
    os.environ.update(env)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(out, 1)
    os.dup2(err, 2)
    for each in (out, err):
        os.close(each)
    sys.stdin = sys.stdout = sys.stderr = None  # ssmx opens what is missing
    sys.argv = ["ssmx", *words]
    from ssmx.__main__ import run as main

    main()

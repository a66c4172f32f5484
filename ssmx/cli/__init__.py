"""The words the user types: the table of commands, and the one place where errors are caught."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module

import click

from ssmx import __version__
from ssmx.app import App
from ssmx.cli.lazy import LazyGroup
from ssmx.cli.options import valued_options
from ssmx.errors import Interrupted, LocalFault, ReaderGone, SsmxError, UsageError
from ssmx.model.aliases import KEPT, Alias, expand, first_word
from ssmx.signals import Signalled

COMMANDS = {
    "shell": "Open a shell on a node, or run one command on a terminal there.",
    "run": "Run a command on a node: its output, its errors and its status are yours.",
    "forward": "Bring ports of a node, or of hosts it reaches, to this machine.",
    "tunnel": "Reach a database or any other endpoint through a node, and run a client on it.",
    "db": "Open a database by its name, with its own client.",
    "why": "Tell whether a node reaches an endpoint, and which rule is missing where not.",
    "up": "Let the tunnels of the team's file be up, with ports that are always there.",
    "down": "End the tunnels of the team's file.",
    "init": "Write a team's file from the tunnels that run.",
    "ps": "List the tunnels that run on this machine.",
    "status": "Watch the tunnels: what they carry, through which node, what is wrong.",
    "wait": "Wait until tunnels are ready.",
    "logs": "Print what a background tunnel has said.",
    "stop": "End tunnels, wherever they were started.",
    "resolve": "Print which node a name means.",
    "ls": "List nodes with their EC2 and SSM state, or the endpoints of a service.",
    "index": "Look at what is known of nodes and endpoints, refresh it, or forget it.",
    "eks-token": "Print what kubectl signs in to an EKS cluster with.",
    "sessions": "List and end your open sessions.",
    "config": "Read and change the settings; say which project files are trusted.",
    "plugin": "Look at the official session-manager-plugin, or put ssmx in its place.",
    "sandbox": "Run an AWS on this machine, to try ssmx and to test with.",
    "completion": "Let your shell complete commands, options and names.",
}

ABOUT = """Shells and tunnels to EC2 instances by name, through Session Manager: no open port, no shared key.

\b
  ssmx shell payments-api          a shell on the node of that name
  ssmx run payments-api -- uptime  a command: its output, its errors and its status
  ssmx forward admin-ui 8080       a port of a node on localhost
  ssmx tunnel rds payments-prod -- psql
  ssmx db sessions                 any database by its name, with its own client
  ssmx up                          the team's tunnels, as ssmx.toml declares them
  ssmx shell Role=api,Env=prod     by tags, by i-…, by address, by asg/NAME
  ssmx --sandbox shell web         try it without an AWS account
"""

_root = LazyGroup(table=COMMANDS, about=ABOUT)
cli = click.version_option(__version__, "-V", "--version", prog_name="ssmx", message="%(prog)s %(version)s")(_root)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and give its exit status; the only place that catches errors and shows them."""
    words = list(sys.argv[1:] if argv is None else argv)
    app = App(*_cut(words), sandbox=_sandbox)
    status = _run(app, words)
    with suppress(KeyboardInterrupt, SsmxError):  # what was learned is worth no more than that
        app.finish()
    return status


def _run(app: App, words: list[str]) -> int:
    try:
        with app.signals.raised():
            app.words, app.tail = _cut(_expanded(app, words))
            status = cli.main(app.words, prog_name="ssmx", obj=app, standalone_mode=False)
            sys.stdout.flush()
            return status if isinstance(status, int) else 0
    except SsmxError as error:
        return _shown(app, error)
    except Signalled as signalled:
        return _shown(app, signalled.error)
    except click.exceptions.NoArgsIsHelpError as error:
        app.plain_show().conversation(error.format_message())
        return error.exit_code
    except click.UsageError as error:
        usage = _usage(app, error)
        app.plain_show().error(usage)  # the words were not read to their end
        return usage.exit
    except click.exceptions.Exit as error:
        return error.exit_code
    except (click.Abort, KeyboardInterrupt, EOFError):
        return _shown(app, Interrupted("interrupted"))
    except (BrokenPipeError, SystemExit):  # the latter is click's word for the former
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python must not try to flush again
        return ReaderGone.exit
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EBADF):
            return _shown(app, app.report(error))
        hint = "look at where standard output leads"
        return _shown(app, LocalFault(f"cannot write the answer: {error.strerror}", hint=hint))
    except Exception as error:  # the error boundary
        return _shown(app, app.report(error))


def _cut(words: list[str]) -> tuple[list[str], tuple[str, ...] | None]:
    """What click reads, and what stands after the first `--`, which belongs to the user's command."""
    cut = words.index("--") if "--" in words else None
    return words[:cut], None if cut is None else tuple(words[cut + 1 :])


def _expanded(app: App, words: list[str]) -> list[str]:
    """The words without aliases; those of the files are read where one may be meant. Raises ConfigError."""
    valued = valued_options()
    at = first_word(words, valued)
    asks_help = bool({"-h", "--help"} & {*app.words})
    if at is None or words[at] in KEPT or words[at].startswith("__") or (asks_help and words[at] in COMMANDS):
        return words

    def find(word: str) -> Alias | None:
        # A command that can do without the files says itself what is wrong with them.
        app.config.forgiving = word in COMMANDS and bool(app.config.problems())
        return app.config.alias(word)

    found, used = expand(words, valued, find)
    app.expanded += [f"{each.name} means `{each.text}` ({each.origin})" for each in used]
    return found


def _usage(app: App, error: click.UsageError) -> UsageError:
    where = error.ctx.command_path if error.ctx else "ssmx"
    hint = f"{where} --help"
    if isinstance(error, click.MissingParameter) and app.tail:
        hint = f"{where} TARGET -- COMMAND: the target stands before --"
    return UsageError(error.format_message(), hint=hint)


def _sandbox(app: App) -> None:
    import_module("ssmx.cli.sandbox").enter(app)


def _shown(app: App, error: SsmxError) -> int:
    try:
        show = app.show
    except SsmxError:  # the settings themselves are wrong: show what is wrong without them
        show = app.plain_show()
    show.error(error)
    return error.exit

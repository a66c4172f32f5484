"""The options and arguments that commands share."""

from __future__ import annotations

import functools
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from ssmx.app import App
from ssmx.errors import UsageError
from ssmx.model.aliases import KEPT
from ssmx.model.settings import OUTPUTS, TRANSPORTS, Value
from ssmx.model.wording import either

if TYPE_CHECKING:
    from ssmx.model.target import Spec

F = TypeVar("F", bound=Callable[..., Any])


def _remember(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    """Keep a global option in the App. The word nearer to the end of the command line wins."""
    if value is None or value is False:
        return
    if value == "":  # of a script whose variable is not set: it meant some account, and not any
        raise UsageError(f"{max(param.opts, key=len)} is empty", hint="name one, or leave the option out")
    app = ctx.find_object(App)
    assert app is not None
    assert param.name is not None
    app.flags[param.name] = Value(param.name != "input" and value, max(param.opts, key=len))


def global_options() -> list[click.Option]:
    """The options every command takes, before and after its name."""

    def option(*names: str, **about: Any) -> click.Option:
        # Eager, because what a TARGET means depends on them.
        return click.Option(names, expose_value=False, is_eager=True, callback=_remember, **about)

    return [
        option("-p", "--profile", metavar="NAME", help="AWS profile."),
        option("-r", "--region", metavar="NAME", help="AWS region."),
        option("-o", "--output", type=click.Choice(OUTPUTS), metavar="FORM", help=f"Answer as {either(OUTPUTS)}."),
        option("--no-input", "input", is_flag=True, help="Never ask."),
        option("-v", "--verbose", is_flag=True, help="Say what is asked of AWS."),
        option("-q", "--quiet", is_flag=True, help="Say nothing but errors."),
        option("--sandbox", is_flag=True, help="Use an AWS on this machine."),
    ]


def valued_options() -> list[str]:
    """The names of those that take a value."""
    return [name for option in global_options() if not option.is_flag for name in option.opts]


_SENTENCE = 200  # characters

SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

# Commands that are about this machine: --sandbox is nothing to them.
_LOCAL = ("sandbox", "completion", "index", "plugin", "config", "ps", "status", "stop", "logs", "wait")
# These leave out a file that is broken, and what it is not trusted with.
_FORGIVING = ("sandbox", "completion", "config", "ps", "status", "stop", "logs", "wait", "down")


class Command(click.Command):
    """A command with the global options; `tail` says that it takes words after `--`, `tail_name` what they are."""

    def __init__(self, *args: Any, tail: bool = False, tail_name: str = "COMMAND", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.context_settings = SETTINGS
        self.takes_tail = tail
        self.tail_name = tail_name
        self.params = [*self.params, *global_options()]

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, on the sandbox where that was asked for."""
        app = ctx.find_object(App)
        assert app is not None
        if app.tail is not None and not self.takes_tail:
            raise UsageError(f"`{ctx.command_path}` takes nothing after --", hint=f"{ctx.command_path} --help")
        name = ctx.command_path.split()[1]
        app.config.forgiving = name in _FORGIVING
        if name not in _LOCAL and app.settings.sandbox.value:
            app.enter_sandbox()
        if name not in _FORGIVING:
            _tell_origins(app)
        elif name not in KEPT:
            for each in app.config.problems():
                app.show.note(f"{each.message}: this file is left out")
        return super().invoke(ctx)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """The usage line, with what may stand after `--`."""
        return [*super().collect_usage_pieces(ctx), *([f"[-- {self.tail_name}...]"] if self.takes_tail else [])]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The command's own options first, then those that all commands take."""
        write_options(self, ctx, formatter)


def _tell_origins(app: App) -> None:
    """Say, to whoever asked with -v, what aliases stand for, and what a project's file sets."""
    for each in app.expanded:
        app.show.detail(each)
    project = app.config.project
    for name, value in project.settings.items() if project is not None else ():
        if getattr(app.settings, name) is value:
            app.show.detail(f"{name} is {value.value} ({value.origin})")


class Group(click.Group):
    """A command made of commands, with the global options."""

    command_class = Command

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, context_settings=SETTINGS, **kwargs)
        self.params = [*self.params, *global_options()]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Its commands, then the options that all commands take."""
        self.format_commands(ctx, formatter)
        write_options(self, ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands, each with its whole first sentence."""
        found = ((name, self.get_command(ctx, name)) for name in self.list_commands(ctx))
        with formatter.section("Commands"):
            formatter.write_dl([(name, each.get_short_help_str(_SENTENCE)) for name, each in found if each])


def write_options(command: click.Command, ctx: click.Context, formatter: click.HelpFormatter) -> None:
    """The help of a command's own options, then of those that all commands take."""
    shared = {option.name for option in global_options()}
    own: list[tuple[str, str]] = []
    common: list[tuple[str, str]] = []
    for param in command.get_params(ctx):
        record = param.get_help_record(ctx) if isinstance(param, click.Option) else None
        if record is not None:
            (common if param.name in shared else own).append(record)
    for title, records in (("Options", own), ("Global options", common)):
        if records:
            with formatter.section(title):
                formatter.write_dl(records)


class TargetWord(click.ParamType):  # type: ignore[type-arg]  # generic in the newest click only
    """TARGET: what names a node."""

    name = "target"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Spec:
        """Read it, which may be a name of a file's; raises UsageError, ConfigError."""
        if not isinstance(value, str):
            return cast("Spec", value)  # click converts defaults twice
        app = ctx.find_object(App) if ctx is not None else None
        if app is not None:
            placed = import_module("ssmx.cli.placed")
            meant = placed.target(app, value)
            # The last one was no name of a file.
            value = meant if value == placed.LAST else import_module("ssmx.cli.named").named(app, meant)
        return cast("Spec", import_module("ssmx.model.target").parse(value))


class Assignment(click.ParamType):  # type: ignore[type-arg]
    """KEY=VALUE."""

    name = "key=value"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Split it at the first `=`; raises UsageError."""
        if isinstance(value, tuple):
            return value
        key, equals, rest = str(value).partition("=")
        if not equals or not key:
            raise UsageError(f"--parameter {value}: it is KEY=VALUE", hint="for example --parameter portNumber=80")
        return key, rest


TARGET = TargetWord()


def target_argument(command: F) -> F:
    """The argument TARGET."""
    return click.argument("target", type=TARGET, metavar="TARGET")(command)


def pick_options(command: F) -> F:
    """--newest, --oldest, --any: how a script decides between several nodes of one name; they give `pick`."""

    @functools.wraps(command)
    def with_pick(*args: Any, newest: bool, oldest: bool, any_one: bool, **kwargs: Any) -> Any:
        kinds = import_module("ssmx.model.target").Pick
        given = {kinds.NEWEST: newest, kinds.OLDEST: oldest, kinds.ANY: any_one}
        picks = [pick for pick, wanted in given.items() if wanted]
        if len(picks) > 1:
            raise UsageError(f"{' and '.join(f'--{pick}' for pick in picks)} at once", hint="give one of them")
        return command(*args, pick=picks[0] if picks else None, **kwargs)

    wrapped: Any = click.option(
        "--anywhere",
        is_flag=True,
        expose_value=False,
        callback=_remember,
        help="Where it is not here, go where it is known to be.",
    )(with_pick)
    for name, about in (
        (("--any", "any_one"), "Of several, take the one with the first id."),
        (("--oldest",), "Of several, take the one launched first."),
        (("--newest",), "Of several, take the one launched last."),
    ):
        wrapped = click.option(*name, is_flag=True, help=about)(wrapped)
    return cast(F, wrapped)


def scopes_option(command: F) -> F:
    """-A; gives `everywhere`."""
    return click.option(
        "-A",
        "--all-scopes",
        "everywhere",
        is_flag=True,
        help="In all profiles and regions that the config lists as [scopes]; of these -p, -r alone.",
    )(command)


def session_options(command: F) -> F:
    """--reason, --wait, --dry-run, as every command that starts a session has them."""
    for option in (
        click.option("--dry-run", is_flag=True, help="Print what would be done and the equivalent aws command."),
        click.option("--wait", is_flag=True, help="Wait until the node is online."),
        click.option("--reason", default="", help="Why, for the audit trail (256 characters)."),
    ):
        command = option(command)
    return command


def bind_option(command: F) -> F:
    """--bind; gives `bind`, an address."""
    forward = import_module("ssmx.model.forward")
    return click.option(
        "--bind",
        metavar="ADDR",
        default=forward.LOOPBACK,
        callback=lambda _ctx, _param, value: forward.bind_address(value),
        help="Listen on this address instead of 127.0.0.1 and ::1; 0.0.0.0 lets other machines in.",
    )(command)


def events_option(command: F) -> F:
    """--events; gives `events`."""
    return click.option(
        "--events",
        type=click.Choice(("json",)),
        metavar="json",
        help="Print what happens as JSON, one object a line; on stderr where a client runs.",
    )(command)


def file_option(command: F) -> F:
    """-f; gives `file`, None for the one that is found."""
    return click.option("-f", "--file", metavar="FILE", help="This file, and not the nearest ssmx.toml.")(command)


def keeping_options(command: F) -> F:
    """--background, --name, --lanes; they give `background`, `name` and `lanes`."""
    for option in (
        click.option(
            "--lanes",
            type=click.IntRange(1, 8),
            default=1,
            help="Sessions behind the port, 0.9 MB/s each: a connection takes the least loaded.",
        ),
        click.option(
            "--name", "called", metavar="NAME", default="", callback=_tunnel_name, help="What `ssmx stop` calls it."
        ),
        click.option(
            "--background", is_flag=True, help="Return when it is ready; `ssmx ps`, `stop`, `logs` look after it."
        ),
    ):
        command = option(command)
    return command


def _tunnel_name(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    if value and (value.startswith("-") or any(each.isspace() or not each.isprintable() for each in value)):
        raise UsageError(f"--name {value!r}: no spaces, and no - before it", hint="for example --name payments")
    return value


def transport_option(command: F) -> F:
    """--transport."""
    return click.option(
        "--transport",
        type=click.Choice(TRANSPORTS),
        metavar="HOW",
        expose_value=False,
        callback=_remember,
        help=f"What carries the session: {either(TRANSPORTS)}.",
    )(command)

"""Every setting of ssmx: one row each. Flag > environment > user file > default; each value knows its origin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Generic, TypeVar

from ssmx.errors import ConfigError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Value(Generic[T]):
    """A value and where it came from: `--region`, `AWS_REGION`, `…/config.toml:3`, `default`."""

    value: T
    origin: str


def row(
    default: str | bool | float, about: str, *, also: tuple[str, ...] = (), choices: tuple[str, ...] = ()
) -> Any:
    """A setting: its default (whose type is the setting's), variables beside SSMX_<NAME>, and allowed words."""
    return field(
        default_factory=lambda: Value(default, "default"),
        metadata={"default": default, "about": about, "also": also, "choices": choices},
    )


OUTPUTS = ("table", "json", "tsv", "csv", "name")
TRANSPORTS = ("auto", "plugin", "native")


@dataclass(frozen=True)
class Settings:
    """The settings of one run of ssmx."""

    profile: Value[str] = row(
        "", "the AWS profile", also=("AWS_DEFAULT_PROFILE", "AWS_PROFILE")
    )  # botocore's order
    region: Value[str] = row("", "the AWS region", also=("AWS_REGION", "AWS_DEFAULT_REGION"))
    output: Value[str] = row("table", "how answers are printed", choices=OUTPUTS)
    input: Value[bool] = row(True, "whether ssmx may ask on a terminal")
    verbose: Value[bool] = row(False, "say on stderr what is asked of AWS and why")
    quiet: Value[bool] = row(False, "say nothing on stderr but errors")
    sandbox: Value[bool] = row(False, "use the AWS on this machine")
    transport: Value[str] = row("auto", "what carries a session", choices=TRANSPORTS)
    plugin: Value[str] = row("", "the path of session-manager-plugin; empty looks for it")
    document: Value[str] = row("", "the session document of `ssmx shell`; empty is the account's default")
    ca_bundle: Value[str] = row(
        "", "the file of certificates that databases are verified with; empty fetches those of RDS"
    )
    escapes: Value[bool] = row(True, "whether ~. at the beginning of a line ends a shell, as in ssh")
    resume_timeout: Value[float] = row(300.0, "seconds in which a lost connection is to be resumed")
    wait_timeout: Value[float] = row(300.0, "seconds that --wait waits for a node to come online")
    index_fresh: Value[float] = row(60.0, "seconds in which a name that was looked up needs no other look-up")
    index_refresh: Value[float] = row(
        900.0, "seconds after which what is known is refreshed in the background; 0 never does"
    )
    anywhere: Value[bool] = row(False, "go where a name is, in the profiles and regions that are known")


_ROWS = {each.name: each.metadata for each in fields(Settings)}


def merge(flags: Mapping[str, Value[Any]], environ: Mapping[str, str], file: Mapping[str, Value[Any]]) -> Settings:
    """The settings of this run. Raises ConfigError, naming the origin, for an unknown name or a wrong type."""
    for name, given in file.items():
        if name not in _ROWS:
            raise ConfigError(f"{given.origin}: unknown setting {name!r}", hint=f"known are {', '.join(_ROWS)}")
    values: dict[str, Value[Any]] = {}
    for name, about in _ROWS.items():
        if name in flags:
            values[name] = flags[name]
            continue
        for variable in (f"SSMX_{name.upper()}", *about["also"]):
            if environ.get(variable):
                values[name] = Value(_word(environ[variable], about["default"], variable), variable)
                break
        else:
            if name in file:
                values[name] = file[name]
        if name in values:
            _check(name, values[name], about)
    return Settings(**values)


def wants_json(words: Sequence[str], environ: Mapping[str, str]) -> bool:
    """Whether JSON is asked for, even by words that make no command; the last word wins."""
    asked = environ.get("SSMX_OUTPUT", "")
    for word, after in zip(words, [*words[1:], ""], strict=False):
        if word in ("-o", "--output"):
            asked = after
        elif word.startswith(("-o", "--output=")):
            asked = word.partition("=")[2] or word[2:]
    return asked == "json"


def _word(text: str, default: str | bool | float, variable: str) -> str | bool | float:
    if isinstance(default, bool):
        if text.lower() in ("1", "true", "yes", "on"):
            return True
        if text.lower() in ("0", "false", "no", "off"):
            return False
        raise ConfigError(f"{variable}={text}: it is true or false", hint=f"set {variable}=1 or {variable}=0")
    if isinstance(default, float):
        try:
            return float(text)
        except ValueError:
            raise ConfigError(f"{variable}={text}: it is a number", hint=f"for example {variable}=60") from None
    return text


def _check(name: str, given: Value[Any], about: Mapping[str, Any]) -> None:
    kind = {str: "text", bool: "true or false", float: "a number, 0 or more"}[type(about["default"])]
    fits = {
        "text": isinstance(given.value, str),
        "true or false": isinstance(given.value, bool),
        "a number, 0 or more": isinstance(given.value, int | float)
        and not isinstance(given.value, bool)
        and 0 <= given.value < float("inf"),
    }[kind]
    if not fits:
        raise ConfigError(f"{given.origin}: {name} is {kind}, not {given.value!r}", hint=f"it is {about['about']}")
    if about["choices"] and given.value not in about["choices"]:
        words = ", ".join(about["choices"])
        raise ConfigError(f"{given.origin}: {name} is one of {words}, not {given.value!r}", hint="choose one")

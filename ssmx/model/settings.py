"""Every setting of ssmx: one row each. Flag > environment > project file > user file > default."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, fields
from typing import Any, Generic, TypeVar

from ssmx.errors import ConfigError
from ssmx.light import dataclass

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Value(Generic[T]):
    """A value and where it came from: `--region`, `AWS_REGION`, `…/config.toml:3`, `default`."""

    value: T
    origin: str

    @property
    def is_from_aws(self) -> bool:
        """Whether a variable of the aws command says it: of a profile, keys go before that."""
        return self.origin in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")

    @property
    def is_from_file(self) -> bool:
        """Whether a file of ours says it, at a line."""
        return self.origin.rpartition(":")[2].isdecimal()


def row(
    default: str | bool | float,
    about: str,
    *,
    also: tuple[str, ...] = (),
    choices: tuple[str, ...] = (),
    wrong: Callable[[str], str] | None = None,
    guarded: str = "",
    is_path: bool = False,
) -> Any:
    """A setting: its default (whose type is the setting's), variables beside SSMX_<NAME>, and allowed words.

    `wrong` says what is wrong with a text, if anything is; `guarded` what it does that a project file is to be
    trusted with; `is_path`: in a file it begins in that file's folder.
    """
    about_it = {"default": default, "about": about, "also": also, "choices": choices}
    return field(
        default_factory=lambda: Value(default, "default"),
        metadata={**about_it, "wrong": wrong, "guarded": guarded, "is_path": is_path},
    )


_REGION = r"[a-z0-9-]+"
_REASON = 256  # characters that AWS takes


def wrong_region(text: str) -> str:
    """What is wrong with a region: in a URL it leads to AWS and nowhere else."""
    return "" if re.fullmatch(_REGION, text) else f"{text!r} is no region"


def wrong_reason(text: str) -> str:
    """What is wrong with a reason for the audit trail."""
    lines = len(text.splitlines())
    fits = len(text) <= _REASON and "\n" not in text
    return "" if fits else f"it has {len(text)} characters in {lines} lines"


RUNS_ON_NODES = "says what runs on nodes"
OUTPUTS = ("table", "json", "tsv", "csv", "name")
TRANSPORTS = ("auto", "plugin", "native")


@dataclass(frozen=True)
class Settings:
    """The settings of one run of ssmx."""

    profile: Value[str] = row(
        "", "the AWS profile", also=("AWS_DEFAULT_PROFILE", "AWS_PROFILE")
    )  # botocore's order
    region: Value[str] = row(
        "", "the AWS region, such as eu-west-1", also=("AWS_REGION", "AWS_DEFAULT_REGION"), wrong=wrong_region
    )
    output: Value[str] = row("table", "how answers are printed", choices=OUTPUTS)
    input: Value[bool] = row(True, "whether ssmx may ask on a terminal")
    verbose: Value[bool] = row(False, "say on stderr what is asked of AWS and why")
    quiet: Value[bool] = row(False, "say nothing on stderr but errors", guarded="hides what ssmx says")
    sandbox: Value[bool] = row(False, "use the AWS on this machine")
    transport: Value[str] = row("auto", "what carries a session", choices=TRANSPORTS)
    plugin: Value[str] = row(
        "", "the path of session-manager-plugin; empty looks for it", guarded="names a program", is_path=True
    )
    document: Value[str] = row(
        "", "the session document of `ssmx shell`; empty is the account's default", guarded=RUNS_ON_NODES
    )
    ca_bundle: Value[str] = row(
        "",
        "the file of certificates that databases are verified with; empty fetches those of RDS",
        guarded="says which certificates are believed",
        is_path=True,
    )
    reason: Value[str] = row("", "why, for the audit trail: one line of 256 characters at most", wrong=wrong_reason)
    escapes: Value[bool] = row(True, "whether ~. at the beginning of a line ends a shell, as in ssh")
    resume_timeout: Value[float] = row(300.0, "seconds in which a lost connection is to be resumed")
    wait_timeout: Value[float] = row(300.0, "seconds that --wait waits for a node to come online")
    index_fresh: Value[float] = row(60.0, "seconds in which a name that was looked up needs no other look-up")
    index_refresh: Value[float] = row(
        900.0, "seconds after which what is known is refreshed in the background; 0 never does"
    )
    scope_timeout: Value[float] = row(10.0, "seconds that a call may take where many accounts or regions are asked")
    anywhere: Value[bool] = row(
        False,
        "go where a name is, in the profiles and regions that are known",
        guarded="leads to other accounts",
    )


ROWS: Mapping[str, Mapping[str, Any]] = {each.name: each.metadata for each in fields(Settings)}


def merge(
    flags: Mapping[str, Value[Any]], environ: Mapping[str, str], files: Sequence[Mapping[str, Value[Any]]]
) -> Settings:
    """The settings of this run; of the files the first goes first, and they have been checked.

    Raises ConfigError, naming the origin, for a wrong flag or variable.
    """
    values: dict[str, Value[Any]] = {}
    for name, about in ROWS.items():
        variables = (f"SSMX_{name.upper()}", *about["also"])
        variable = next((each for each in variables if environ.get(each)), "")
        if name in flags:
            values[name] = flags[name]
        elif variable:
            values[name] = Value(read_word(name, environ[variable], f"{variable}={environ[variable]}"), variable)
        else:
            if (file := next((each for each in files if name in each), None)) is not None:
                values[name] = file[name]
            continue
        check(name, values[name])
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


def read_word(name: str, text: str, said: str) -> str | bool | float:
    """What a setting is that was given as a word; `said` is how. Raises ConfigError."""
    default = ROWS[name]["default"]
    if isinstance(default, bool):
        if text.lower() in ("1", "true", "yes", "on"):
            return True
        if text.lower() in ("0", "false", "no", "off"):
            return False
        raise ConfigError(f"{said}: it is true or false", hint=f"{name} is {ROWS[name]['about']}")
    if isinstance(default, float):
        try:
            return float(text)
        except ValueError:
            raise ConfigError(f"{said}: it is a number", hint=f"{name} is {ROWS[name]['about']}") from None
    return text


def check(name: str, given: Value[Any]) -> None:
    """Raise ConfigError, naming the origin, where a value does not fit its setting."""
    about = ROWS[name]
    kind = {str: "text", bool: "true or false", float: "a number, 0 or more"}[type(about["default"])]
    fits = {
        "text": isinstance(given.value, str),
        "true or false": isinstance(given.value, bool),
        "a number, 0 or more": isinstance(given.value, int | float)
        and not isinstance(given.value, bool)
        and 0 <= given.value < float("inf"),
    }[kind]
    hint = f"it is {about['about']}"
    if not fits:
        raise ConfigError(f"{given.origin}: {name} is {kind}, not {given.value!r}", hint=hint)
    if about["choices"] and given.value not in about["choices"]:
        words = ", ".join(about["choices"])
        raise ConfigError(f"{given.origin}: {name} is one of {words}, not {given.value!r}", hint="choose one")
    if about["wrong"] and given.value and (wrong := about["wrong"](given.value)):
        raise ConfigError(f"{given.origin}: {name}: {wrong}", hint=hint)

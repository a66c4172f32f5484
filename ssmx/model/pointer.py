"""What a shell can see of the account it would talk to, as the name of a pointer to what is known of that account.

A shell cannot ask AWS which account it is in. It finds the index by a file that ssmx has written: named from
profile, region and access key id, and from whatever else decides what these mean. The completion scripts make the
same name.
Light, for completion: nothing is imported here.
"""

from __future__ import annotations

TYPE_CHECKING = False  # as typing's, which takes longer to import than all of this
if TYPE_CHECKING:
    from collections.abc import Mapping

# The first that is set counts; ssmx's settings read the same, in this order.
PROFILE = ("SSMX_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_PROFILE")
REGION = ("SSMX_REGION", "AWS_REGION", "AWS_DEFAULT_REGION")
SANDBOX = "SSMX_SANDBOX"
KEY = "AWS_ACCESS_KEY_ID"  # goes before AWS_PROFILE; a profile that was asked for otherwise goes before it
# Named only where they are set, each by a letter; `s` is the sandbox, `f` the project's file.
OTHERS = (
    ("e", "AWS_ENDPOINT_URL"),
    ("n", "AWS_ENDPOINT_URL_EC2"),
    ("r", "AWS_ROLE_ARN"),
    ("u", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
    ("U", "AWS_CONTAINER_CREDENTIALS_FULL_URI"),
    ("c", "AWS_CONFIG_FILE"),
    ("x", "AWS_SHARED_CREDENTIALS_FILE"),
)

FILE = "ssmx.toml"  # a project's file

YES = ("1", "true", "yes", "on")


def pointer(
    environ: Mapping[str, str], *, profile: str = "", region: str = "", sandbox: bool = False, project: str = ""
) -> str:
    """The name for this environment, and for what the command line says; `project` is the path of its file."""
    sandbox = sandbox or environ.get(SANDBOX, "").lower() in YES
    key = "" if profile or environ.get(PROFILE[0]) else environ.get(KEY, "")
    parts = [profile or _first(environ, PROFILE), region or _first(environ, REGION), key]
    parts += ["s=1"] if sandbox else []
    parts += [f"{letter}={environ[name]}" for letter, name in OTHERS if environ.get(name)]
    parts += [f"f={project}"] if project else []
    return ",".join(escaped(each) for each in parts)


def _first(environ: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((environ[name] for name in names if environ.get(name)), "")


def escaped(part: str) -> str:
    """As a part of a file's name that has commas between its parts."""
    return part.replace("%", "%25").replace("/", "%2F").replace(",", "%2C")

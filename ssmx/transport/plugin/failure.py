"""What the plugin says about a session it could not start or keep, as an error of ours.

It prints a Go error behind `Cannot perform start session:`; the words are matched leniently, newest versions last.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from ssmx.errors import (
    AccessDenied,
    LocalFault,
    NoPlugin,
    ProtocolError,
    SessionLost,
    SignInExpired,
    SsmxError,
    TargetOffline,
    TryLater,
)
from ssmx.light import dataclass
from ssmx.model.plan import Plan
from ssmx.model.plugin import MINIMUM, Plugin
from ssmx.transport.ending import CHANNEL_HINT, closed
from ssmx.transport.plugin.chatter import LastWords, Said

_NATIVE = "`--transport native` needs no plugin"


@dataclass(frozen=True, slots=True)
class _Row:
    """A reason of the plugin's, and the error it becomes: `text` is followed by the plugin's own words."""

    words: str
    error: type[SsmxError]
    text: str
    hint: str


_ROWS = (
    _Row(
        r"update session manager plugin version|minimum required version|upgrade.* aws.?cli",
        NoPlugin,
        "session-manager-plugin is too old for this session",
        f"install {MINIMUM} or newer (`ssmx plugin status` says how), or use --transport native",
    ),
    _Row(
        r"invalid character .* looking for beginning of value|unexpected end of json",
        NoPlugin,
        "session-manager-plugin does not take the session from its environment",
        f"install {MINIMUM} or newer; {_NATIVE}",
    ),
    _Row(
        r"connection to destination port failed",
        TargetOffline,
        "nothing takes the connection at the remote port",
        "check that the service listens there, and the security groups on the way",
    ),
    _Row(
        r"address already in use",
        LocalFault,
        "the local port is taken",
        "choose another port, or end what listens on it",
    ),
    _Row(
        r"bind: invalid argument|name too long",
        LocalFault,
        "the path of the plugin's socket is too long",
        "run it with TMPDIR=/tmp",
    ),
    _Row(
        r"kms.*(?:accessdenied|not authorized)|(?:accessdenied|not authorized).*kms|GenerateDataKey",
        AccessDenied,
        "the plugin got no data key from KMS",
        "ask for kms:GenerateDataKey on the key of your account's session preferences",
    ),
    _Row(
        r"no ?credential ?providers|failed to (?:refresh|retrieve|get) .*credentials|expired ?token|token.*expired"
        r"|get credentials",
        SignInExpired,
        "the plugin found no valid credentials",
        SignInExpired.advice,
    ),
    _Row(
        r"accessdenied|not authorized|forbidden|\b403\b|bad handshake",
        AccessDenied,
        "the data channel was refused",
        CHANNEL_HINT,
    ),
    _Row(
        r"stream ?url|(?:invalid|unexpected|not an?).*endpoint",
        NoPlugin,
        "session-manager-plugin does not take this StreamUrl",
        _NATIVE,
    ),
    _Row(
        r"unable to determine sessiontype",
        ProtocolError,
        "the plugin does not know this kind of session",
        _NATIVE,
    ),
    _Row(
        r"dial tcp|no such host|i/o timeout|refused|unreachable|reset by peer|tls:|x509|proxyconnect|websocket",
        TryLater,
        "the plugin cannot open the data channel",
        f"check the network and HTTPS_PROXY; {_NATIVE}",
    ),
)


def failure(words: LastWords, plan: Plan, plugin: Plugin, *, heard: bool, how: str) -> SsmxError:
    """The error for a plugin that ended with these words; `how` it ended is told where they do not tell why.

    `heard`: the node had said something by then. The words of a good end are no failure: do not ask for them.
    """
    label = plan.target.label
    if words.said is Said.TIMED_OUT:
        return SessionLost(
            f"the session on {label} timed out: nobody typed for long, or it reached its longest duration",
            hint="the limits stand in the account's Session Manager preferences; run the command again",
        )
    row = next((row for row in _ROWS if re.search(row.words, words.reason, re.IGNORECASE)), None)
    if words.said is Said.CLOSED:
        if row is not None and row.error is NoPlugin:
            return NoPlugin(f"{row.text}: {words.reason}", hint=row.hint)
        return closed(words.reason, plan, ready=heard)
    if words.said is Said.FAILED:
        if row is not None:
            return row.error(f"{row.text}: {words.reason}", hint=row.hint)
        return SessionLost(f"session-manager-plugin could not carry the session on {label}: {words.reason}")
    said = f": {words.reason[-200:]}" if words.reason else ", without saying why"
    kind: Callable[..., SsmxError] = SessionLost if heard else NoPlugin
    return kind(f"{plugin.label} {how}{said}")

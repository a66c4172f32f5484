"""What one run of ssmx gives its own client of the data channel: signatures, resumption, keys."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING

from ssmx.errors import SignInExpired
from ssmx.transport.native.support import Support

if TYPE_CHECKING:
    from ssmx.app import App
    from ssmx.channel.encryption import Cipher
    from ssmx.model.session import Session


def support(app: App, called: str = "") -> Support:
    """The Support of this run; what is noted begins with what it is about, where that is `called` something."""

    def resume(session_id: str) -> Session | None:
        try:
            return app.sessions.resume(session_id)
        except SignInExpired:
            app.clients.renew()
            return app.sessions.resume(session_id)

    def session_key(key_id: str, context: dict[str, str]) -> tuple[Cipher, bytes]:
        """A data key of a KMS key: the cipher it makes, and the key as KMS has wrapped it."""
        key, wrapped = import_module("ssmx.aws.kms").data_key(app.clients, key_id, context)
        return import_module("ssmx.channel.cipher").SessionCipher(key, random=os.urandom), wrapped

    return Support(
        sign=lambda url: app.clients.sign(url),
        authorities=lambda: app.clients.authorities(),
        resume=resume,
        resume_seconds=app.settings.resume_timeout.value,
        escapes=app.settings.escapes.value,
        session_key=session_key,
        asked_here=app.asking.here,
        note=(lambda text: app.show.note(f"{called}: {text}")) if called else app.show.note,
        detail=app.show.detail,
    )

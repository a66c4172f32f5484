"""Connections through tunnels, as the clients that people have beside psql take them. No text has a password."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree

from ssmx.errors import UsageError
from ssmx.model.dialect import Access, dialect
from ssmx.model.dialect.kind import given
from ssmx.model.dialect.sql import POSTGRES
from ssmx.model.drivers import (
    Client,
    base_url,
    client_of,
    database_of,
    properties_of,
    store_of,
    store_recipe,
    takes_pem,
    whole_url,
)
from ssmx.model.endpoint import Endpoint
from ssmx.model.wording import printable, together

FORMS = ("jdbc", "pgpass", "datagrip", "dbeaver", "env")

Connections = Sequence[tuple[str, Access]]
"""What the user calls a tunnel, and how it is reached."""

_DRIVERS = ("jdbc", "datagrip", "dbeaver")  # the forms for clients that have drivers
_TOLD = {
    "pgpass": "these lines go into ~/.pgpass, which only you may read, with the password in the place of PASSWORD",
    "datagrip": "copy this, and paste it in DataGrip's Database Explorer; it asks for passwords",
    "dbeaver": "DBeaver reads it at its start as .dbeaver/data-sources-ssmx.json in a project of its workspace",
}

# What a dialect's variable is called after the tunnel's name.
_VARIABLES: Mapping[str, tuple[str, ...]] = {
    "DATABASE_URL": ("URL", "DATABASE_URL"),
    "REDIS_URL": ("URL",),
    "MONGODB_URI": ("URL",),
    "AMQP_URL": ("URL",),
    "SSMX_URL": ("URL",),
    "SSMX_CONNECT_TO": ("CONNECT_TO",),
    "KUBECONFIG": ("KUBECONFIG",),
}


def export(form: str, connections: Connections) -> str:
    """The text of that form, without those that `left_out` names. Raises UsageError for an unknown form."""
    fitting = [(name, access) for name, access, why in _judged(form, connections) if not why]
    return _WRITERS[form](fitting) if fitting else ""


def left_out(form: str, connections: Connections) -> list[str]:
    """Which connections that form cannot have, and why; a line each. Raises UsageError for an unknown form."""
    return [f"{printable(name)}: {why}" for name, _, why in _judged(form, connections) if why]


def notes(form: str, connections: Connections) -> list[str]:
    """What is left for the user to do or to know, a line each. Raises UsageError for an unknown form."""
    fitting = [access for _, access, why in _judged(form, connections) if not why]
    lines = [_TOLD[form]] if form in _TOLD and fitting else []
    stores: dict[str, list[str]] = {}
    for access in fitting if form in _DRIVERS else []:
        client = _known(access)
        if client.warning:
            lines.append(client.warning)
        if store_of(client, access, makes_store=form != "jdbc"):
            stores.setdefault(access.ca_bundle, []).append(client.driver)
    for ca_bundle, drivers in stores.items():
        reading = together(list(dict.fromkeys(drivers)))
        lines.append(f"for {reading} make a trust store of Java: {store_recipe(ca_bundle)}")
    return list(dict.fromkeys(lines))


def wants_authority(form: str, endpoint: Endpoint) -> bool:
    """Whether that form is to be given the file of certificates that the endpoint is verified with."""
    if form in _DRIVERS:
        client = client_of(Access(endpoint, "", 0))
        return endpoint.tls and client is not None and client.authority
    return form == "env" and endpoint.tls and dialect(endpoint).needs_ca


def _judged(form: str, connections: Connections) -> Iterator[tuple[str, Access, str]]:
    """Each connection, and why that form cannot have it."""
    if form not in FORMS:
        raise UsageError(f"no form {form!r}", hint=f"known are {', '.join(FORMS)}")
    taken: dict[str, str] = {}
    for name, access in connections:
        why = _refused(form, access)
        if form == "env" and not why:
            variables = _variables(name, access)
            other = next((taken[each] for each in variables if each in taken), "")
            why = f"its variables would be those of {printable(other)}" if other else ""
            taken |= {} if why else dict.fromkeys(variables, name)
        yield name, access, why


def _refused(form: str, access: Access) -> str:
    client, kind = client_of(access), access.endpoint.engine or "what it speaks"
    if not access.port:
        return "it is a unix socket, which has no port to connect to"
    if form == "pgpass" and dialect(access.endpoint) is not POSTGRES:
        return "only clients of PostgreSQL read ~/.pgpass"
    if form == "jdbc" and (client is None or client.own):
        return f"there is no usual JDBC driver for {kind}"
    if form == "datagrip" and client is None:
        return f"DataGrip has no driver for {kind}"
    if form == "dbeaver" and (client is None or client.dbeaver is None):
        return f"DBeaver's free edition has no driver for {kind}"
    return ""


def _known(access: Access) -> Client:
    """The client of a connection that was not refused."""
    client = client_of(access)
    assert client is not None
    return client


def _identity(name: str) -> str:
    """The same for the same name: what is imported again is the same connection."""
    return str(uuid5(NAMESPACE_URL, f"ssmx:{name}"))


def _jdbc(connections: Connections) -> str:
    """A line each: the name, a tab, the URL, which is what is pasted."""
    lines = []
    for name, access in connections:
        client = _known(access)
        user = {client.user: access.user} if client.user and access.user else {}
        properties = user | properties_of(client, access, makes_store=False)
        lines.append(f"{printable(name)}\t{whole_url(client, access, properties)}\n")
    return "".join(lines)


def _pgpass(connections: Connections) -> str:
    """Lines for clients that say the endpoint's name (libpq's `host`, with `hostaddr`), and for those that dial."""
    lines = []
    for name, access in connections:
        lines.append(f"# {printable(name)}\n")
        user = _escaped(access.user) or "*"
        hosts = dict.fromkeys((access.endpoint.host, access.host))
        lines += [f"{_escaped(host)}:{access.port}:*:{user}:PASSWORD\n" for host in hosts]
    return "".join(lines)


def _escaped(field: str) -> str:
    return field.replace("\\", "\\\\").replace(":", "\\:")


def _datagrip(connections: Connections) -> str:
    """What DataGrip puts on the clipboard for data sources, and takes from it."""
    parts = ["#DataSourceSettings#\n"]
    for name, access in connections:
        source = ElementTree.tostring(_data_source(printable(name), access), encoding="unicode")
        parts.append(f"#LocalDataSource: {printable(name)}\n#BEGIN#\n{source}\n#END#\n\n")
    return "".join(parts)


def _data_source(name: str, access: Access) -> ElementTree.Element:
    client = _known(access)
    source = ElementTree.Element("data-source", {"source": "LOCAL", "name": name, "uuid": _identity(name)})
    fields = {
        "driver-ref": client.datagrip,
        "synchronize": "true",
        "jdbc-driver": client.driver,
        "jdbc-url": whole_url(client, access, properties_of(client, access, makes_store=True)),
        "secret-storage": "master_key",
        "user-name": access.user,
        "working-dir": "$ProjectFileDir$",
    }
    _add(source, given(**fields))
    if takes_pem(client, access):
        told = {"ca-cert": access.ca_bundle, "enabled": "true", "mode": "VERIFY_CA"}
        _add(ElementTree.SubElement(source, "ssl-config"), told)
    return source


def _add(parent: ElementTree.Element, fields: Mapping[str, str]) -> None:
    for tag, text in fields.items():
        ElementTree.SubElement(parent, tag).text = text


def _dbeaver(connections: Connections) -> str:
    """A file of data sources beside DBeaver's own."""
    found = {f"ssmx-{_identity(name)}": _connection(name, access) for name, access in connections}
    return json.dumps({"folders": {"ssmx": {}}, "connections": found}, indent=2) + "\n"


def _connection(name: str, access: Access) -> dict[str, object]:
    client = _known(access)
    assert client.dbeaver is not None
    provider, driver = client.dbeaver
    configuration: dict[str, object] = {
        "host": access.host,
        "port": str(access.port),
        "database": database_of(client, access),
        "url": base_url(client, access),
        "configurationType": "MANUAL",
        "type": "dev",
        "auth-model": client.auth,
        **given(user=access.user),
    }
    if properties := properties_of(client, access, makes_store=True):
        configuration["properties"] = properties
    if client.options:
        configuration["provider-properties"] = dict(client.options)
    if takes_pem(client, access):
        told = {"ssl.require": "true", "ssl.verify.server": "true", "ssl.method": "CERTIFICATES"}
        handler = {"type": "CONFIG", "enabled": True, "properties": {**told, "ssl.ca.cert": access.ca_bundle}}
        configuration["handlers"] = {f"{provider}_ssl": handler}
    return {
        "provider": provider,
        "driver": driver,
        "name": printable(name),
        "folder": "ssmx",
        "save-password": False,
        "configuration": configuration,
    }


def _env(connections: Connections) -> str:
    """Lines that a shell evaluates."""
    return "".join(
        f"export {variable}={shlex.quote(value)}\n"
        for name, access in connections
        for variable, value in _variables(name, access).items()
    )


def _variables(name: str, access: Access) -> dict[str, str]:
    prefix = re.sub(r"[^A-Z0-9]+", "_", name.upper()).strip("_") or "TUNNEL"
    prefix = f"_{prefix}" if prefix[0].isdigit() else prefix
    endpoint = access.endpoint
    said = dialect(endpoint).variables(replace(access, password=""), {})
    found = {called: said[each] for each, names in _VARIABLES.items() if each in said for called in names}
    values = {
        "HOST": access.host,
        "PORT": str(access.port),
        "ENDPOINT": endpoint.address,
        "USER": access.user,
        "DATABASE": endpoint.database,
        "CA": access.ca_bundle,
    }
    return {f"{prefix}_{key}": value for key, value in given(**values, **found).items()}


_WRITERS: Mapping[str, Callable[[Connections], str]] = {
    "jdbc": _jdbc,
    "pgpass": _pgpass,
    "datagrip": _datagrip,
    "dbeaver": _dbeaver,
    "env": _env,
}

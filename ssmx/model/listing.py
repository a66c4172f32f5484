"""What a row of the catalog is made of: the calls that list a service's endpoints, and who vouches for its TLS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import Any

from ssmx.light import dataclass


class Trust(StrEnum):
    """Who vouches for a service's certificates."""

    RDS = "rds"  # the bundle that AWS publishes for RDS
    PUBLIC = "public"  # the authorities that everybody trusts: AWS's own are among them
    OWN = "own"  # an authority that the endpoint tells


@dataclass(frozen=True, slots=True)
class Lookup:
    """One call that tells the VPC of a subnet, or the VPC and the subnets of a subnet group.

    `found` is a JMESPath over its answer: a list of objects with `key`, `vpc` and perhaps `subnets`. `argument`
    takes one key, or all of them where it is `plural`, or filters, of which `filter` is the name of the one for
    keys.
    """

    client: str
    operation: str
    argument: str
    found: str
    plural: bool = False
    filter: str = ""


@dataclass(frozen=True, slots=True)
class Then:
    """The second call of a service that lists names only.

    `items` is a JMESPath over the first call's answer: a list of objects with `name`, `ask`, which `argument` of
    `operation` takes, and whatever else the endpoints are made of. `at_once`: it takes a list of so many.
    `by_name`: it takes the name, so that one name needs no first call.
    """

    operation: str
    argument: str
    items: str
    at_once: int = 0
    by_name: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """One call that lists endpoints.

    `endpoints` is a JMESPath over its answer: a list of rows as `endpoint.from_row` reads them. With a second call
    it is over an object for each item, with `item` and `answer`. `given` are arguments; `narrowed` those that ask
    for one name only, `{name}` in its place. `networks`: a row's `network` is the name of a subnet or
    a group, of which this tells what the row does not.
    """

    client: str
    operation: str
    endpoints: str
    given: Mapping[str, Any] = field(default_factory=dict)
    narrowed: Mapping[str, Any] = field(default_factory=dict)
    then: Then | None = None
    networks: Lookup | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """A service of the catalog: what the user calls it, what it is, and how its endpoints are listed.

    `also` are words that people use for it; `database`: whether `ssmx db` looks there.
    """

    name: str
    about: str
    listings: tuple[Listing, ...]
    trust: Trust = Trust.PUBLIC
    database: bool = False
    also: tuple[str, ...] = ()

"""One list operation of an AWS service, as data: what it lists, by which names it narrows, how it cuts pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ssmx.sandbox import paging
from ssmx.sandbox.refusal import Refused

Item = Mapping[str, Any]
Operation = Callable[[Mapping[str, Any]], dict[str, Any]]
Operations = Mapping[str, Operation]


@dataclass(frozen=True, slots=True)
class Pages:
    """The parameters that cut pages, the member that names the next, the bounds, and the code of what is wrong."""

    size: str = "MaxRecords"
    mark: str = "Marker"
    following: str = "Marker"
    default: int = 100
    least: int = 20
    most: int = 100
    wrong: str = "InvalidParameterValue"


@dataclass(frozen=True, slots=True)
class Missing:
    """AWS's error for a name that nothing has; `{}` in the text is the name."""

    code: str
    text: str
    status: int = 400


@dataclass(frozen=True, slots=True)
class Listing:
    """The list `member` of all items, narrowed by what `names` has for a parameter: a member of the items.

    Names are compared without their case, as AWS keeps most of them in small letters.
    """

    member: str
    items: Sequence[Item]
    pages: Pages
    names: Mapping[str, str] = field(default_factory=dict)
    missing: Missing | None = None

    def __call__(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """The answer; raises Refused."""
        return self.cut(self.narrowed(parameters), parameters)

    def narrowed(self, parameters: Mapping[str, Any]) -> list[Item]:
        """The items that are asked for; raises Refused for a name that none has."""
        found = list(self.items)
        for parameter, of in self.names.items():
            given = parameters.get(parameter)
            if not given:
                continue
            wanted = [str(each) for each in given] if isinstance(given, list) else [str(given)]
            small = {each.lower() for each in wanted}
            found = [each for each in found if str(each[of]).lower() in small]
            have = {str(each[of]).lower() for each in found}
            lost = [each for each in wanted if each.lower() not in have]
            if lost and self.missing is not None:
                raise Refused(self.missing.code, self.missing.text.format(", ".join(lost)), self.missing.status)
        return found

    def cut(self, found: Sequence[Any], parameters: Mapping[str, Any]) -> dict[str, Any]:
        """One page of these; raises Refused."""
        pages = self.pages
        try:
            size = paging.limit(
                parameters.get(pages.size), default=pages.default, least=pages.least, most=pages.most
            )
            page, token = paging.cut(found, token=parameters.get(pages.mark), size=size)
        except paging.BadLimit as error:
            text = f"{pages.size} must be between {pages.least} and {pages.most}"
            raise Refused(pages.wrong, text) from error
        except paging.BadToken as error:
            raise Refused(pages.wrong, f"The specified {pages.mark} is not valid") from error
        return {self.member: page, pages.following: token}


def one(listing: Listing, parameter: str, member: str = "") -> Operation:
    """The operation that tells of one item by its name: the item itself, or as `member` of the answer."""

    def describe(parameters: Mapping[str, Any]) -> dict[str, Any]:
        found = listing.narrowed({parameter: parameters[parameter]})
        return {member: found[0]} if member else dict(found[0])

    return describe

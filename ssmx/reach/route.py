"""Which node a tunnel goes through now, and which one next: by name again, or the next jump."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from ssmx import find
from ssmx.app import App
from ssmx.errors import AccessDenied, NoJump, SsmxError, TargetOffline
from ssmx.model.endpoint import Endpoint
from ssmx.model.jump import TAG, rank
from ssmx.model.plan import Plan
from ssmx.model.target import Nothing, One, Pick, Several, Spec, Target, Unreachable, choose
from ssmx.tunnel.support import Route

_MOST = 5  # nodes that are tried one after the other: what is wrong with so many is wrong with all
_ROUND_SECONDS = 30.0  # after which nodes that could not connect may be tried again

Planned = Callable[[Target], Plan]


class Fixed:
    """Always the same node: one that was given by its id, or chosen from several."""

    patient = False

    def __init__(self, target: Target, planned: Planned) -> None:
        self._plan = planned(target)

    def plan(self) -> Plan:
        """The only one."""
        return self._plan

    def gone(self, error: SsmxError) -> bool:
        """There is no other."""
        return False


class Named:
    """The node that has the name, which may be another one the next time. `target` has it now."""

    patient = True

    def __init__(self, app: App, spec: Spec, pick: Pick | None, target: Target, planned: Planned) -> None:
        self._app = app
        self._spec = spec
        self._pick = pick
        self._target = target
        self._planned = planned
        self._stale = False

    def plan(self) -> Plan:
        """The same node, until that was gone."""
        if self._stale:
            self._target = self._look_up()
            self._stale = False
        return self._planned(self._target)

    def gone(self, error: SsmxError) -> bool:
        """Look the name up, after a pause: it may take a while until another node has it."""
        self._stale = True
        return False

    def _look_up(self) -> Target:
        match choose(self._app.inventory.find(self._spec), self._pick):
            case One(target):
                return target
            case Several(targets):
                for target in targets:
                    if target.id == self._target.id:
                        return target
                raise TargetOffline(f"{self._spec.text} means {len(targets)} nodes now, and none is the former")
            case Unreachable() | Nothing():
                raise TargetOffline(f"no node {self._spec.text} is online")


class Jumps:
    """The nodes that may reach an endpoint, one after the other. The endpoint's VPC is known."""

    patient = True

    def __init__(self, app: App, endpoint: Endpoint, planned: Planned) -> None:
        self._app = app
        self._endpoint = endpoint
        self._planned = planned
        self._known: list[Target] = []
        self._refused: Sequence[tuple[Target, str]] = ()
        self._asked = self._whole = False  # whether the tagged nodes, and all of the VPC, are known
        self._at = 0
        self._errors: list[SsmxError] = []
        self._over_until = 0.0  # a round of nodes has brought nothing

    def plan(self) -> Plan:
        """The best node that has not failed in this round; where there is no more, the round's first error."""
        if not self._endpoint.vpc:
            raise NoJump(f"the VPC of {self._endpoint.label} is not known")
        while self._at >= len(self._known) and not self._whole:
            self._learn()
        if not self._known:
            raise self._none()
        if self._at >= len(self._known):
            first = self._errors[0]
            self._begin_again()
            raise first
        return self._planned(self._known[self._at])

    def gone(self, error: SsmxError) -> bool:
        """Go on to the next node, unless enough have been tried just now, or no node would do."""
        if isinstance(error, AccessDenied) and ":document/" in str(error.details.get("resource", "")):
            return False
        if time.monotonic() < self._over_until:
            return False
        if not self._known:
            return True  # it was of a round that is over: the next one begins with the nodes as they are
        self._errors.append(error)
        self._at += 1
        if self._at < _MOST and not (self._whole and self._at >= len(self._known)):
            return True
        self._begin_again()
        return False

    def _begin_again(self) -> None:
        """The next round begins with the nodes as they are then, and not at once."""
        self._known, self._errors, self._at = [], [], 0
        self._asked = self._whole = False
        self._over_until = time.monotonic() + _ROUND_SECONDS

    def _learn(self) -> None:
        """Look for the nodes that are meant for this; the next time for all of the VPC."""
        tags, self._asked = (() if self._asked else ((TAG, "true"),)), True
        ranking = rank(self._endpoint, self._app.inventory.in_vpcs([self._endpoint.vpc], tags=tags))
        known = {target.id for target in self._known}
        self._known += [target for target in ranking.jumps if target.id not in known]
        self._refused = ranking.refused
        self._whole = not tags

    def _none(self) -> NoJump:
        shown = [f"\n  {target.label}: {why}" for target, why in self._refused[:8]]
        more = f"\n  and {len(self._refused) - 8} more" if len(self._refused) > 8 else ""
        said = f"no node in {self._endpoint.vpc} can carry a tunnel to {self._endpoint.label}"
        return NoJump(f"{said}:{''.join(shown)}{more}" if shown else f"{said}: none runs there")


def to(app: App, spec: Spec, *, pick: Pick | None, wait: bool) -> tuple[Target, Callable[[Planned], Route]]:
    """The node that `spec` means, asked for where it means several; and what makes routes through it.

    Raises as `find.one` does.
    """
    target, chosen = find.one_and_how(app, spec, pick=pick, wait=wait)
    if chosen:
        return target, lambda each: Fixed(target, each)
    return target, lambda each: Named(app, spec, pick, target, each)

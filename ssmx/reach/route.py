"""Which node a tunnel goes through now, and which one next: by name again, or the next jump."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from ssmx import find
from ssmx.app import App
from ssmx.errors import AccessDenied, NoJump, SsmxError, TargetOffline
from ssmx.find import Found
from ssmx.model.endpoint import Endpoint
from ssmx.model.jump import Verdict, is_tagged
from ssmx.model.plan import Plan
from ssmx.model.target import Nothing, One, Pick, Several, Spec, Target, Unreachable, choose
from ssmx.reach import nodes
from ssmx.tunnel.support import Route

_MOST = 5  # nodes that are tried one after the other: what is wrong with so many is wrong with all
_ROUND_SECONDS = 30.0  # after which nodes that could not connect may be tried again
_SHOWN = 8  # nodes, in an error
# The one that worked last, those that are meant for it, all of the VPC, those of peered ones: one after the other,
# because each asks AWS more than the one before.
_STEPS = ("last", "tagged", "vpc", "peers")

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

    def worked(self, target: Target) -> None:
        """It is the same the next time anyway."""


class Named:
    """The node that has the name, which may be another one the next time. `found` has it now."""

    def __init__(self, app: App, spec: Spec, pick: Pick | None, found: Found, planned: Planned) -> None:
        self._app = app
        self._spec = spec
        self._pick = pick
        self._target = found.target
        self._known = found.known
        self.patient = not found.chosen
        self._planned = planned
        self._stale = False

    def plan(self) -> Plan:
        """The same node, until that was gone."""
        if self._stale:
            self._target = self._look_up()
            self._stale = False
        return self._planned(self._target)

    def gone(self, error: SsmxError) -> bool:
        """Look the name up: at once where that was not done yet, else after a pause, for it may take a while."""
        self._stale = True
        at_once, self._known = self._known, False
        return at_once

    def worked(self, target: Target) -> None:
        """The name decides the next time, too."""

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
        self._refused: dict[str, Verdict] = {}
        self._steps: Sequence[str] = _STEPS  # where nodes are still to be looked for
        self._last: Sequence[Target] = ()
        self._at = 0
        self._errors: list[SsmxError] = []
        self._over_until = 0.0  # a round of nodes has brought nothing

    def plan(self) -> Plan:
        """The best node that has not failed in this round; where there is no more, the round's first error."""
        if not self._endpoint.vpc:
            raise NoJump(f"the VPC of {self._endpoint.label} is not known")
        while self._at >= len(self._known) and self._steps:
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
        if self._known[self._at] in self._last:
            self._app.last_jumps.keep(nodes.key(self._endpoint), "")
        self._errors.append(error)
        self._at += 1
        if self._at < _MOST and (self._steps or self._at < len(self._known)):
            return True
        self._begin_again()
        return False

    def worked(self, target: Target) -> None:
        """Begin with this node the next time."""
        self._app.last_jumps.keep(nodes.key(self._endpoint), target.id)

    def _begin_again(self) -> None:
        """The next round begins with the nodes as they are then, and not at once."""
        self._known, self._errors, self._at = [], [], 0
        self._refused, self._steps = {}, _STEPS
        self._over_until = time.monotonic() + _ROUND_SECONDS

    def _learn(self) -> None:
        """Look for nodes where the next step says."""
        step, *self._steps = self._steps
        known = {target.id for target in self._known}
        warn = self._app.show.detail
        if step == "last":
            ranking = nodes.remembered(self._app, self._endpoint, warn=warn)
            self._last = ranking.nodes
            # Where it is not meant for this, those that are go first: somebody may have meant one since.
            self._known += [target for target in self._last if is_tagged(target)]
            self._refused |= {verdict.node.id: verdict for verdict in ranking.refused}
            return
        if step == "peers":
            ranking = nodes.of_peers(self._app, self._endpoint, warn=warn)
        else:
            ranking = nodes.of_vpc(self._app, self._endpoint, tagged=step == "tagged", warn=warn)
        self._known += [target for target in ranking.nodes if target.id not in known]
        self._known += self._last if not self._known else ()
        self._refused |= {verdict.node.id: verdict for verdict in ranking.refused}

    def _none(self) -> NoJump:
        refused = list(self._refused.values())
        shown = [f"\n  {verdict.node.label}: {verdict.why}" for verdict in refused[:_SHOWN]]
        more = f"\n  and {len(refused) - _SHOWN} more" if len(refused) > _SHOWN else ""
        said = f"no node in {self._endpoint.vpc} can carry a tunnel to {self._endpoint.label}"
        return NoJump(
            f"{said}:{''.join(shown)}{more}" if shown else f"{said}: none runs there",
            hint="name one with --via TARGET; --explain tells of every node, `ssmx why NODE ENDPOINT` of one",
        )


def to(app: App, spec: Spec, *, pick: Pick | None, wait: bool) -> tuple[Found, Callable[[Planned], Route]]:
    """The node that `spec` means, asked for where it means several; and what makes routes through it.

    Raises as `find.one` does.
    """
    found = find.node(app, spec, pick=pick, wait=wait)
    if found.chosen and not found.known:  # what is known from shortly before may be looked up yet
        return found, lambda each: Fixed(found.target, each)
    return found, lambda each: Named(app, spec, pick, found, each)

"""Keep the tunnels of a team's file: they listen at once, and come and go while the process stays."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from ssmx.errors import HungUp, Interrupted, SsmxError, Terminated
from ssmx.signals import Signals
from ssmx.transport.interrupt import Interrupt, on_thread, run
from ssmx.tunnel.answering import answering
from ssmx.tunnel.kept import Kept
from ssmx.tunnel.team import Declared, Done, Ready, Team


def keep(team: Team, names: Sequence[str], signals: Signals, *, ready: Ready, socket: Path) -> int:
    """Keep what the file says until somebody ends it, or all of its tunnels; gives the exit status.

    `names` are those to begin with, all where there are none. `ready` is told once what became of each, as whoever
    asks at `socket` is, and orders. Raises what `ready` raises, and ConfigError.
    """
    return run(signals, lambda interrupt: _Keeping(team, signals, interrupt).run(names, ready, socket))


class _Keeping:
    """The tunnels that are up, by name, each with what the file said of it and the task that keeps it."""

    def __init__(self, team: Team, signals: Signals, interrupt: Interrupt) -> None:
        self._team = team
        self._signals = signals
        self._interrupt = interrupt
        self._up: dict[str, tuple[Kept, object, asyncio.Task[None]]] = {}
        self._changing = asyncio.Lock()
        self._empty = asyncio.Event()
        self._is_told = False

    async def run(self, names: Sequence[str], ready: Ready, socket: Path) -> int:
        """To the end; see `keep`."""
        status = 0
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(answering(socket, self._answer))
            try:
                said = self._said(await self._interrupt.beside(self._bring_up(names)))
                await self._interrupt.beside(on_thread(lambda: ready(said)))
                for kept, _, _ in self._up.values():
                    _tell(kept)  # now: in the background this goes to a log
                self._is_told = True
                await self._interrupt.beside(self._empty.wait())
            except (Interrupted, Terminated, HungUp) as error:
                status = error.exit
            finally:
                with self._signals.held("ending the sessions first"):
                    await asyncio.gather(*(self._end(name) for name in [*self._up]))
        return status

    async def _answer(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """What others are told who ask, and the results of what they order."""
        names = [str(each) for each in request.get("names") or ()]
        done: Sequence[Done] = ()
        match request.get("do"):
            case "up":
                self._team.adopt(request.get("signed_in") or {})
                done = await self._bring_up(names)
            case "down":
                done = await self._take_down(names)
        return self._said(done)

    def _said(self, done: Sequence[Done]) -> Mapping[str, Any]:
        tunnels = [kept.facts().as_json() for kept, _, _ in self._up.values()]
        return {"tunnels": tunnels, "done": [each.as_json() for each in done]}

    async def _bring_up(self, names: Sequence[str]) -> list[Done]:
        """Let these be up as the file says now; without names all of it, and nothing else."""
        async with self._changing:
            declared = {each.name: each for each in await on_thread(self._team.read)}
            wanted = [each for each in names or declared if each in declared]
            done = [await self._let_be(declared[name]) for name in wanted]
            if not names:
                for name in [each for each in self._up if each not in declared]:
                    await self._end(name)
                    done.append(Done(name, "down"))
            await self._write()
            return done

    async def _take_down(self, names: Sequence[str]) -> list[Done]:
        async with self._changing:
            going = [name for name in self._up if not names or name in names]
            await asyncio.gather(*(self._end(name) for name in going))
            await self._write()
            return [Done(name, "down") for name in going]

    async def _write(self) -> None:
        """Tell others what is up; where nothing is, this process has nothing more to do."""
        await on_thread(lambda: self._team.write([*self._up]))
        if not self._up:
            self._empty.set()

    async def _let_be(self, declared: Declared) -> Done:
        """Let one be up as it is declared."""
        how = "up"
        if declared.name in self._up:
            if self._up[declared.name][1] == declared.said:
                return Done(declared.name, "kept")
            await self._end(declared.name)
            how = "changed"
        try:
            await on_thread(lambda: self._team.write([*self._up, declared.name]))
            kept = Kept(await on_thread(declared.make), several=True, hurry=self._interrupt.again)
            await kept.listen()
        except SsmxError as error:
            return Done(declared.name, "failed", error)
        self._up[declared.name] = kept, declared.said, asyncio.create_task(kept.run())
        if self._is_told:
            _tell(kept)
        return Done(declared.name, how)

    async def _end(self, name: str) -> None:
        kept, _, task = self._up.pop(name)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await kept.close()
        kept.events.say("down")


def _tell(kept: Kept) -> None:
    kept.events.say(f"{kept.place.label} waits for its first connection")

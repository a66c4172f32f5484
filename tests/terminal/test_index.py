"""What is known is offered first, and is refreshed behind the user's back."""

import time
from pathlib import Path

import pytest

from tests.waiting import until


@pytest.mark.usefixtures("none_open")
def test_what_was_chosen_last_comes_first_in_the_picker(user):
    for keys in ("10.0.45.232", ""):
        user.ssmx("shell web")
        user.sees("Which one")
        time.sleep(0.5)
        user.keys(keys)
        time.sleep(0.5)
        user.keys("\r")
        user.sees(r"\[ravi@ip-10-0-45-232 ~\]\$ ")
        user.types("exit")
        user.back()


class TestARefresh:
    @pytest.fixture
    def env(self, env, tmp_path):
        cache = tmp_path / "cache"
        cache.mkdir()
        return {**env, "XDG_CACHE_HOME": str(cache), "SSMX_INDEX_REFRESH": "900"}

    def names(self, env, above):
        """What shells would offer, once that is more than so many names."""

        def found():
            lists = list(Path(env["XDG_CACHE_HOME"]).glob("ssmx/index/scopes/*/names"))
            names = lists[0].read_text().splitlines()[1:] if lists else []
            return names if len(names) > above else None

        return until(found, seconds=20)

    def test_begins_in_the_background_once_where_a_person_looks_a_name_up(self, user, env, levers):
        for name in ("payments-api", "admin-ui"):
            user.ssmx(f"resolve {name} -o name")
            status, shown = user.back()
            assert (status, shown.endswith(f"{name}\r\n"), "ssmx:" in shown) == (0, True, False)
        assert "bastion-prod" in self.names(env, above=100)
        until(lambda: levers.asked("ListAccountAliases"), seconds=20)  # the last of all it asks
        user.ssmx("resolve bastion-prod -o name")
        user.back()
        assert len(levers.asked("ListDocuments")) == 1

    def test_never_begins_for_a_program(self, ssmx, env, levers):
        assert ssmx("resolve", "payments-api", **env).status == 0
        assert self.names(env, above=0) == ["payments-api"]
        assert levers.asked("ListDocuments") == []

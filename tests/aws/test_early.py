"""A connection that is begun early."""

import pytest

from ssmx import early
from ssmx.aws import hot


@pytest.mark.parametrize(
    ("environ", "folder"),
    [
        ({"HOME": "/home/ravi", "XDG_CACHE_HOME": "/cache"}, "/cache/ssmx"),
        ({}, None),
        ({"HOME": ""}, None),
        ({"HOME": "here", "XDG_CACHE_HOME": "there"}, None),
    ],
)
def test_authorities_are_never_those_of_the_folder_we_are_in(monkeypatch, environ, folder):
    caches = []
    monkeypatch.setattr(hot, "hot", lambda _profile, _region, cache: caches.append(cache))
    early.begin(["shell", "web"], environ)
    assert [cache and str(cache()) for cache in caches] == [folder]


@pytest.mark.parametrize(
    ("words", "begun"),
    [
        (["web"], True),
        (["-v", "web", "--", "-r"], True),
        (["-r", "us-east-1", "web"], False),
        (["-vr", "us-east-1", "web"], False),
        (["-pprod", "web"], False),
        (["--region=us-east-1", "web"], False),
        (["%"], False),
        (["-"], False),
        (["--background", "web"], False),
    ],
)
def test_words_that_say_where_are_waited_for(monkeypatch, words, begun):
    asked = []
    monkeypatch.setattr(hot, "hot", lambda *about: asked.append(about))
    early.begin(["run", *words], {"HOME": "/home/ravi"})
    assert bool(asked) == begun

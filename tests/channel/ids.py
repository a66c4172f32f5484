"""Message ids for tests: counted, so that a failure can be read."""

from itertools import count
from uuid import UUID


def counted():
    numbers = count(1)
    return lambda: UUID(int=next(numbers))

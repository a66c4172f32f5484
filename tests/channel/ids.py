"""Message ids for tests: counted, so that a failure can be read."""

from itertools import count


def counted():
    numbers = count(1)
    return lambda: numbered(next(numbers))


def numbered(number):
    return number.to_bytes(16, "big")

"""Interleaved runs, so that a noisy moment of the machine strikes every row alike."""

from statistics import median


def interleaved(rows, runs):
    """Run each measurement of `rows` (name → function that gives seconds) in turn; name → list of seconds."""
    times = {name: [] for name in rows}
    for turn in range(runs + 1):
        for name, measure in rows.items():
            seconds = measure()
            if turn:  # the first round fills the disk cache
                times[name].append(seconds)
    return times


def lines(times, *, against):
    """The table: median, minimum and maximum in milliseconds, and the ratio to the median of `against`."""
    unit = median(times[against])
    yield f"| what | median ms | min | max | x {against} |"
    yield "|---|---:|---:|---:|---:|"
    for name, seconds in times.items():
        shown = (f"{each * 1000:.0f}" for each in (median(seconds), min(seconds), max(seconds)))
        yield f"| {name} | {' | '.join(shown)} | {median(seconds) / unit:.2f} |"

"""`python -m tests.bench NAME`: measure, and print a table of medians and ratios of this one run."""

import importlib
import sys

BENCHMARKS = {
    "start": "from exec to StartSession answered, and to a tunnel that is ready, beside aws; --help and --version",
    "channel": "ports, ssh streams and resume, beside the official plugin",
    "shell": "keys, paste, output and the first prompt of a shell, beside the official plugin",
    "tunnel": "forward and tunnel: until ready, to the first row, throughput, connections, beside aws",
    "lanes": "downloads through 1 to 8 lanes of a tunnel, behind which agents are as slow as real ones",
    "names": "one of 10 000 names looked up, all listed from the index, and completed in bash, zsh and fish",
    "scopes": "20 regions, and 20 regions of 10 profiles of which two are dead, at 150 ms a call",
    "plugin": "from exec to the moment the official plugin runs, beside aws",
}


def main(words):
    if len(words) != 1 or words[0] not in BENCHMARKS:
        for name, about in BENCHMARKS.items():
            print(f"{name:10} {about}")
        return 2
    for line in importlib.import_module(f"tests.bench.{words[0]}").table():
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The command `causalcourse`, for the terminal."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from causalcourse.errors import did_you_mean

_USAGE = "causalcourse doctor    look at this machine, and say in one sentence per problem what to do"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command of the terminal; returns the exit status: 0 well, 1 a problem found, 2 not understood.

    arguments: the words after `causalcourse`; those of this process when None. Used from chapter 00.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words in ([], ["help"], ["--help"], ["-h"]):
        print(_USAGE)
        return 0
    if words == ["doctor"]:
        from causalcourse.doctor import report

        return report()
    if words[0] == "doctor":
        print("causalcourse doctor takes nothing after it.", file=sys.stderr)
        return 2
    near = did_you_mean(words[0], ["doctor"])
    print(f"causalcourse does not know '{words[0]}'.{near} What it knows:\n{_USAGE}", file=sys.stderr)
    return 2

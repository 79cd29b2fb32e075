"""`python -m causalcourse doctor` is the same as `causalcourse doctor`."""

import sys

from causalcourse.cli import main

sys.exit(main())

"""python -m nst_core.fast: another name of `python -m nst_core train`."""

import sys

from nst_core.command.train import main

if __name__ == "__main__":
    sys.exit(main())

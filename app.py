"""Serve the page: `python app.py`. The page itself is `nst_core.page`."""

import argparse
from pathlib import Path
from typing import Any

from nst_core.errors import StyleTransferError
from nst_core.network.quiet_start import load_tensorflow_quietly
from nst_core.page import layout
from nst_core.page.loading import loading

EXAMPLES = Path(__file__).resolve().parent / "examples"
LAUNCH: dict[str, Any] = layout.launch_options(EXAMPLES)
"""What `Blocks.launch` must be told for this page."""


def build_page(backbone: str = "auto") -> layout.Page:
    """The page with this folder's examples, not launched yet."""
    return layout.build_page(backbone, EXAMPLES)


def main() -> None:
    parser = argparse.ArgumentParser(description="Serve the style transfer page.")
    parser.add_argument("--share", action="store_true", help="make a public link")
    parser.add_argument(
        "--backbone", default="auto", help="auto, vgg19, embedded or the path of a .h5 file"
    )
    options = parser.parse_args()
    try:
        page = build_page(options.backbone)
    except StyleTransferError as problem:
        parser.exit(2, f"{parser.prog}: {problem}\n")
    page.launch(share=options.share or None, prevent_thread_lock=True, **LAUNCH)
    load_tensorflow_quietly()  # only now, for the page answers without it
    loading(options.backbone)  # so that the first visitor need not wait for it
    page.block_thread()


if __name__ == "__main__":
    main()

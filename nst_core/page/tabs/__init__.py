"""The tabs, a file each; and `result.py`, `cells.py` and `previews.py`, of which they are made."""

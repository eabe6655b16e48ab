"""The network: whose weights run, and where they come from."""

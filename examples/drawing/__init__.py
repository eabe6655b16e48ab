"""Style images drawn by program: one module a family, each picture a function without arguments."""

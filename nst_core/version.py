"""The version of this package, alone, so that it can be read without importing anything."""

VERSION = "0.9.0"

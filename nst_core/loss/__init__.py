"""What is minimised: terms, and what each of them compares."""

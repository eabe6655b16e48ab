"""Study: what choices do, and what layers see."""

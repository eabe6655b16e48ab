"""The page: the only rooms that know Gradio."""

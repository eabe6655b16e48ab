"""How the page looks, and what its scripts do: colours and fonts here, the rest in files beside it.

Each style sheet (`layout.css` …) and each script (`names.js` …) is for one part of the page.
"""

from pathlib import Path

import gradio as gr

HERE = Path(__file__).parent
CSS = "\n".join(path.read_text() for path in sorted(HERE.glob("*.css")))
JS = "() => {\n" + "".join(f"({path.read_text()})();\n" for path in sorted(HERE.glob("*.js"))) + "}"
"""A function that runs when the page opens; each script is such a function."""
EARLY = [path.read_text() for path in sorted((HERE / "early").glob("*.js"))]
"""Scripts that run before Gradio's own."""
BACKGROUND = {"light": "#ffffff", "dark": "#0a0f1e"}
"""Of the page, in each of the theme's schemes; a phone's bars take it on."""
THEME = gr.themes.Default(
    primary_hue="indigo",
    secondary_hue="indigo",
    neutral_hue="slate",
    font=["system-ui", "sans-serif"],
    font_mono=["monospace"],
).set(  # darker than the theme's own, for contrast
    body_text_color_subdued="*neutral_600",
    body_text_color_subdued_dark="*neutral_300",
    block_title_text_color="*body_text_color",
    block_info_text_color="*neutral_600",
    block_info_text_color_dark="*neutral_300",
    block_label_text_color="*neutral_700",
    input_placeholder_color="*neutral_500",
    input_placeholder_color_dark="*neutral_400",
    link_text_color="*primary_700",
    link_text_color_visited="*primary_700",
    link_text_color_hover="*primary_800",
    link_text_color_active="*primary_800",
    link_text_color_dark="*primary_300",
    link_text_color_visited_dark="*primary_300",
    link_text_color_hover_dark="*primary_200",
    link_text_color_active_dark="*primary_200",
    button_primary_background_fill="*primary_600",
    button_primary_background_fill_hover="*primary_700",
)

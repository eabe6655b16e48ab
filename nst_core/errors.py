"""The errors a caller may want to tell apart. Each message is a sentence for a person."""


class RecipeError(ValueError):
    """A recipe, or a change to one, that can't be run: names the field and what is allowed."""


class BackboneError(RuntimeError):
    """Weights that are not to be had: names the file or the reason."""

"""Settings of pictures that earlier versions made, in the words of this one."""

from collections.abc import Mapping, Sequence

from nst_core.errors import SettingsError
from nst_core.kinds import Value
from nst_core.recipe.catalogue import RECIPES
from nst_core.recipe.optimizers import OPTIMIZERS

STUDIO_0_1: Mapping[str, Value] = {
    "style_layers": {f"block{number}_conv1": 4.0 ** (5 - number) / 341 for number in range(1, 6)},
    "style_weight": 50.0,
    "style_statistic": "gram",
    "style_scaling": "relative",
    "variation_weight": 1e-4,
    "variation_scaling": "plain",
    "variation_target": "none",
    "learning_rate": 16.0,
    "beta_1": 0.8,
    "beta_2": 0.7,
    "decay": 0.2,
    "averaging": 0.8,
    "steps": 120,
    "step_ratio": 2.0,
}
"""What `studio` was up to version 0.1, beside what it was in 0.2."""
STUDIO_UNTIL: Mapping[tuple[int, ...], Mapping[str, Value]] = {
    (0, 8, 0): {
        "start": "content",
        "coarsest": 64,
        "steps": 165,
        "step_ratio": 0.85,
        "style_weight": 1.6,
        "decay": 0.3,
    },
    (0, 6, 0): {"warm_up": 0},
    (0, 5, 0): {"keep_faces": 0.0},
}
"""Version -> what `studio` was before it, from 0.3 on."""
THREE_NAMES: Mapping[str, tuple[str, str, str]] = {
    **{
        f"activations-{name}": ("activations", name, "content")
        for name in ("relative", "mean", "sum", "root", "quarter")
    },
    **{
        f"gram-{name}": ("gram", name, "style")
        for name in ("relative", "mean", "sum", "root", "gatys", "image-area")
    },
    "moments": ("moments", "moments-relative", "style"),
    "variation": ("activations", "variation", "none"),
    "variation-chollet": ("activations", "variation-chollet", "none"),
    "roughness": ("roughness", "plain", "none"),
    "roughness-ratio": ("roughness", "ratio", "style"),
}
"""Comparison -> the statistic, scaling and target that stood for it up to version 0.2."""
_COMPARISONS: Mapping[tuple[object, ...], str] = {
    names: comparison for comparison, names in THREE_NAMES.items()
}
_FIELDS = ("statistic", "scaling", "target")


def bring_up_to_date(values: dict[str, object], version: Sequence[int]) -> None:
    """Have the values of settings name what has another name, or was another value, by now.

    Raises:
        SettingsError: a term was of a kind that this version lacks.
    """
    changes = values.get("changes")
    if not isinstance(changes, dict):
        return
    if list(version) >= [0, 3, 0]:
        if values.get("recipe") == "studio":
            values["changes"] = {**_what_studio_was(changes, version), **changes}
        return
    if values.get("recipe") == "studio":
        values["recipe"] = "moments"
        if list(version) < [0, 2, 0]:
            changes = {**_of_its_optimizer(STUDIO_0_1, changes), **changes}
    values["changes"] = _with_comparisons(values.get("recipe"), changes)


def _what_studio_was(changes: Mapping[str, object], version: Sequence[int]) -> dict[str, object]:
    """What `studio` has otherwise since version 0.3, of what these changes leave as it is."""
    was: dict[str, object] = {}
    for until, values in STUDIO_UNTIL.items():
        if tuple(version) < until:
            was |= values
    return _of_its_optimizer(was, changes)


def _of_its_optimizer(
    values: Mapping[str, object], changes: Mapping[str, object]
) -> dict[str, object]:
    """The values without Adam's, where the changes name another optimiser."""
    adam = "optimizer" not in changes
    own = set(vars(OPTIMIZERS["adam"]))
    return {name: value for name, value in values.items() if adam or name not in own}


def _with_comparisons(recipe: object, changes: Mapping[str, object]) -> dict[str, object]:
    """The changes with one comparison in the place of the three names of each term."""
    terms = RECIPES[recipe].terms if isinstance(recipe, str) and recipe in RECIPES else ()
    changed = dict(changes)
    for term in terms:
        flat = [f"{term.name}_{field}" for field in _FIELDS]
        if not changed.keys() & {*flat}:
            continue
        before = zip(flat, THREE_NAMES[term.comparison], strict=True)
        names = tuple(changed.pop(name, own) for name, own in before)
        comparison = _COMPARISONS.get(names) if all(isinstance(n, str) for n in names) else None
        if comparison is None:
            raise SettingsError(
                f"The {term.name} term of this picture compared in a way that only versions up to "
                "0.2 know."
            )
        changed[f"{term.name}_comparison"] = comparison
    return changed

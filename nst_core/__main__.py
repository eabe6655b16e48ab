"""The command line: python -m nst_core CONTENT STYLE [STYLE …] -o OUT.png"""

import argparse
import contextlib
import itertools
import json
import math
import sys
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import replace

from PIL import Image
from tqdm import tqdm

from nst_core import (
    Frame,
    ImageError,
    OutOfMemoryError,
    RecipeError,
    StyleTransferError,
    load_backbone,
)
from nst_core.command.fast import FastWork, by_decoder, by_network
from nst_core.command.parser import APART, BAD_INPUT, BY_DECODER, CHANGEABLE, FAILED, parser
from nst_core.images.masks import SoftMask
from nst_core.images.outputs import Outputs
from nst_core.images.sizes import resize, to_array, to_image
from nst_core.interruption import Interruption
from nst_core.network.quiet_start import load_tensorflow_quietly, without_warnings
from nst_core.painting.folders import is_done, is_folder, photographs, targets
from nst_core.painting.job import Job
from nst_core.painting.run import paint
from nst_core.painting.settings import to_text
from nst_core.painting.stages import enlarge
from nst_core.painting.style import Style


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    _show_any_character()
    words = sys.argv[1:] if arguments is None else arguments
    if not words:
        parser().error("CONTENT, STYLE and -o OUT.png are needed")
    options = parser().parse_intermixed_args(words)
    with without_warnings(), Interruption() as interruption:
        work = _paint_folder if is_folder(options.content) else _paint_one
        work = work if options.fast is None else _paint_fast
        try:
            return work(options, interruption)
        except StyleTransferError as error:
            print(f"nst_core: {error}", file=sys.stderr)
            return BAD_INPUT
        except KeyboardInterrupt:
            return interruption.status


def _paint_one(options: argparse.Namespace, interruption: Interruption) -> int:
    outputs = _outputs(options)
    return _paint(_job(options).opened(), outputs, options, interruption)


def _paint_folder(options: argparse.Namespace, _interruption: Interruption) -> int:
    """Paint every photograph of a folder; one that can't be painted does not stop the others."""
    for name in ("resume", "snapshots"):
        if getattr(options, name) is not None:
            raise RecipeError(f"--{name} is for one picture: CONTENT can't be a folder with it.")
    shared = _job(options).with_styles_opened()
    photos, failed = photographs(options.content), 0
    for number, (photo, target) in enumerate(targets(photos, options.output).items(), start=1):
        one = {**vars(options), "content": str(photo), "output": str(target)}
        one["place"] = f"{number} of {len(photos)}, {photo.name}: "
        single = argparse.Namespace(**one)
        try:
            job = replace(shared, content=photo).opened()
            if is_done(job, target):
                _say(f"{single.place}done already")
                continue
            with Interruption() as interruption:  # one each: saving a picture uses it up
                status = _paint(job, _outputs(single), single, interruption)
        except (ImageError, OutOfMemoryError) as error:
            _say(f"nst_core: {photo.name}: {error}")
            failed += 1
            continue
        if status:
            return status
    return FAILED if failed else 0


def _paint_fast(options: argparse.Namespace, _interruption: Interruption) -> int:
    """Paint at once: by the decoder, or by a network that was trained for some styles."""
    usual = vars(parser().parse_intermixed_args([options.content, "-o", options.output]))
    by_file = options.fast != BY_DECODER
    kept = KEPT if by_file else KEPT | KEPT_BY_DECODER
    for name, value in vars(options).items():
        if name not in kept and value != usual[name]:
            raise RecipeError(f"--{name.replace('_', '-')} means nothing with --fast.")
    styles, weights = options.style, options.style_weights or ()
    inputs = [options.fast] if by_file else _inputs(options)
    if by_file:
        painter = by_network(options.fast, styles, weights, options.size)
    else:
        painter = by_decoder(_job(options))
    work = FastWork(options.content, options.output, inputs, styles, options.json)
    return work.paint(painter, begin=load_tensorflow_quietly)


KEPT = {"style", "style_weights", "size", "json", "fast"}
"""Options that mean something with `--fast`."""
KEPT_BY_DECODER = {
    *("mask", "outside", "style_brushes", "brush_size"),
    *("keep_colours", "keep_colours_share"),
}
"""Some more, where it is any style."""


def _show_any_character() -> None:
    """What the standard streams' encoding lacks, such as ×, is replaced, not an error."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _job(options: argparse.Namespace) -> Job:
    """What to paint, its images being files; raises `RecipeError`."""
    given = options.recipe, options.backbone, options.resume, options.mask
    outside = [Style(image) for image in options.outside]
    names = (*APART, *CHANGEABLE)
    changes = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    return Job.of(options.content, _styles(options), *given, outside, **changes)


def _paint(
    job: Job, outputs: Outputs, options: argparse.Namespace, interruption: Interruption
) -> int:
    """Do all the work, save the result, and tell of it; returns the exit status."""
    content, _ = job.images
    outputs.check_space(job.recipe.generated_size(content.size))
    load_tensorflow_quietly()  # after what a mistake in the arguments would stop
    origin = load_backbone(job.backbone).origin
    frame = _follow(paint(job), outputs, (f"Backbone: {origin}", options.place), interruption)
    if not frame.final:
        mask, outside = job.place
        frame = _at_full_size(frame, content, None if outside else mask)
    settings = job.settings(frame)
    if settings.place is not None and not settings.place.whole:
        _warn("The mask inside the picture is a smaller one: the whole one would be too long.")
    outputs.keep_result(frame.image, to_text(settings))
    _report(frame, options)
    return 0 if frame.final else interruption.status


def _outputs(options: argparse.Namespace) -> Outputs:
    """The files to write; raises `OutputError` before the work if they can't be."""
    outputs = Outputs(options.output, options.snapshots or None, warn=_warn)
    outputs.check(_inputs(options))
    return outputs


def _inputs(options: argparse.Namespace) -> list[str]:
    """The files that are read."""
    maybe = [options.backbone, options.mask, options.resume]  # the first may be a file, too
    return [options.content, *options.style, *options.outside, *filter(None, maybe)]


def _styles(options: argparse.Namespace) -> list[Style]:
    """The styles; raises `RecipeError` for none, or a wrong number of values for them."""
    if not options.style:
        raise RecipeError("A STYLE is needed: the painting in whose manner to paint.")
    parts = {}
    for name in ("style_weights", "style_brushes"):
        parts[name] = getattr(options, name) or [1.0] * len(options.style)
        if len(parts[name]) != len(options.style):
            raise RecipeError(
                f"--{name.replace('_', '-')} needs one number for each style image: "
                f"{len(options.style)}, not {len(parts[name])}."
            )
    return list(map(Style, options.style, *parts.values()))


def _warn(sentence: str) -> None:
    _say(f"nst_core: {sentence}")


def _say(words: str) -> None:
    """Write a line on the standard error, above the bar if one is drawn."""
    with contextlib.suppress(OSError):  # a terminal that is gone must not cost the result
        tqdm.write(words, file=sys.stderr)


def _follow(
    run: Generator[Frame, None, None],
    outputs: Outputs,
    heads: tuple[str, str],
    interruption: Interruption,
) -> Frame:
    """Show the run's progress; return its last frame, which is not final if interrupted.

    heads: what stands above the bar, and in front of it.
    """
    first = frame = next(run)  # before the bar is drawn: what can't begin gets one line, not two
    with contextlib.suppress(KeyboardInterrupt), closing(run):
        above, before = heads
        _say(above)
        with tqdm(total=frame.total_steps, desc=before, file=sys.stderr, bar_format=_BAR) as bar:
            for frame in itertools.chain([first], run):
                bar.n = frame.step
                bar.set_postfix_str(_status(frame))
                if frame.checkpoint:
                    _say(_checkpoint(frame))
                    outputs.keep_snapshot(frame.image, frame.step)
                if interruption.came:
                    break
        interruption.hold()
    return frame


def _at_full_size(frame: Frame, content: Image.Image, mask: Image.Image | None) -> Frame:
    """A picture from a coarse stage at the size asked for, as the next stage would begin.

    Outside of the mask, if there is one, it is the content.
    """
    size, reached = frame.recipe.generated_size(content.size), frame.image.size
    if reached == size:
        return frame
    pixels = enlarge(to_array(frame.image), content, size)
    if mask is not None:
        photograph = resize(content, size, frame.recipe.resampling)
        pixels = SoftMask(mask).within(pixels, to_array(photograph))
    image = to_image(pixels)
    note = f"Painted up to {reached[0]} × {reached[1]} px, and enlarged to the size asked for."
    return replace(frame, image=image, message=f"{frame.message} {note}".strip())


_BAR = "{desc}{percentage:3.0f}% |{bar:24}| {n_fmt}/{total_fmt} {postfix}"


def _status(frame: Frame) -> str:
    width, height = frame.image.size
    left = "" if math.isnan(frame.remaining) else f", {frame.remaining:.0f} s left"
    return f"{width}×{height} px, {_terms(frame)}{left}"


def _terms(frame: Frame) -> str:
    counting = {name: value for name, value in frame.losses.items() if value}
    shown = {name: value for name, value in counting.items() if name != "variation"}
    return ", ".join(f"{name} {value:.4g}" for name, value in shown.items())


def _checkpoint(frame: Frame) -> str:
    return f"step {frame.step}: {_terms(frame)}, {frame.elapsed:.1f} s"


def _report(frame: Frame, options: argparse.Namespace) -> None:
    if frame.message:
        print(frame.message, file=sys.stderr)
    if not options.json:
        print(f"{options.output}: {_status(frame)} after {frame.elapsed:.1f} s")
        return
    report = {
        "output": options.output,
        "size": list(frame.image.size),
        "seconds": round(frame.elapsed, 3),
        "steps": frame.step,
        "losses": {
            term: value if math.isfinite(value) else None  # JSON knows no NaN
            for term, value in frame.losses.items()
        },
        "backbone": frame.backbone,
        "recipe": frame.recipe.name,
        "precision": frame.precision,
    }
    print(json.dumps(report))


if __name__ == "__main__":
    sys.exit(main())

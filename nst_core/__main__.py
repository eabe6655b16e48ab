"""The command line: python -m nst_core [paint|fast|film|train] CONTENT STYLE [STYLE …] -o OUT"""

import itertools
import json
import math
import sys
from collections.abc import Generator, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

from PIL import Image
from tqdm import tqdm

from nst_core import Frame, load_backbone
from nst_core.checks import printable
from nst_core.command.fast import AtOnce, by_decoder, by_network
from nst_core.command.film import main as film
from nst_core.command.paint_options import BY_DECODER, Options, mixture
from nst_core.command.parser import read_options
from nst_core.command.photo_jobs import Piece, paint_each, pieces
from nst_core.command.program import run_program
from nst_core.command.train import main as train
from nst_core.errors import OutputError
from nst_core.images.masks import SoftMask
from nst_core.images.outputs import Outputs
from nst_core.images.sizes import resize, to_array, to_image
from nst_core.interruption import Interruption
from nst_core.network.quiet_start import load_tensorflow_quietly
from nst_core.painting.folders import is_done, is_folder
from nst_core.painting.job import Job, OpenedJob
from nst_core.painting.run import paint
from nst_core.painting.settings import to_text
from nst_core.painting.stages import enlarge
from nst_core.painting.style import Style
from nst_core.streams import say, warn


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    for name, command in (("film", film), ("train", train)):
        if words[:1] == [name]:
            return command(words[1:])
    return run_program(lambda: _paint_all(read_options(words)))


def _paint_all(options: Options) -> int:
    """Paint one picture, or those of a folder; returns the exit status."""
    if options.fast is None:
        return _paint_in_steps(options)
    if options.fast == BY_DECODER:
        painter = by_decoder(_job(options))
    else:
        size = options.changes.get("size")
        painter = by_network(options.fast, options.styles, options.style_weights, size)
    return paint_each(pieces(options), AtOnce(painter, options.styles, options.json))


def _paint_in_steps(options: Options) -> int:
    job = _job(options)
    if is_folder(options.content):
        job = job.with_styles_decoded()

    def paint_one(piece: Piece) -> int:
        opened = replace(job, content=piece.photo).opened()
        if piece.number and is_done(opened, Path(piece.output)):
            say(f"{piece.head}done already")
            return 0
        try:
            piece.outputs.check([piece.photo])
        except OutputError as error:
            return piece.failed(error)
        with Interruption() as interruption:  # one each: saving a picture uses it up
            try:
                return _paint(opened, piece, options, interruption)
            except KeyboardInterrupt:
                return interruption.status

    return paint_each(pieces(options), paint_one)


def _job(options: Options) -> Job:
    """What to paint, its images being files; raises `RecipeError`."""
    return Job.of(
        options.content,
        mixture(options.styles, options.style_weights, options.style_brushes),
        recipe=options.recipe,
        backbone=options.backbone,
        resume=options.resume,
        mask=options.mask,
        outside=[Style(image) for image in options.outside],
        **options.changes,
    )


def _paint(job: OpenedJob, piece: Piece, options: Options, interruption: Interruption) -> int:
    """Do all the work, save the result, and tell of it; returns the exit status."""
    piece.outputs.check_space(job.recipe.generated_size(job.content.size))
    load_tensorflow_quietly()  # after what a mistake in the arguments would stop
    origin = load_backbone(job.backbone).origin
    frame = _follow(paint(job), piece.outputs, (f"Backbone: {origin}", piece.head), interruption)
    if not frame.final:
        frame = _at_full_size(frame, job.content, None if job.outside else job.mask)
    settings = job.settings(frame)
    if settings.place is not None and not settings.place.whole:
        warn("The mask inside the picture is a smaller one: the whole one would be too long.")
    piece.outputs.keep_result(frame.image, to_text(settings))
    _report(frame, piece.output, options.json)
    return 0 if frame.final else interruption.status


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
    with suppress(KeyboardInterrupt), closing(run):
        above, before = heads
        say(above)
        with tqdm(total=frame.total_steps, desc=before, file=sys.stderr, bar_format=_BAR) as bar:
            for frame in itertools.chain([first], run):
                bar.n = frame.step
                bar.set_postfix_str(_status(frame))
                if frame.checkpoint:
                    say(_checkpoint(frame))
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
    terms = f", {_terms(frame)}" if math.isfinite(frame.losses.total) else ""  # or not measured yet
    left = "" if math.isnan(frame.remaining) else f", {frame.remaining:.0f} s left"
    return f"{width}×{height} px{terms}{left}"


def _terms(frame: Frame) -> str:
    counting = {name: value for name, value in frame.losses.items() if value}
    shown = {name: value for name, value in counting.items() if name != "variation"}
    return ", ".join(f"{name} {value:.4g}" for name, value in shown.items())


def _checkpoint(frame: Frame) -> str:
    return f"step {frame.step}: {_terms(frame)}, {frame.elapsed:.1f} s"


def _report(frame: Frame, output: str, as_json: bool) -> None:
    if frame.message:
        say(frame.message)
    if not as_json:
        print(f"{printable(output)}: {_status(frame)} after {frame.elapsed:.1f} s")
        return
    report = {
        "output": output,
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

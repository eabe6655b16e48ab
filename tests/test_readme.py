"""The README's examples do what it says."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

README = Path(__file__).parent.parent / "README.md"
BLOCKS = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)


def example(word: str, **replacements: str) -> str:
    """The one example that holds `word`, made quick and put in place."""
    (block,) = (block for block in BLOCKS if word in block)
    for old, new in replacements.items():
        assert old in block
        block = block.replace(old, new)
    return block


@pytest.fixture
def _pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, style: str) -> None:
    """photo.jpg and painting.jpg in the working folder."""
    for name, source in (("photo.jpg", content), ("painting.jpg", style)):
        (tmp_path / name).write_bytes(Path(source).read_bytes())
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("_pair", "backbone")
def test_from_python(capsys: pytest.CaptureFixture[str]) -> None:
    code = example("import stylize", **{"size=512": "size=32, steps=3, backbone='embedded'"})
    exec(code, {})
    assert "3 of 3" in capsys.readouterr().out
    with Image.open("result.png") as result:
        assert max(result.size) == 32


@pytest.mark.usefixtures("_pair")
def test_from_another_program(page_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    address = {"http://127.0.0.1:7860": page_url.rstrip("/"), "size=256": "size=128, steps=2"}
    exec(example("gradio_client", **address), {})
    (*_, last) = capsys.readouterr().out.split()
    assert Path(last).name == "photo-style-128.png"
    assert Path(last).exists()


@pytest.mark.process
@pytest.mark.usefixtures("_pair")
def test_refusal_from_another_program_is_an_error(page_url: str) -> None:
    address = {"http://127.0.0.1:7860": page_url.rstrip("/"), "size=256": "size=5"}
    program = [sys.executable, "-c", example("gradio_client", **address)]
    ended = subprocess.run(program, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1
    assert ended.stderr.rstrip().endswith("The size must be a number from 128 to 1024, not 5.")


def test_front_matter_and_requirements_agree() -> None:
    (version,) = re.findall(r"^sdk_version: (.+)$", README.read_text(), re.MULTILINE)
    requirements = README.with_name("requirements.txt").read_text().splitlines()
    assert f"gradio=={version}" in requirements

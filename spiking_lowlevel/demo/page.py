"""The page of `slv demo`, built of Gradio's components."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spiking_lowlevel.demo import words
from spiking_lowlevel.demo.photographs import CREDIT, MEGAPIXELS, read_photograph
from spiking_lowlevel.demo.studied import Progress, pictures, study
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.restoring.restorer import Restorer

if TYPE_CHECKING:
    import gradio

CSS = Path(__file__).parent / "page.css"
TITLE = "Restore a photograph with a spiking network"
_HELLO = (
    f"# {TITLE}\nDrop a rainy photograph, slide between before and after, and see where the "
    "network spiked and what that would cost in energy."
)
_KEPT = (
    f"Up to {MEGAPIXELS} megapixels. Everything is computed on the machine that runs `slv demo`, "
    "and no photograph is kept: those of a day ago are deleted, all others when the program ends."
)
_DAY = 24 * 60 * 60


def answer(
    restorer: Restorer, path: str | None, progress: Progress
) -> tuple[Any, list[Any], str, str, str]:
    """What the outputs of the page show of an uploaded file.

    Returns:
        Before and after; spike maps with captions; the words under them; facts; energy.

    Raises:
        UserError: it is no photograph that can be restored.
    """
    studied = study(restorer, read_photograph(path), progress)
    return (
        (studied.before, studied.after),
        pictures(studied),
        words.spikes_note(studied),
        words.facts(studied),
        words.energy_table(studied),
    )


def build(restorers: Mapping[str, Restorer], examples: list[Path]) -> "gradio.Blocks":
    """The page; the first of the networks is picked."""
    import gradio as gr

    offered = list(restorers)

    # Gradio finds the bar that it is to draw by this default.
    def restore(path: str | None, name: str, progress=gr.Progress()) -> tuple[Any, ...]:  # noqa: ANN001, B008
        def tell(done: float, what: str) -> None:
            progress(done, desc=what)

        try:
            return answer(restorers[name], path, tell)
        except UserError as error:
            raise gr.Error(str(error), print_exception=False, duration=None) from None

    with gr.Blocks(analytics_enabled=False, title=TITLE, delete_cache=(3600, _DAY)) as page:
        gr.Markdown(_HELLO, elem_id="title")
        with gr.Row(equal_height=False):
            with gr.Column(scale=4, min_width=300):
                photograph = gr.Image(
                    label="Photograph", type="filepath", sources=["upload", "clipboard"],
                    height=300, elem_id="photograph", buttons=[],
                )  # fmt: skip
                # Its own reading would answer a file that is no image with a traceback.
                photograph.preprocess = _path
                network = gr.Dropdown(offered, value=offered[0], label="Network")
                button = gr.Button("Restore", variant="primary", elem_id="restore")
                gr.Examples(
                    [[str(p)] for p in examples], photograph, cache_examples=False,
                    label="Examples, with rain added", api_visibility="private",
                )  # fmt: skip
                gr.Markdown(f"{CREDIT}\n\n{_KEPT}", elem_classes="quiet")
            with gr.Column(scale=8, min_width=300):
                outputs = _outputs()
        button.click(
            restore, [photograph, network], outputs, api_visibility="private",
            concurrency_limit=1, show_progress_on=outputs[0],
        )  # fmt: skip
    return page


def _path(payload: Any) -> str | None:  # noqa: ANN401 (gradio's own, imported only where used)
    """Where an uploaded file lies; Gradio has made sure that it is one."""
    return payload.path if payload else None


def _outputs() -> list[Any]:
    """Components for what `answer` gives, in its order."""
    import gradio as gr

    slider = gr.ImageSlider(
        label="Before and after", format="png", elem_id="slider", interactive=False, max_height=560,
        buttons=["download", "fullscreen"],
    )  # fmt: skip
    facts = gr.HTML(elem_id="facts")
    spikes = gr.Gallery(
        label="Where it spiked", format="png", elem_id="spikes", columns=3, preview=True,
        selected_index=0, height=430, interactive=False, object_fit="contain",
        buttons=["download", "fullscreen"],
    )  # fmt: skip
    note = gr.Markdown(elem_classes="quiet")
    energy = gr.HTML(elem_id="energy")
    return [slider, spikes, note, facts, energy]


def theme() -> Any:  # noqa: ANN401 (gradio is imported only here)
    """Gradio's own look in the fonts of the system: none is fetched."""
    from gradio.themes import Default

    plain = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif"]
    return Default(
        primary_hue="teal", neutral_hue="slate", font=plain, font_mono=["ui-monospace", "monospace"]
    )

"""An app before and after somebody changed it: `--variant before` or `--variant after`. Each endpoint is named for what changes about it.

    python changing.py --port 7860 --variant after [--exit-with-stdin]
"""

import argparse
import os
import sys
import threading
from typing import TypedDict

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["GRADIO_SSR_MODE"] = "False"

import gradio as gr

arguments = argparse.ArgumentParser()
arguments.add_argument("--port", type=int, required=True)
arguments.add_argument("--variant", choices=["before", "after"], required=True)
arguments.add_argument("--exit-with-stdin", action="store_true")
given = arguments.parse_args()
after = given.variant == "after"


def api(name, function, inputs, outputs, **options):
    return gr.Button(name, visible=False).click(function, inputs, outputs, api_name=name, **options)


def text(label="text", **options):
    return gr.Textbox(label=label, **options)


def said(value):
    return f"{type(value).__name__} {value!r}"


def name_of(value):
    return os.path.basename(value) if isinstance(value, str) else f"{len(value)} files"


def with_default(word):
    return word


def with_more(word, times=2):
    return word * times


def with_another(word, other):
    return f"{word} {other}"


def number_in(word: str, count: int) -> str:
    return word * count


def number_in_text(word: str, count: str) -> str:
    return f"{word} {count.strip()}"


def either_in_text(word: str, count: int | str) -> str:
    return word * int(count)


class Place(TypedDict):
    x: float


class LargerPlace(Place, total=False):
    name: str


def place(value: Place) -> Place:
    return value


def larger_place(value: LargerPlace) -> Place:
    return value


with gr.Blocks(title="changing") as demo:
    # Parameters.
    if after:
        api("parameter_with_default", with_more, [text(), gr.Number(value=2, precision=0)], text())
        api("parameter_without_default", with_another, [text(), text("other")], text())
    else:
        api("parameter_with_default", with_default, [text()], text())
        api("parameter_without_default", with_default, [text()], text())
    api("choices_narrowed", said, gr.Dropdown(["a", "b"] if after else ["a", "b", "c"], label="choice"), text())
    api("choices_widened", said, gr.Dropdown(["a", "b", "c"] if after else ["a", "b"], label="choice"), text())
    api("custom_values_off", said, gr.Dropdown(["a"], allow_custom_value=not after, label="choice"), text())
    api("custom_values_on", said, gr.Dropdown(["a"], allow_custom_value=after, label="choice"), text())
    api("choices_several", said, gr.CheckboxGroup(["red", "blue"]) if after else gr.Radio(["red", "blue"]), text())
    api("bound_in", said, gr.Number(minimum=0, maximum=5 if after else 10), text())
    api("bound_out", said, gr.Number(minimum=0, maximum=10 if after else 5), text())
    api("bound_of_slider_in", said, gr.Slider(2 if after else 0, 10, value=4), text())
    api("rounded", said, gr.Number(precision=0 if after else None), text())
    api("rounded_less", said, gr.Number(precision=2 if after else 1), text())
    api("rounded_slider", said, gr.Slider(0, 10, value=4, precision=0 if after else None), text())
    api("default", said, gr.Textbox("B" if after else "A"), text())
    api("file_types_narrowed", name_of, gr.File(file_types=[".csv"] if after else [".csv", ".txt"]), text())
    api("file_types_widened", name_of, gr.File(file_types=[".csv", ".txt"] if after else [".csv"]), text())
    api("file_types_of_a_kind", name_of, gr.File(file_types=["image"] if after else [".png", ".jpg"]), text())
    api("files_for_a_file", name_of, gr.File(file_count="multiple" if after else "single"), text())
    api("image_for_a_file", lambda value: "ok", gr.Image(type="pil") if after else gr.File(), text())
    api("date_for_a_time", said, gr.DateTime(type="datetime", include_time=not after), text())
    gr.api(number_in_text if after else number_in, api_name="text_for_a_number")
    gr.api(either_in_text if after else number_in, api_name="text_or_number")

    gr.api(larger_place if after else place, api_name="field_without_a_name")

    # Outputs and endpoints.
    api("output_added", lambda word: (word, 1) if after else word, text(), [text(), gr.Number()] if after else text())
    api("output_type", lambda word: len(word) if after else word, text(), gr.Number() if after else text())
    api("output_widened", lambda value: value, text(), gr.Markdown() if after else text())
    if not after:
        api("gone", lambda word: word, text(), text())
    api("private", lambda word: word, text(), text(), api_visibility="private" if after else "public")
    api("undocumented", lambda word: word, text(), text(), api_visibility="undocumented" if after else "public")

    if after:

        def counting(word):
            yield word
            yield word + word

        api("yields_now", counting, text(), text())
    else:
        api("yields_now", lambda word: word + word, text(), text())


def exit_with_stdin():
    sys.stdin.buffer.read()
    os._exit(0)


if given.exit_with_stdin:
    threading.Thread(target=exit_with_stdin, daemon=True).start()
demo.launch(server_name="127.0.0.1", server_port=given.port, share=False, quiet=True)

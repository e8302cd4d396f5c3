"""Functions that give what the types of their outputs do not promise.

    python outputs.py --port 7860 [--exit-with-stdin]
"""

import argparse
import os
import sys
import threading

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["GRADIO_SSR_MODE"] = "False"

import gradio as gr
import pandas as pd

arguments = argparse.ArgumentParser()
arguments.add_argument("--port", type=int, required=True)
arguments.add_argument("--exit-with-stdin", action="store_true")
given = arguments.parse_args()


def own(label):
    """As a component of the app's own, which says nothing of `None`."""
    one = gr.Textbox(label=label)
    one.get_block_name = lambda: "own"
    return one


def api(name, function, inputs, outputs):
    return gr.Button(name, visible=False).click(function, inputs, outputs, api_name=name)


def shown():
    return [
        gr.Textbox(label="said"),
        gr.Gallery(),
        gr.Dataframe(),
        gr.CheckboxGroup(["a", "b"]),
        gr.Slider(0, 10),
        gr.Checkbox(),
        gr.Image(),
        own(label="own"),
    ]


def only_shown():
    return "done", *[gr.update(visible=True) for _ in range(7)]


def shown_first():
    yield "working", *[gr.skip() if index % 2 else gr.update(visible=False) for index in range(7)]
    yield "done", [], pd.DataFrame({"a": [1]}), ["a"], 3, True, None, "x"


def styled():
    table = pd.DataFrame({"n": [1.5, 2], "b": [True, False], "t": [None, "x"]})
    return table.style.format("{:.2f}", subset=["n"])


with gr.Blocks() as demo:
    api("only_shown", only_shown, None, shown())
    api("shown_first", shown_first, None, shown())
    api("nothing", lambda: None, None, own(label="own"))
    api("what_came", lambda value: repr(value), own(label="value"), gr.Textbox(label="text"))
    api("styled", styled, None, gr.Dataframe(label="table"))
    api("not_a_number", lambda: {"a": float("nan"), "b": 0.25}, None, gr.Label(label="classes"))
    api(
        "parameters",
        lambda: {"x": {"type": "int", "description": "How many."}, "y": {"type": None, "description": "", "default": 3}},
        None,
        gr.ParamViewer(),
    )
    api("moment", lambda text: text, gr.Textbox(label="text"), gr.DateTime(timezone="Europe/Berlin"))


def exit_with_stdin():
    sys.stdin.buffer.read()
    os._exit(0)


if given.exit_with_stdin:
    threading.Thread(target=exit_with_stdin, daemon=True).start()
demo.launch(server_name="127.0.0.1", server_port=given.port, share=False, quiet=True)

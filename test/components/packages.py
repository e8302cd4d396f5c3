"""What components the installed Gradio has, as one line of JSON each: for the test that each of them has its schema.

A component without a value says why, as the package has it.
"""

import json
import os
import warnings

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ.setdefault("MPLBACKEND", "Agg")
warnings.simplefilter("ignore")

import gradio as gr
import gradio.components as components
import gradio.layouts as layouts
import gradio.templates as templates
from gradio.blocks import Block

if gr.__version__.startswith("3."):  # 3 lists what it leaves out; later components say it themselves.
    from gradio_client.utils import SKIP_COMPONENTS
else:
    SKIP_COMPONENTS = set()

Valued = getattr(components, "IOComponent", components.Component)

needed = {
    "Dataset": {"components": ["textbox"], "samples": [["a"]]},
    "Interpretation": {"component": gr.Textbox()},
    "Radio": {"choices": ["a"]},
    "CheckboxGroup": {"choices": ["a"]},
    "Dropdown": {"choices": ["a"]},
}


def plain(value):
    """As it goes over the wire."""
    if hasattr(value, "model_dump"):
        return value.model_dump()
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    return value


def attempt(make):
    """`[value]`, or nothing where it fails or is no JSON."""
    try:
        value = plain(make())
        json.dumps(value)
        return [value]
    except Exception:
        return []


def described(cls):
    name = cls.__name__
    about = {"name": name, "type": None, "why": None}
    if cls.__module__ == "gradio.components.base" or cls is Block:
        return {**about, "why": "a base class"}
    if not issubclass(cls, components.Component):
        return {**about, "type": name.lower(), "why": "layout"}
    try:
        one = cls(**needed.get(name, {}))
    except DeprecationWarning:
        return {**about, "why": "cannot be made any more"}
    about["type"] = one.get_block_name()
    if getattr(one, "skip_api", False):
        return {**about, "why": "skip_api"}
    if about["type"] in SKIP_COMPONENTS:
        return {**about, "why": "SKIP_COMPONENTS"}
    if not isinstance(one, Valued):
        return {**about, "why": "no IOComponent"}
    config = one.get_config()
    props = {key: config.get(key) for key in ("type", "file_count", "multiselect", "tool", "source", "html_template", "component_class_name")}
    data_model = getattr(one, "data_model", None)

    def taken(payload):
        return payload if data_model is None or payload is None else data_model(**payload) if isinstance(payload, dict) else data_model(payload)

    return {
        **about,
        "props": {key: value for key, value in props.items() if value is not None},
        "none_out": attempt(lambda: one.postprocess(None)),
        "takes_none": bool(attempt(lambda: [one.preprocess(None)] and True)),
        "example_in": attempt(lambda: plain(taken(one.example_payload()))),
        "example_out": attempt(lambda: one.postprocess(one.example_value())),
    }


seen = {}
for module in (components, templates, layouts):
    for name in dir(module):
        cls = getattr(module, name)
        if isinstance(cls, type) and issubclass(cls, Block):
            seen[cls] = cls

for cls in sorted(seen, key=lambda one: (one.__name__, one.__module__)):
    print(json.dumps(described(cls)), flush=True)

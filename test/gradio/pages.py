"""An app of several pages with deep links (Gradio 5.23 and later).

    python pages.py --port 7860 --exit-with-stdin
"""

import argparse
import os
import sys
import threading

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["GRADIO_SSR_MODE"] = "False"

import gradio as gr


def listener(name, function, value):
    box = gr.Textbox(label="text", value=value)
    gr.Button(name).click(function, box, gr.Textbox(label="result"), api_name=name)


with gr.Blocks(title="pages") as demo:
    listener("first", lambda text: f"first {text}", "one")
    gr.DeepLinkButton()
with demo.route("Second", "/second"):
    listener("second", lambda text: f"second {text}", "two")
with demo.route("Third", "/third"):
    listener("third", lambda text: f"third {text}", "three")

if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--port", type=int, required=True)
    arguments.add_argument("--exit-with-stdin", action="store_true")
    given = arguments.parse_args()
    if given.exit_with_stdin:
        threading.Thread(target=lambda: (sys.stdin.buffer.read(), os._exit(0)), daemon=True).start()
    demo.launch(server_name="127.0.0.1", server_port=given.port, quiet=True)

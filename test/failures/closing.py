"""An app that can be asked to close itself, as a notebook or a reloader does: its streams then say that the server stopped."""

import argparse
import os
import sys
import threading
import time

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import gradio as gr


def endless():
    while True:
        time.sleep(0.1)
        yield "more"


def close():
    # Not within the request that asked for it, whose answer has to come first.
    threading.Timer(0.2, demo.close).start()
    return "closing"


with gr.Blocks() as demo:
    gr.Button().click(endless, None, gr.Textbox(), api_name="endless")
    gr.Button().click(close, None, gr.Textbox(), api_name="close", queue=False)

if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--port", type=int, required=True)
    arguments.add_argument("--exit-with-stdin", action="store_true")
    given = arguments.parse_args()
    demo.launch(server_name="127.0.0.1", server_port=given.port, quiet=True, prevent_thread_lock=True)
    # The one who started this holds the other end.
    sys.stdin.buffer.read()
    os._exit(0)

"""A `gr.Server`: FastAPI with Gradio's API and no page (Gradio 6).

    python server_mode.py --port 7860 --exit-with-stdin
"""

import argparse
import os
import sys
import threading

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["GRADIO_SSR_MODE"] = "False"

import gradio as gr
from gradio.data_classes import FileData

server = gr.Server()


@server.api(name="greet")
def greet(name: str, times: int = 1) -> str:
    return " ".join([f"Hello {name}"] * times)


@server.api(name="steps", concurrency_limit=2)
def steps(n: int) -> str:
    for i in range(n):
        yield f"step {i}"


@server.api(name="file_size")
def file_size(file: FileData) -> int:
    return os.path.getsize(file["path"])


@server.api(name="hidden", api_visibility="private")
def hidden() -> str:
    return "not for clients"


@server.get("/")
def page():
    return {"page": "of the host application"}


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--port", type=int, required=True)
    arguments.add_argument("--exit-with-stdin", action="store_true")
    given = arguments.parse_args()
    if given.exit_with_stdin:
        threading.Thread(target=lambda: (sys.stdin.buffer.read(), os._exit(0)), daemon=True).start()
    server.launch(server_name="127.0.0.1", server_port=given.port, quiet=True)

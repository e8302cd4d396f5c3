"""A Gradio app in a FastAPI app that says who may use it (`auth_dependency`): whoever names a user in a header."""

import argparse
import os
import sys
import threading

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import fastapi
import gradio as gr
import uvicorn


def who(request: gr.Request):
    return request.username


def user(request: fastapi.Request):
    return request.headers.get("x-user")


with gr.Blocks() as demo:
    gr.Button().click(who, None, gr.Textbox(), api_name="who")
    gr.Button().click(lambda file: file, gr.File(), gr.File(), api_name="file")
demo.queue()

app = gr.mount_gradio_app(fastapi.FastAPI(), demo, path="/", auth_dependency=user)


def exit_with_stdin():
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--port", type=int, required=True)
    arguments.add_argument("--exit-with-stdin", action="store_true")
    given = arguments.parse_args()
    threading.Thread(target=exit_with_stdin, daemon=True).start()
    uvicorn.run(app, host="127.0.0.1", port=given.port, log_level="warning")

"""The fixture app inside a FastAPI application, below a path and beside routes of other people, one of them where a Gradio app has its own."""

import argparse
import os
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "gradio"))

import gradio as gr
import uvicorn
from fastapi import FastAPI

import app as fixture

site = FastAPI()


@site.get("/config")
def config():
    return {"not": "of Gradio"}


@site.get("/apps/other")
def other():
    return "another route"


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--port", type=int, required=True)
    arguments.add_argument("--exit-with-stdin", action="store_true")
    given = arguments.parse_args()
    threading.Thread(target=fixture.exit_with_stdin, daemon=True).start()
    fixture.demo.queue()
    mounted = gr.mount_gradio_app(site, fixture.demo, path="/apps/fixture", auth=("user", "pass"))
    uvicorn.run(mounted, host="127.0.0.1", port=given.port, log_level="warning")

"""Makes calls with `gradio_client` and writes what came: `python python.py URL CALLS ANSWERS`, both files of JSON."""

import hashlib
import json
import os
import sys
import time

from gradio_client import Client, handle_file

url, source, target = sys.argv[1:]
client = Client(url, verbose=False)


def with_files(value):
    if isinstance(value, list):
        return [with_files(inner) for inner in value]
    if isinstance(value, dict):
        if "$file" in value:
            return handle_file(value["$file"])
        return {name: with_files(inner) for name, inner in value.items()}
    return value


def seen(value):
    """Files by name and content: this client downloads them and gives their paths."""
    if isinstance(value, (list, tuple)):
        return [seen(inner) for inner in value]
    if isinstance(value, dict):
        return {name: seen(inner) for name, inner in value.items()}
    if isinstance(value, str) and os.path.isabs(value) and os.path.isfile(value):
        with open(value, "rb") as file:
            return {"file": os.path.basename(value), "hash": hashlib.sha256(file.read()).hexdigest()}
    return value


def make(call):
    given = with_files(call["input"])
    arguments, named = ([], given) if isinstance(given, dict) else (given, {})
    job = None
    try:
        job = client.submit(*arguments, api_name=call["endpoint"], **named)
        if "cancelAfter" in call:
            deadline = time.time() + 15
            while len(job.outputs()) < call["cancelAfter"] and time.time() < deadline:
                time.sleep(0.01)
            job.cancel()
            return "cancelled"
        last = job.result(timeout=15)
        return {"outputs": [seen(output) for output in job.outputs()], "last": seen(last)}
    except Exception as error:
        return {
            "outputs": [seen(output) for output in job.outputs()] if job else [],
            "error": {
                "type": type(error).__name__,
                "message": str(error),
                **{name: getattr(error, name) for name in ("title", "duration", "visible") if hasattr(error, name)},
            },
        }


with open(source) as file:
    calls = json.load(file)
answers = [make(call) for call in calls]
with open(target, "w") as file:
    json.dump(answers, file)
os._exit(0)

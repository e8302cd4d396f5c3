"""Makes calls with `huggingface_hub` and `gradio_client`: `python python.py CALLS ANSWERS`, both files of JSON; the hub is HF_ENDPOINT."""

import json
import os
import sys
import warnings

import gradio_client.utils
import huggingface_hub
from gradio_client import Client
from huggingface_hub.utils import HfHubHTTPError

warnings.simplefilter("ignore")
source, target = sys.argv[1:]
hub = os.environ["HF_ENDPOINT"]
tokens = json.loads(os.environ["TOKENS"])

# The one address that gradio_client writes out.
post = gradio_client.utils.httpx.post
gradio_client.utils.httpx.post = lambda url, **more: post(url.replace("https://huggingface.co", hub), **more)


def runtime(value):
    return {
        "stage": value.stage,
        "hardware": value.hardware,
        "requested": value.requested_hardware,
        "sleep": value.sleep_time,
    }


def seen(value):
    if isinstance(value, huggingface_hub.SpaceRuntime):
        return runtime(value)
    if isinstance(value, huggingface_hub.hf_api.SpaceInfo):
        return {
            "id": value.id,
            "private": value.private,
            "sdk": value.sdk,
            "host": value.host,
            "subdomain": value.subdomain,
            "stage": value.runtime.stage,
        }
    if isinstance(value, huggingface_hub.RepoUrl):
        return {"repo_id": value.repo_id, "repo_type": value.repo_type}
    if isinstance(value, dict):
        return {name: seen(inner) for name, inner in value.items()}
    if hasattr(value, "key") and hasattr(value, "updated_at"):
        return {name: inner for name, inner in vars(value).items() if name != "updated_at" and inner is not None}
    return value


def whoami(**named):
    told = huggingface_hub.whoami(**named)
    return {name: told[name] for name in ("type", "name", "canPay", "isPro")} | {"orgs": [org["name"] for org in told["orgs"]]}


def predict(client, name):
    result = client.predict(name, api_name="/greet")
    client.close() if hasattr(client, "close") else None
    return {"space": client.space_id, "result": result}


def connect(space, token=None):
    return predict(Client(space, token=token, verbose=False), "client")


def duplicate(space, token=None, **named):
    return predict(Client.duplicate(space, token=token, verbose=False, **named), "duplicate")


own = {"whoami": whoami, "gradio_client.Client": connect, "gradio_client.Client.duplicate": duplicate}


def make(call):
    token = {"nobody": False, "stranger": "hf_unknown"}.get(call["as"]) if call["as"] not in tokens else tokens[call["as"]]
    function = own.get(call["call"]) or getattr(huggingface_hub, call["call"])
    try:
        return seen(function(*call["args"], token=token, **call["named"]))
    except HfHubHTTPError as error:
        return {"error": type(error).__name__, "status": error.response.status_code, "said": error.server_message}
    except Exception as error:
        return {"error": type(error).__name__, "said": str(error)}


with open(source) as file:
    answers = [make(call) for call in json.load(file)]
with open(target, "w") as file:
    json.dump(answers, file)
os._exit(0)

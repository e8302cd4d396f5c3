"""One Gradio app that runs on every version of `requirements/`, for the tests against real servers.

    python app.py --port 7860 [--root-path /sub] [--auth user:pass] [--auth-message TEXT] [--show-error] [--max-file-size BYTES]
                  [--max-size N] [--default-concurrency N] [--closed-api] [--exit-with-stdin]

An endpoint that a version lacks is left out, by a check of `V` with the reason beside it or of the name that is missing. Identity endpoints are called
`<component>_io` and take `value`. Endpoints that read what happened on the server (`finished`, `interrupted_jobs`,
`steps`, `slow_runs`, `unloaded`) skip the queue, so that a full queue does not hide them.
"""

import argparse
import atexit
import gc
import hashlib
import inspect
import os
import shutil
import sys
import tempfile
import threading
import time

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["GRADIO_SSR_MODE"] = "False"
os.environ.setdefault("MPLBACKEND", "Agg")

import gradio as gr
import numpy as np

V = tuple(int(part) for part in gr.__version__.split(".")[:2])

# Chats are lists of messages or, of old, pairs of what the user and the bot said.
MESSAGES = V >= (6, 0) or "type" in inspect.signature(gr.Chatbot).parameters

MADE = tempfile.mkdtemp(prefix="effect-gradio-app-")
atexit.register(shutil.rmtree, MADE, ignore_errors=True)

# Journals. Lists are appended to from several threads; `append` is atomic in CPython.
finished_lines: list[str] = []
interrupted_tags: list[str] = []
slow_marks: list[dict] = []
unloaded_hashes: list[str] = []
cached_calls: list[str] = []
chunks_seen: list[dict] = []
# How far each journalled generator came: it must stand still once the job is cancelled, whether or not it was closed.
steps_taken: dict[str, int] = {}


def known(function, **options):
    """Those of the options that this version has."""
    parameters = inspect.signature(function).parameters
    return {name: value for name, value in options.items() if name in parameters}


def made_path(name):
    return os.path.join(tempfile.mkdtemp(dir=MADE), name)


def pixels(width=8, height=6):
    picture = np.zeros((height, width, 3), dtype=np.uint8)
    picture[:, : width // 2] = (255, 0, 0)
    return picture


def digest(path):
    sha = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            sha.update(block)
    return f"{os.path.basename(path)}:{os.path.getsize(path)}:{sha.hexdigest()}"


def journalled(tag, values):
    """Yields the values; writes `<tag> done` at the natural end, `<tag> closed` when the server closes it before.

    4.44 stops iterating a cancelled generator, but never closes an ordinary one (the frames of its cancelled task keep
    it), so that nothing is written: look at `steps` there, or use `endless_async`. After a dropped stream it does close.
    """
    done = False
    try:
        for step, value in enumerate(values, 1):
            steps_taken[tag] = step
            yield value
        done = True
    finally:
        finished_lines.append(f"{tag} done" if done else f"{tag} closed")
        if not done:
            interrupted_tags.append(tag)


def interrupted_jobs():
    """The tags of the generators that were closed before their end."""
    # One that Gradio drops while it waits is in a cycle with its frame: it is closed when it is collected.
    gc.collect()
    return list(interrupted_tags)


# ---- plain functions


def identity(value):
    return value


def paths(value):
    """Files by their paths. 3 hands a function each as an open temporary file that has the path for a name."""
    if isinstance(value, list):
        return [paths(one) for one in value]
    return getattr(value, "name", value)


def echo(text):
    """Gives the text back."""
    return text


def add(a, op, b):
    # An unknown operation is a KeyError, that is an ordinary exception.
    return {"add": a + b, "subtract": a - b}[op]


def two(text):
    return text, len(text or "")


def defaults(text, times, upper, suffix=None):
    return ((text.upper() if upper else text) * int(times)) + (suffix or "")


def describe(value):
    return f"{type(value).__name__}:{value!r}"


def several(text, number, flag, choice, choices, whole):
    return {"text": text, "number": number, "flag": flag, "choice": choice, "choices": choices, "whole": whole}


def no_inputs():
    return "nothing came in"


def no_outputs(text):
    finished_lines.append(f"no_outputs {text}")


def long_text(kib):
    return "x" * (int(kib) * 1024)


def not_finite():
    return {"nan": float("nan"), "infinity": float("inf"), "finite": 1.5}


def grüße(größe, wort):
    """Grüßt mit Umlauten, 漢字 und einem Ballon 🎈."""
    return f"{wort} · {größe} · “ü漢🎈”"


def odd_characters():
    """Separators that are no line ends in an event stream, but are to Unicode-aware line splitters such as httpx's."""
    return "a\u2028b\u2029c\u0085d\u000be\u000cf\u001cg\ufeffh\r\ni\u0000j"


def middle_button(first, button, last):
    return f"{first}|{button}|{last}"


def middle_state(first, state, last):
    return f"{first}|{state}|{last}", state + 1


# ---- generators


def count(n):
    yield from (str(i) for i in range(int(n)))


def ticks(n, seconds, tag):
    def values():
        for i in range(int(n)):
            time.sleep(seconds)
            yield f"{tag} {i}"

    yield from journalled(tag, values())


def endless(tag):
    def values():
        i = 0
        while True:
            time.sleep(0.1)
            i += 1
            yield str(i)

    yield from journalled(tag, values())


async def endless_async(tag):
    import asyncio

    i = 0
    try:
        while True:
            await asyncio.sleep(0.1)
            i += 1
            steps_taken[tag] = i
            yield str(i)
    finally:
        finished_lines.append(f"{tag} closed")
        interrupted_tags.append(tag)


def two_gen(n):
    for i in range(int(n)):
        time.sleep(0.02)
        yield str(i), [[i, i * 2]]


def lists(n):
    """Highlighted text is compared item by item, so this grows and then shrinks through array edits."""
    steps = [*range(1, int(n) + 1), *range(int(n) - 1, 0, -1)]
    for step in steps:
        time.sleep(0.02)
        yield [(f"word{i} ", "even" if i % 2 == 0 else "odd") for i in range(step)]


def dictionaries(n):
    value = {"items": [], "meta": {"n": 0}}
    for i in range(int(n)):
        time.sleep(0.02)
        value["items"].append({"i": i, "text": "x" * i})
        value["meta"]["n"] = i
        if i % 2:
            value.pop("last", None)
            value["items"].pop(0)
        else:
            value["last"] = i
        yield value


def shrinking_rows(n):
    """Rows and columns vanish at once: the case in which the servers' delete edits carry wrong indices."""
    for size in range(int(n), 0, -1):
        time.sleep(0.02)
        yield {
            "headers": [f"c{i}" for i in range(size)],
            "data": [[row * 10 + column for column in range(size)] for row in range(size)],
        }


def grow(n):
    text = ""
    for i in range(int(n)):
        time.sleep(0.02)
        text += f"token{i} "
        yield text


def chat_tokens(n):
    reply = ""
    for i in range(int(n)):
        time.sleep(0.02)
        reply += f"t{i} "
        yield [{"role": "user", "content": "hi"}, {"role": "assistant", "content": reply}] if MESSAGES else [["hi", reply]]


def file_steps(n):
    for i in range(int(n)):
        time.sleep(0.02)
        path = made_path(f"step{i}.txt")
        with open(path, "w") as file:
            file.write(f"step {i}")
        yield path


def skips():
    yield "first"
    yield gr.skip()
    yield gr.update(value="second", label="new label")
    yield gr.update(visible=False)
    yield "last"


def skips_two():
    yield "a", 1
    yield gr.skip(), 2
    yield "b", gr.skip()
    yield gr.update(value="c"), gr.update(interactive=False)


def fails_midway(n):
    for i in range(int(n)):
        time.sleep(0.02)
        yield str(i)
    raise gr.Error("after some output")


def crashes_midway(n):
    for i in range(int(n)):
        time.sleep(0.02)
        yield str(i)
    raise ValueError("secret detail after some output")


def empty_generator():
    return
    yield


# ---- progress and logs


def told():
    """Returns when the server has sent the newest report of each running call: it looks for them at intervals, and one that is replaced before is never sent."""
    limit = time.monotonic() + 20
    while time.monotonic() < limit and any(
        event.progress_pending for events in demo._queue.active_jobs if events for event in events
    ):
        time.sleep(0.005)


def progress_steps(n, progress=gr.Progress()):
    progress(0, desc="start")
    told()
    for i in range(int(n)):
        progress((i + 1, int(n)), desc=f"step {i + 1}", unit="items")
        told()
    return "done"


def progress_tqdm(n, progress=gr.Progress()):
    for _ in progress.tqdm(range(int(n)), desc="loop", unit="it"):
        told()
    told()
    return "done"


def progress_nested(n, progress=gr.Progress()):
    for _ in progress.tqdm(range(2), desc="outer"):
        told()
        for _ in progress.tqdm(range(int(n)), desc="inner"):
            told()
        told()
    told()
    return "done"


def progress_generator(n, progress=gr.Progress()):
    for i in range(int(n)):
        progress(i / int(n), desc=f"before {i}")
        told()
        # Long enough to be seen.
        time.sleep(0.1)
        yield str(i)


def logs(text):
    gr.Info(f"info {text}")
    gr.Warning(f"warning {text}")
    # 4 knows two levels, no titles. No version has a log of level "error".
    if hasattr(gr, "Success"):
        gr.Success(f"success {text}")
    return text


def logs_full(text):
    gr.Info(f"info {text}", **known(gr.Info, duration=3, visible=False, title="Info title"))
    gr.Warning(f"warning {text}", **known(gr.Warning, duration=None, visible=True, title="Warning title"))
    if V >= (5, 2):
        gr.Success(f"success {text}", duration=1.5, title="Success title")
    return text


def many_logs(n):
    for i in range(int(n)):
        gr.Info(f"log {i}")
    return "done"


# ---- errors


def error(text):
    raise gr.Error(text)


def error_full(text):
    # `duration` and `visible` came with 4.37, `title` and `print_exception` with 5.0.
    raise gr.Error(text, **known(gr.Error, duration=3, visible=False, title="My title", print_exception=False))


def error_lasting(text):
    raise gr.Error(text, **known(gr.Error, duration=None))


def error_odd(_text):
    raise gr.Error("it's \"odd\":\n\ttab, back\\slash, ünïcödé 漢 🎈 <b>html</b>")


def crash(text):
    raise ValueError(f"secret detail {text}")


def crash_silent():
    raise ValueError()


def long_enough(text, number):
    return [gr.validate(len(text) >= 3, "too short"), gr.validate(number >= 0, "must not be negative")]


def validated(text, number):
    return f"{text} {number}"


# ---- state, batches, slowness, requests


def counter(word, words):
    return words.count(word), words + [word]


def session_total(number, state):
    state = {"calls": state["calls"] + 1, "total": state["total"] + number}
    return state, state


def batch(words, lengths):
    return [
        [word.upper() * int(length) for word, length in zip(words, lengths)],
        [len(words)] * len(words),
    ]


def batch_fails(words):
    raise gr.Error(f"batch of {len(words)} failed")


# Takes so long, or until a call begins whose tag is this one and "over". No docstring: Gradio 6 would show it in its API.
def slow(seconds, tag):
    slow_marks.append({"tag": tag, "at": "start", "time": time.time()})
    end = time.monotonic() + float(seconds)
    while (left := end - time.monotonic()) > 0 and not any(mark["tag"] == f"{tag} over" for mark in slow_marks):
        time.sleep(min(left, 0.02))
    slow_marks.append({"tag": tag, "at": "end", "time": time.time()})
    return f"slept {tag}"


def request_info(text, request: gr.Request):
    headers = {name.lower(): value for name, value in dict(request.headers).items()}
    pairs = (pair.strip().split("=", 1) for pair in headers.get("cookie", "").split(";") if "=" in pair)
    return {
        "text": text,
        "headers": headers,
        "query_params": dict(request.query_params),
        # 3 knows neither cookies nor session of a call that came through the queue.
        "cookies": dict(getattr(request, "cookies", pairs)),
        "session_hash": getattr(request, "session_hash", None),
        "username": request.username,
    }


def event_info(text, event: gr.EventData):
    return {"text": text, "data": event._data, "target": type(event.target).__name__}


def remember_unload(request: gr.Request):
    unloaded_hashes.append(request.session_hash)


def upd(text):
    return gr.update(value=text, visible=False, label="new label")


def upd_no_value(_text):
    return gr.update(visible=False)


def upd_choices(text):
    return gr.Dropdown(choices=["p", "q", text], value=text)


# ---- files and media


def file_info(file):
    return digest(paths(file)) if file else "none"


def files_info(files):
    return [digest(file) for file in paths(files or [])]


def nested_files(message, gallery):
    return {
        "text": message["text"],
        "files": [digest(file) for file in message["files"]],
        "gallery": [{"file": digest(item[0]), "caption": item[1]} for item in gallery or []],
    }


def nested_files_out(text):
    message = {"text": text, "files": [file_of(f"{text} {i}", f"nested {i}.txt") for i in range(2)]}
    return message, [(pixels(), "caption")]


def json_files(text):
    """From 4.31.3 on a JSON value is opaque to the server: what looks like a file in it stays a bare path, without a `url`."""
    path = file_of(text, "inside.txt")
    return {"deep": [{"path": path, "orig_name": "inside.txt", "meta": {"_type": "gradio.FileData"}}]}


def file_of(text, name):
    path = made_path(os.path.basename(name) or "unnamed")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def big_file(mib):
    """A sparse file with a mark at each end, so that a cut download shows."""
    path = os.path.join(MADE, f"big{int(mib)}.bin")
    with open(path, "wb") as file:
        file.truncate(int(mib) * 1024 * 1024)
        file.write(b"BEGIN")
        file.seek(-3, os.SEEK_END)
        file.write(b"END")
    return path


def make_files(n):
    return [file_of(f"file {i}", f"file {i} ä.txt") for i in range(int(n))]


def make_image():
    return pixels()


def make_audio():
    rate = 8000
    wave = np.sin(2 * np.pi * 440 * np.arange(rate // 10) / rate)
    return rate, (wave * 32767).astype(np.int16)


def make_gallery():
    return [(pixels(), "first"), (pixels(4, 4), None)]


def make_plot():
    import matplotlib.pyplot as plot

    figure = plot.figure(figsize=(2, 1))
    figure.add_subplot().plot([1, 2], [3, 4])
    plot.close(figure)
    return figure


def make_dataframe():
    import pandas

    return pandas.DataFrame({"name": ["a", "b"], "size": [1, 2.5]})


def make_styled():
    return make_dataframe().style.format({"size": "{:.1f} m"}).highlight_max(subset=["size"], color="red")


def make_line_plot():
    import pandas

    return pandas.DataFrame({"x": [1, 2], "y": [3.5, 4]})


def make_label():
    return {"cat": 0.75, "dog": 0.25}


def make_highlighted():
    return [("a", "POS"), ("b", None)]


def make_annotated():
    return pixels(), [((0, 0, 4, 4), "box")]


def make_model():
    path = made_path("triangle.obj")
    with open(path, "w") as file:
        file.write("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n")
    return path


def make_download(text):
    return file_of(text, "download.txt")


def make_html(text):
    return f"<b>{text}</b>", f"**{text}**"


def make_chat(text):
    said = file_of(text, "said.txt")
    if not MESSAGES:
        return [[text, None], [None, (said, "alt")]]
    return [
        {"role": "user", "content": text},
        {"role": "assistant", "content": {"path": said, "alt_text": "alt"}},
    ]


def highlighted(value):
    """The component hands out dictionaries and takes pairs."""
    if not value:
        return value
    return [(item["token"], item["class_or_confidence"]) if isinstance(item, dict) else item for item in value]


def pictures(value):
    """Paths with captions. 3 hands out what came, each with its caption or alone; 4 up to 4.15 what it has made of that."""
    if hasattr(value, "root"):
        return [(item.image.path, item.caption) for item in value.root]
    pairs = [item if isinstance(item, (list, tuple)) else (item, None) for item in value or []]
    return [(file["name"] if isinstance(file, dict) else file, caption) for file, caption in pairs]


def labelled(value):
    """3 hands out what came; the later ones hand out, as all take, confidences by label."""
    if isinstance(value, dict) and "confidences" in value:
        return {one["label"]: one["confidence"] for one in value["confidences"]}
    return value


def annotated(value):
    """The component hands out paths of coloured masks, 3 what came, and takes masks of 0 to 1."""
    if value is None:
        return None
    from PIL import Image

    if V < (4, 0):
        picture, masks = value[0]["name"], [(mask["name"], label) for mask, label in value[1]]
    else:
        picture, masks = value
    return picture, [(np.array(Image.open(mask).convert("RGBA"))[:, :, 3] / 255, label) for mask, label in masks]


def chunk_size(chunk, total):
    total = (total or 0) + (0 if chunk is None else 1)
    return total, total


def journal_chunk(sound, tag):
    """Writes down each chunk that it is run for, with the digest of its file."""
    chunks_seen.append({"tag": tag, "sound": sound and digest(sound), "time": time.time()})
    seen = sum(chunk["tag"] == tag for chunk in chunks_seen)
    if tag.endswith("fails") and seen == 2:
        raise gr.Error("no more of these")
    return f"{tag} {seen}"


def chunks_of(tag):
    return [chunk for chunk in chunks_seen if chunk["tag"] == tag]


def media_steps(n, seconds):
    for i in range(int(n)):
        yield f"segment {i};".encode()
        time.sleep(float(seconds))


def as_it_is(component, extension):
    """Lets a component stream bytes as they are, so that the tests need no codec and know each byte."""

    async def stream_output(value, output_id, _first_chunk):
        file = {"path": output_id, "is_stream": True, "orig_name": "stream.mp3", "meta": {"_type": "gradio.FileData"}}
        return value and {"data": value, "duration": 1.0, "extension": extension}, file

    async def nothing_left(_output_id):
        return None

    # On the component itself: Gradio writes a stub file beside the file of each subclass.
    component.stream_output = stream_output
    component.flush_stream_output = nothing_left
    return component


def selected(event: gr.SelectData):
    return {"index": event.index, "value": event.value, "selected": event.selected}


def gradio_has(name):
    """Whether the package has a name, and a function or class of it a parameter: `render`, `Chatbot(type)`."""
    thing, _, parameter = name.rstrip(")").partition("(")
    here = gr
    for part in thing.split("."):
        here = getattr(here, part, None)
    has = here is not None and (parameter == "" or parameter in inspect.signature(here).parameters)
    return "yes" if has else "no"


# ---- the app


def api(name, function, inputs, outputs, **options):
    """One hidden listener of a button of its own: nothing else triggers it."""
    if V < (4, 0):  # 3 has one limit for all functions together.
        options.pop("concurrency_limit", None)
    return gr.Button(name, visible=False).click(function, inputs, outputs, api_name=name, **options)


def text(label="text", **options):
    return gr.Textbox(label=label, **options)


def number(label="n", **options):
    return gr.Number(label=label, **options)


def io(name, component, function=identity, **options):
    """An identity endpoint over two components of a kind."""
    api(f"{name}_io", function, component(label=f"{name} in", **options), component(label=f"{name} out", **options))


with gr.Blocks(title="effect-gradio fixture") as demo:
    # Plain functions.
    api("echo", echo, text("text"), text("echoed"))
    api(
        "add",
        add,
        [number("a"), gr.Radio(["add", "subtract"], value="add", label="op"), gr.Slider(0, 10, value=5, step=1, label="b")],
        number("result"),
    )
    api("two", two, text("text"), [text("same"), number("length")])
    api(
        "defaults",
        defaults,
        [text(value="ab"), number("times", value=2), gr.Checkbox(value=True, label="upper"), text("suffix")],
        text("result"),
    )
    api("describe", describe, text("anything"), text("description"))
    api("describe_number", describe, number("anything"), text("description"))
    api(
        "several",
        several,
        [
            text("a text"),
            number("a number"),
            gr.Checkbox(label="a flag"),
            gr.Dropdown(["x", "y"], label="a choice"),
            gr.CheckboxGroup(["p", "q", "r"], label="some choices"),
            gr.Slider(0, 100, value=7, step=1, label="a whole number"),
        ],
        gr.JSON(label="all"),
    )
    api("no_inputs", no_inputs, None, text("result"))
    api("no_outputs", no_outputs, text(), None)
    api("long_text", long_text, number("kib", value=64), text("long"))
    api("not_finite", not_finite, None, gr.JSON(label="numbers"))
    api(
        "unicode",
        grüße,
        [gr.Slider(0, 10, value=3, step=1, label="Größe → 大きさ 🎈"), text("单词", value="日本 🗾")],
        text("Ergebnis ✓"),
    )
    api("odd_characters", odd_characters, None, text("text"))
    # A button is a skipped component: its slot of `data` must be filled, but it is not in `/info`.
    api("middle_button", middle_button, [text("first"), gr.Button("the button"), text("last")], text("joined"))
    middle = gr.State(0)
    api("middle_state", middle_state, [text("first"), middle, text("last")], [text("joined"), middle])

    # Generators.
    api("count", count, number(value=3), text("number"))
    api("ticks", ticks, [number(value=3), number("seconds", value=0.2), text("tag", value="ticks")], text("tick"))
    endless_event = api("endless", endless, text("tag", value="endless"), text("number"), concurrency_limit=10)
    api("endless_async", endless_async, text("tag", value="endless_async"), text("number"), concurrency_limit=10)
    # Since 4.31 a cancel listener has no backend: the browser posts `/cancel` itself.
    gr.Button("cancel", visible=False).click(None, None, None, cancels=[endless_event])
    api("two_gen", two_gen, number(value=3), [text("number"), gr.Dataframe(label="rows")])
    api("lists", lists, number(value=3), gr.HighlightedText(label="words"))
    api("dictionaries", dictionaries, number(value=5), gr.JSON(label="dictionary"))
    api("shrinking_rows", shrinking_rows, number(value=4), gr.Dataframe(label="rows"))
    api("grow", grow, number(value=4), text("growing"))
    messages = known(gr.Chatbot, type="messages")
    api("chat_tokens", chat_tokens, number(value=4), gr.Chatbot(label="chat", **messages))
    api("file_steps", file_steps, number(value=3), gr.File(label="file"))
    api("skips", skips, None, text("skipped"))
    api("skips_two", skips_two, None, [text("letter"), number("number")])
    api("fails_midway", fails_midway, number(value=2), text("number"))
    api("crashes_midway", crashes_midway, number(value=2), text("number"))
    api("empty_generator", empty_generator, None, text("nothing"))

    if V < (4, 28):  # Runs for ever once called; later versions have `gr.Timer`.
        api("clock", lambda: f"{time.monotonic():.3f}", None, text("time"), every=0.1)

    # Progress and logs.
    api("progress", progress_steps, number(value=3), text("result"))
    api("progress_tqdm", progress_tqdm, number(value=3), text("result"))
    api("progress_nested", progress_nested, number(value=2), text("result"))
    api("progress_generator", progress_generator, number(value=3), text("number"))
    api("logs", logs, text(), text("same"))
    api("logs_full", logs_full, text(), text("same"))
    api("many_logs", many_logs, number(value=10), text("result"))

    # Errors.
    api("error", error, text(value="bad thing"), text("never"))
    api("error_full", error_full, text(value="bad thing"), text("never"))
    api("error_lasting", error_lasting, text(value="bad thing"), text("never"))
    api("error_odd", error_odd, text(value="any"), text("never"))
    api("crash", crash, text(value="x"), text("never"))
    api("crash_silent", crash_silent, None, text("never"))
    if V >= (5, 45):  # Validators came with 5.45. They run for the queue only, not for `/run`.
        api("validated", validated, [text(), number("number")], text("result"), validator=long_enough)

    # State.
    words = gr.State([])
    api("counter", counter, [text("word"), words], [number("how often"), words])
    total = gr.State({"calls": 0, "total": 0})
    api("session_total", session_total, [number("number"), total], [gr.JSON(label="so far"), total])

    # Batches, unqueued and slow functions.
    api("batch", batch, [text("word"), number("times", value=1)], [text("upper"), number("size")], batch=True, max_batch_size=4)
    api("batch_fails", batch_fails, text("word"), text("never"), batch=True, max_batch_size=4)
    api("direct", echo, text(), text("same"), queue=False)
    api("direct_error", error, text(value="bad thing"), text("never"), queue=False)
    api("direct_crash", crash, text(value="x"), text("never"), queue=False)
    api("slow", slow, [number("seconds", value=1), text("tag", value="slow")], text("result"), concurrency_limit=1)
    api("slow_many", slow, [number("seconds", value=1), text("tag", value="slow_many")], text("result"), concurrency_limit=None)
    api("direct_slow", slow, [number("seconds", value=1), text("tag", value="direct_slow")], text("result"), queue=False)

    # What the package has, for the probes behind what a version is said to lack.
    api("gradio_has", gradio_has, text("name"), text("whether"), queue=False)

    # What the server did.
    api("finished", lambda: list(finished_lines), None, gr.JSON(label="lines"), queue=False)
    api("interrupted_jobs", interrupted_jobs, None, gr.JSON(label="tags"), queue=False)
    api("steps", lambda: dict(steps_taken), None, gr.JSON(label="steps by tag"), queue=False)
    api("slow_runs", lambda: list(slow_marks), None, gr.JSON(label="marks"), queue=False)
    api("unloaded", lambda: list(unloaded_hashes), None, gr.JSON(label="session hashes"), queue=False)
    if hasattr(demo, "unload"):
        demo.unload(remember_unload)

    # The request and the event.
    api("request_info", request_info, text(value="x"), gr.JSON(label="request"))
    api("direct_request_info", request_info, text(value="x"), gr.JSON(label="request"), queue=False)
    api("event_info", event_info, text(value="x"), gr.JSON(label="event"))

    # Updates.
    api("upd", upd, text(), text("updated"))
    api("upd_no_value", upd_no_value, text(), text("updated"))
    api("upd_choices", upd_choices, text(), gr.Dropdown(["p", "q"], label="updated", allow_custom_value=True))

    # Components, in and out.
    io("text", gr.Textbox)
    io("number", gr.Number)
    io("slider", gr.Slider, minimum=0, maximum=10, step=0.5)
    io("checkbox", gr.Checkbox)
    io("checkbox_group", gr.CheckboxGroup, choices=["p", "q", ("shown", "value")])
    io("radio", gr.Radio, choices=["p", "q", ("one", 1)])
    io("dropdown", gr.Dropdown, choices=["p", "q", ("one", 1)])
    io("dropdown_multi", gr.Dropdown, choices=["p", "q", "r"], multiselect=True)
    io("image", gr.Image, type="filepath")
    io("image_pixels", gr.Image)
    io("audio", gr.Audio, type="filepath")
    io("video", gr.Video)
    io("file", gr.File, paths)
    io("files", gr.File, paths, file_count="multiple")
    gallery_paths = known(gr.Gallery, type="filepath")
    io("gallery", gr.Gallery, identity if gallery_paths else pictures, **gallery_paths)
    io("dataframe", gr.Dataframe)
    io("json", gr.JSON)
    io("label", gr.Label, labelled)
    if V >= (4, 0):  # 3 hands out what came, which it does not take.
        io("plot", gr.Plot)
    if MESSAGES:
        io("chatbot", gr.Chatbot, **messages)
    if V < (6, 0):  # 6 has messages only.
        io("chatbot_tuples", gr.Chatbot, **known(gr.Chatbot, type="tuples"))
    if hasattr(gr, "MultimodalTextbox"):
        io("multimodal", gr.MultimodalTextbox, **known(gr.MultimodalTextbox, file_count="multiple"))
    io("html", gr.HTML)
    io("markdown", gr.Markdown)
    io("code", gr.Code, language="python")
    if hasattr(gr, "DateTime"):
        io("datetime", gr.DateTime, type="string")
    io("color", gr.ColorPicker)
    io("highlighted", gr.HighlightedText, highlighted)
    io("annotated_image", gr.AnnotatedImage, annotated)
    io("model3d", gr.Model3D)
    if hasattr(gr, "ImageEditor"):
        io("image_editor", gr.ImageEditor, type="filepath" if V >= (5, 0) else "pil")
    io("upload_button", gr.UploadButton, paths)
    if hasattr(gr, "DownloadButton"):
        io("download_button", gr.DownloadButton)
    if hasattr(gr, "Timer"):
        api("timer_io", identity, gr.Timer(1, active=False), gr.Timer(1, active=False))
    if V >= (5, 6):  # Kept by the browser; unlike a State its value is a parameter.
        api("browser_state_io", identity, gr.BrowserState(), gr.BrowserState())
    explored = tempfile.mkdtemp(dir=MADE)
    for name in ("one.txt", "two.txt"):
        with open(os.path.join(explored, name), "w") as explored_file:
            explored_file.write(name)
    # Its listing is fetched through `/component_server`.
    io("file_explorer", gr.FileExplorer, **{"root_dir" if known(gr.FileExplorer, root_dir=1) else "root": explored})

    # Components of which an ordinary app has few, and what servers hold values against.
    io("upload_buttons", gr.UploadButton, paths, file_count="multiple")
    io("dropdown_custom", gr.Dropdown, choices=["p", "q"], allow_custom_value=True)
    io("number_bounded", gr.Number, minimum=0, maximum=10)
    io("file_typed", gr.File, paths, file_types=[".txt", "image"])
    if hasattr(gr, "DateTime"):
        io("datetime_zoned", gr.DateTime, type="datetime", timezone="Europe/Berlin")
        io("date", gr.DateTime, type="string", include_time=False)
    if V >= (4, 22):  # 3 and the first of 4 leave it out of `/info`.
        chosen = {"components": ["textbox"], "samples": [["a"], ["b"]], "type": "index"}
        api("dataset_io", identity, gr.Dataset(label="dataset in", **chosen), gr.Dataset(label="dataset out", **chosen))
    if hasattr(gr, "ParamViewer"):
        api("param_viewer_io", identity, gr.ParamViewer(), gr.ParamViewer())
    if hasattr(gr.components, "Fallback"):
        io("fallback", gr.components.Fallback)
    if hasattr(gr, "ImageSlider"):
        io("image_slider", gr.ImageSlider, type="filepath")
    if hasattr(gr, "Dialogue"):
        io("dialogue", gr.Dialogue, type="list")
    if hasattr(gr, "Navbar"):
        navbar = gr.Navbar()  # One at most.
        api("navbar_io", identity, navbar, navbar)
    if V >= (4, 39):  # Before, it takes what it draws and not what it gives.
        io("line_plot", gr.LinePlot, x="x", y="y")
    if V < (4, 0):
        io("sketch", gr.Image, lambda value: value and value["image"], tool="sketch", source="upload", type="filepath")
        io("timeseries", gr.Timeseries)
        api("button_io", identity, gr.Button("button in"), gr.Button("button out"))

    # Output from nothing or from text.
    api("make_line_plot", make_line_plot, None, gr.LinePlot(x="x", y="y", label="line"))
    api("make_styled", make_styled, None, gr.Dataframe(label="styled"))
    api("make_image", make_image, None, gr.Image(label="image"))
    api("make_audio", make_audio, None, gr.Audio(label="audio"))
    api("make_gallery", make_gallery, None, gr.Gallery(label="gallery"))
    api("make_files", make_files, number(value=2), gr.File(label="files", file_count="multiple"))
    api("make_plot", make_plot, None, gr.Plot(label="plot"))
    api("make_dataframe", make_dataframe, None, gr.Dataframe(label="table"))
    api("make_label", make_label, None, gr.Label(label="label"))
    api("make_highlighted", make_highlighted, None, gr.HighlightedText(label="words"))
    api("make_annotated", make_annotated, None, gr.AnnotatedImage(label="annotated"))
    api("make_model", make_model, None, gr.Model3D(label="model"))
    if hasattr(gr, "DownloadButton"):
        api("make_download", make_download, text(value="content"), gr.DownloadButton("download"))
    api("make_html", make_html, text(value="bold"), [gr.HTML(label="html"), gr.Markdown(label="markdown")])
    api("make_chat", make_chat, text(value="hi"), gr.Chatbot(label="chat", **messages))

    # Files.
    api("file_info", file_info, gr.File(label="file"), text("info"))
    api("files_info", files_info, gr.File(label="files", file_count="multiple"), gr.JSON(label="infos"))
    if hasattr(gr, "MultimodalTextbox"):
        several_files = known(gr.MultimodalTextbox, file_count="multiple")
        api(
            "nested_files",
            nested_files,
            [gr.MultimodalTextbox(label="message", **several_files), gr.Gallery(label="gallery", **gallery_paths)],
            gr.JSON(label="infos"),
        )
        api(
            "nested_files_out",
            nested_files_out,
            text(value="inner"),
            [gr.MultimodalTextbox(label="message", **several_files), gr.Gallery(label="gallery")],
        )
    api("json_files", json_files, text(value="inner"), gr.JSON(label="what looks like a file"))
    api("file_of", file_of, [text(value="content"), text("name", value="a b ü漢 #1%.txt")], gr.File(label="file"))
    api("big_file", big_file, number("mib", value=1), gr.File(label="file"))

    # Hidden endpoints.
    if V >= (6, 0):
        api("undocumented", echo, text(), text("same"), api_visibility="undocumented")
        api("private", echo, text(), text("same"), api_visibility="private")
    else:
        if V >= (4, 12):
            api("undocumented", echo, text(), text("same"), show_api=False)
        # Before 6 "private" was spelled as having no name at all: to be found by its label only.
        gr.Button("private", visible=False).click(echo, text(), text("same"), api_name=False)
    gr.Button("unnamed", visible=False).click(lambda value: value, text(), text("same"))
    api("twin", lambda value: f"first {value}", text(), text("result"))
    api("twin", lambda value: f"second {value}", text(), text("result"))
    # No Python function: nothing to run on the server (`backend_fn: false`).
    gr.Button("script", visible=False).click(None, text(), text("same"), **{"js" if V >= (4, 0) else "_js": "(x) => x"})

    if V >= (6, 0):
        # `component_prop_inputs` lists the input positions whose parameter is annotated with a component class
        # (`box: gr.Textbox`, new in 6). In such a slot the server wants, instead of the bare value, an object of the
        # component's properties with the value in it, `{"value": "hi", "label": "any", ...}`: it calls
        # `inputs[i].get("value")`, so that a bare string is an error event ("'str' object has no attribute 'get'").
        # Properties that are left out are simply missing for the function (`box.label` raises); the browser sends
        # all of them. `/info` says nothing of this: it still describes the bare value.
        def properties(plain, box: gr.Textbox, size: gr.Slider):
            return {"plain": plain, "value": box.value, "label": getattr(box, "label", None), "size": size.value, "maximum": getattr(size, "maximum", None)}

        api(
            "properties",
            properties,
            [text("plain"), text("box", value="boxed"), gr.Slider(0, 10, value=4, step=1, label="size")],
            gr.JSON(label="seen"),
        )

    if V >= (6, 12):  # Caching came with 6.12.

        @gr.cache
        def cached(value):
            cached_calls.append(value)
            return f"{value} computed as number {len(cached_calls)}"

        @gr.cache
        def cached_count(n, tag):
            for i in range(int(n)):
                time.sleep(0.02)
                yield f"{tag} {i}"

        def cached_part(value, cache=gr.Cache()):
            hit = cache.get(value)
            if hit is None:
                cache.set(value, stored=value.upper())
                return f"stored {value}"
            return f"found {hit['stored']}"

        api("cached", cached, text(), text("result"))
        api("cached_count", cached_count, [number(value=3), text("tag", value="cached")], text("number"))
        api("cached_part", cached_part, text(), text("result"))

    if V >= (5, 0):  # Input streams (`connection: "stream"`) came with 5.0.
        camera = gr.Image(label="camera", sources=["webcam"], streaming=True, type="filepath")
        chunks = gr.State(0)
        camera.stream(
            chunk_size, [camera, chunks], [number("chunks"), chunks], api_name="stream_chunks", time_limit=5, stream_every=0.1
        )

        def journalled_stream(name, **options):
            sound = gr.Audio(label="sound", sources=["microphone"], streaming=True, type="filepath")
            sound.stream(journal_chunk, [sound, text("tag")], text("seen"), api_name=name, **options)

        journalled_stream("stream_journal", time_limit=60, stream_every=0.1)
        journalled_stream("stream_short", time_limit=1, stream_every=0.05, concurrency_limit=None)
        api("chunks_of", chunks_of, text("tag"), gr.JSON(label="chunks"), queue=False)

    # Streamed outputs: segments in a playlist from 5, one endless body before.
    stream_parts = [number(value=3), number("seconds", value=0.2)]
    if V >= (5, 0):
        api("stream_audio", media_steps, stream_parts, as_it_is(gr.Audio(label="audio", streaming=True), ".aac"))
        api("stream_video", media_steps, stream_parts, as_it_is(gr.Video(label="video", streaming=True), ".ts"))
    elif V >= (4, 0):
        api("stream_audio", media_steps, stream_parts, gr.Audio(label="audio", streaming=True))

    api("selected", selected, None, gr.JSON(label="selection"))

    if V >= (5, 0):  # An endpoint without components came with 5.0 or soon after.

        def typed(first: str, second: int = 2, third: list[str] | None = None) -> dict:
            """Typed by Python alone."""
            return {"first": first, "second": second, "third": third}

        def typed_steps(n: int) -> str:
            for i in range(n):
                yield f"step {i}"

        gr.api(typed, api_name="typed")
        gr.api(typed_steps, api_name="typed_steps")

    if hasattr(gr, "render"):
        # The render function is a dependency named `apply`; what it makes exists in that session only, and is called by id.
        rendered_words = text("words to render", value="red green")
        rendered_out = text("rendered out")

        @gr.render(inputs=rendered_words)
        def rendered(given):
            for word in (given or "").split():
                box = text(word, value=word)
                gr.Button(word).click(
                    lambda value, word=word: f"{word}: {value}", box, rendered_out, api_name=f"rendered_{word}"
                )


def exit_with_stdin():
    """The one who started this holds the other end of stdin: when that ends, however it ends, so does this process."""
    sys.stdin.buffer.read()
    shutil.rmtree(MADE, ignore_errors=True)
    os._exit(0)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--port", type=int, required=True)
    arguments.add_argument("--root-path")
    arguments.add_argument("--auth")
    arguments.add_argument("--auth-message")
    arguments.add_argument("--show-error", action="store_true")
    arguments.add_argument("--max-file-size", type=int)
    arguments.add_argument("--max-size", type=int)
    arguments.add_argument("--default-concurrency", type=int)
    arguments.add_argument("--closed-api", action="store_true")
    arguments.add_argument("--exit-with-stdin", action="store_true")
    given = arguments.parse_args()
    if given.exit_with_stdin:
        threading.Thread(target=exit_with_stdin, daemon=True).start()
    if V < (4, 0):  # For all functions together, so that as many must fit as tests run side by side.
        concurrency = {"concurrency_count": given.default_concurrency or 10}
    else:
        concurrency = {} if given.default_concurrency is None else {"default_concurrency_limit": given.default_concurrency}
    demo.queue(max_size=given.max_size, api_open=not given.closed_api, **concurrency)
    demo.launch(
        server_name="127.0.0.1",
        server_port=given.port,
        share=False,
        quiet=True,
        root_path=given.root_path,
        auth=tuple(given.auth.split(":", 1)) if given.auth else None,
        auth_message=given.auth_message,
        show_error=given.show_error,
        **known(demo.launch, max_file_size=given.max_file_size),
    )

"""The public names of `gradio_client` as JSON: what it exports, its clients' and jobs' members with their parameters, the attributes
that they set, the fields of its events and errors, and the public names of its other modules.

Modules that are not re-exported and not documented (`INNER`) give their names alone, without parameters.
"""

import ast
import dataclasses
import enum
import importlib
import inspect
import json
import pkgutil
import textwrap

import gradio_client
from gradio_client import client, data_classes, exceptions, utils

INNER = {"utils", "documentation", "snippet", "data_classes", "templates.discord_chat"}


def parameters(key, function):
    try:
        names = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return []
    return [f"{key}({name})" for name in names if name not in ("self", "cls", "args", "kwargs") and not name.startswith("_")]


def attributes(owner):
    """What methods assign to `self`."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(owner)))
    return {
        target.attr
        for node in ast.walk(tree)
        if isinstance(node, (ast.Assign, ast.AnnAssign))
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "self"
        if not target.attr.startswith("_")
    }


def of_class(owner):
    name = owner.__name__
    if issubclass(owner, enum.Enum):
        return [name, *(f"{name}.{member.name}" for member in owner)]
    if dataclasses.is_dataclass(owner):
        return [name, *(f"{name}.{field.name}" for field in dataclasses.fields(owner))]
    if hasattr(owner, "__total__"):
        return [name, *(f"{name}.{field}" for field in owner.__annotations__)]
    found = [name, *parameters(name, owner.__init__)]
    found += [f"{name}.{attribute}" for attribute in attributes(owner)]
    for member, value in inspect.getmembers(owner):
        if hasattr(Exception, member):
            continue
        if not member.startswith("_") or member in ("__iter__", "__aiter__", "__next__"):
            found.append(f"{name}.{member}")
            if callable(value) and not member.startswith("__"):
                found += parameters(f"{name}.{member}", value)
    return found


found = []
for name in gradio_client.__all__:
    value = getattr(gradio_client, name)
    if inspect.isclass(value):
        found += of_class(value) if value.__module__.endswith((".client", ".data_classes")) else [name]
    else:
        found += [name, *(parameters(name, value) if callable(value) else [])]
found += of_class(client.Job)
for module in (exceptions, data_classes, utils):
    for name, value in vars(module).items():
        if not inspect.isclass(value) or value.__module__ != module.__name__:
            continue
        if module is exceptions or dataclasses.is_dataclass(value) or issubclass(value, (enum.Enum, Exception)) or hasattr(value, "__total__"):
            found += of_class(value)

modules = {module.name.removeprefix("gradio_client.") for module in pkgutil.walk_packages(gradio_client.__path__, "gradio_client.")}
# A module that is neither looked into above nor known to be inner would hide its names.
assert modules <= INNER | {"client", "exceptions", "templates", "cli", "cli.deploy_discord"}, modules
for inner in ("client", *sorted(INNER)):
    try:
        source = inspect.getsource(importlib.import_module(f"gradio_client.{inner}"))
    except ImportError:
        # A template for another library, which is not installed.
        source = pkgutil.get_data("gradio_client", inner.replace(".", "/") + ".py").decode()
    for node in ast.parse(source).body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
            if node.name not in found:
                found.append(f"{inner}.{node.name}")

print(json.dumps({"version": gradio_client.__version__, "names": sorted(set(found))}))

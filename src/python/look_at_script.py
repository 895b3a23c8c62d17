"""Looks at a Python script without running it, and prints what it saw as one line of JSON.

    python look_at_script.py SCRIPT [FOLDER_TO_IMPORT_FROM ...]

"error": why it can't be read or compiled, or null. "help": it is certain to end at --help. "missing": the name of a module
that its first level imports and that is not there, or null.
"""

import ast
import importlib.util
import json
import os
import sys

# What a person wrote is smaller.
MOST_BYTES = 4 * 1024 * 1024
PARSERS = {"argparse", "optparse", "configargparse", "jsonargparse"}
PARSE = {"parse_args", "parse_known_args", "parse_intermixed_args", "parse_known_intermixed_args"}
# fire is not one of them: it passes --help on to a function that takes any option.
CALLED = {"click.command", "click.group", "typer.run", "typer.Typer", "docopt.docopt", "absl.app.run"}
# With one of these a parser may pass over --help.
HELPLESS = {"add_help", "add_help_option", "help"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
LOOPS = (ast.For, ast.AsyncFor, ast.While)


def look(source, name):
    """What is to be printed of a script, from its bytes."""
    try:
        tree = ast.parse(source, name)
        compile(source, name, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return {"error": "%s: %s" % (type(error).__name__, error), "help": False, "missing": None}
    return {"error": None, "help": ends_at_help(tree), "missing": missing_import(tree)}


def ends_at_help(tree):
    """True where a parser that ends the program at --help is sure to see the command line."""
    nodes = list(ast.walk(tree))
    if any(passes_over_help(node) or changes_argv(node) for node in nodes):
        return False
    names = imported_names(nodes)
    modules = {full.split(".")[0] for full in names.values()}
    parameters = {node.arg for node in nodes if isinstance(node, ast.arg)}
    for node in reached_nodes(tree):
        # Without a call where it is a decorator.
        if isinstance(node, (ast.Attribute, ast.Name)) and full_name(node, names) in CALLED:
            return True
        is_parse = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in PARSE
        if is_parse and modules & PARSERS and reads_command_line(node, parameters):
            return True
    return False


def reached_nodes(tree):
    """The certain nodes of the script's first level and of the functions that are called from these."""
    functions = {}
    for node in ast.walk(tree):
        if isinstance(node, FUNCTIONS):
            functions.setdefault(node.name, []).append(node)
        elif isinstance(node, ast.ClassDef):
            begins = [each for each in node.body if isinstance(each, FUNCTIONS) and each.name == "__init__"]
            functions.setdefault(node.name, []).extend(begins)
    waiting = [tree]
    while waiting:
        for statement in waiting.pop().body:
            for node in certain_nodes(statement):
                yield node
                if isinstance(node, ast.Call):
                    waiting += functions.pop(getattr(node.func, "id", getattr(node.func, "attr", "")), [])


def certain_nodes(node):
    """Nodes in code that depends on no condition but being the main program, and whose SystemExit nobody catches."""
    yield node
    if isinstance(node, FUNCTIONS):
        inside = node.decorator_list
    elif isinstance(node, ast.Lambda):
        inside = []
    elif isinstance(node, ast.If) and not is_main_guard(node.test):
        inside = [node.test]
    elif isinstance(node, LOOPS) or (isinstance(node, ast.Try) and any(map(catches_exit, node.handlers))):
        inside = []
    elif isinstance(node, ast.Try):
        inside = node.body + node.finalbody
    else:
        inside = list(ast.iter_child_nodes(node))
    for child in inside:
        yield from certain_nodes(child)


def is_main_guard(test):
    return any(isinstance(node, ast.Name) and node.id == "__name__" for node in ast.walk(test))


def catches_exit(handler):
    names = [] if handler.type is None else [node.id for node in ast.walk(handler.type) if isinstance(node, ast.Name)]
    return handler.type is None or "SystemExit" in names or "BaseException" in names


def passes_over_help(node):
    if isinstance(node, ast.keyword):
        is_false = isinstance(node.value, ast.Constant) and node.value.value is False
        return (node.arg in HELPLESS and is_false) or node.arg in ("ignore_unknown_options", "standalone_mode")
    return isinstance(node, ast.Constant) and node.value == "ignore_unknown_options"


def changes_argv(node):
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
        node = node.value
        return isinstance(node, ast.Attribute) and node.attr == "argv"
    return isinstance(node, ast.Attribute) and node.attr == "argv" and isinstance(node.ctx, ast.Store)


def reads_command_line(call, parameters):
    """False for `parse_args([])` and the like, with which notebooks are made scripts."""
    given = call.args[:1] + [keyword.value for keyword in call.keywords if keyword.arg == "args"]
    if not given:
        return all(keyword.arg is not None for keyword in call.keywords)
    word = given[0]
    if isinstance(word, ast.Subscript):
        word = word.value
    if isinstance(word, ast.Attribute):
        return word.attr == "argv"
    if isinstance(word, ast.Name):
        return word.id in parameters or word.id == "argv"
    return isinstance(word, ast.Constant) and word.value is None


def imported_names(nodes):
    """By the name that the script has for it, the full name of everything that it imports."""
    names = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            for each in node.names:
                names[each.asname or each.name.split(".")[0]] = each.name if each.asname else each.name.split(".")[0]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            for each in node.names:
                names[each.asname or each.name] = "%s.%s" % (node.module, each.name)
    return names


def full_name(node, names):
    if isinstance(node, ast.Name):
        return names.get(node.id, "")
    return "%s.%s" % (full_name(node.value, names), node.attr) if isinstance(node, ast.Attribute) else ""


def missing_import(tree):
    """Of the modules that are imported whatever happens, the first that Python does not find; none where a script arranges for them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in ("path", "modules", "meta_path", "addsitedir"):
            if isinstance(node.value, ast.Name) and node.value.id in ("sys", "site"):
                return None
        if isinstance(node, ast.ImportFrom) and node.module in ("sys", "site"):
            return None
    for node in tree.body:
        modules = [each.name for each in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            modules = [node.module]
        for module in modules:
            # Of a.b, a would have to be run.
            top = module.split(".")[0]
            if top not in sys.modules and not is_found(top):
                return top
    return None


def is_found(module):
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError, AttributeError):
        return True


def main(script, *folders):
    try:
        with open(script, "rb") as file:
            source = file.read(MOST_BYTES + 1)
    except OSError as error:
        return {"error": "%s: %s" % (os.path.basename(script), error.strerror), "help": False, "missing": None}
    if len(source) > MOST_BYTES:
        return {"error": None, "help": False, "missing": None}
    # Its own folder is first, as when it is started, and ours is not there.
    here = os.path.dirname(os.path.realpath(__file__))
    others = [folder for folder in sys.path if os.path.realpath(folder) != here]
    sys.path[:] = [os.path.dirname(os.path.realpath(script))] + list(folders) + others
    return look(source, os.path.basename(script))


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))

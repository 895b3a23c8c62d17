"""manga-image-translator as a Python package: loaded once, known by what it promises to callers.

Another version may lack some of that: what is missing is named in the log, and the rest works.
"""

import asyncio
import importlib
import json
import os
import re
import sys


def log(text):
    print("[mgpu] " + text, file=sys.stderr, flush=True)


def warn(text):
    print("WARNING: [mgpu] " + text, file=sys.stderr, flush=True)


class Nothing:
    """What a hook returns: to be awaited, and no harm where nobody does (the program calls some hooks without)."""

    def __await__(self):
        return iter(())


class Program:
    """The program with its models. `opened` and `context` tell of the page at work: was it opened, what came of it."""

    def __init__(self, checkout, options):
        self.opened = False
        self.context = None
        self._checkout = checkout
        self._options = options
        self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self._loop)

    def load(self, tell_state):
        """Imports, constructs and prepares it; `tell_state` is called with each state that a page comes to."""
        if self._checkout:
            sys.path.insert(0, self._checkout)
        self._package = importlib.import_module("manga_translator")
        self._params = self._parsed(self._options)
        self._start_log(bool(self._params.get("verbose")))
        self.save_text = self._taken("save_text", False)
        self.skip_no_text = self._taken("skip_no_text", False)
        if self._taken("ignore_errors", False):
            warn("--ignore-errors is left out: each failed page is told apart")
        if self._params.get("save_text_file"):
            raise SystemExit("--save-text-file: workers can't share a file; --save-text writes one beside each output")
        if (self._params.get("batch_size") or 1) > 1:
            raise SystemExit("--batch-size above 1: a warm worker takes one page at a time")
        self._translator = self._constructed()
        # With a quality it would change the output's suffix; the constructor has read it, so it still counts for .jpg.
        self._params["save_quality"] = 100
        self._params["format"] = None
        self.has_states = self._hooked(tell_state)
        self._prepare()

    @property
    def device(self):
        device = getattr(self._translator, "device", None)
        # One GPU at most is visible to a worker.
        return "cuda:0" if device == "cuda" else device

    @property
    def version(self):
        given = getattr(self._package, "__version__", None)
        if given:
            return str(given)
        root = os.path.dirname(os.path.dirname(os.path.abspath(self._package.__file__)))
        try:
            with open(os.path.join(root, "pyproject.toml"), encoding="utf-8") as file:
                found = re.search(r'^version\s*=\s*"([^"]+)"', file.read(), re.M)
                return found.group(1) if found else "unknown"
        except OSError:
            return "unknown"

    def translate(self, source, target):
        """Takes one page through; raises what the program raises, and returns whatever became of it."""
        self.opened, self.context = False, None
        self._loop.run_until_complete(self._translator.translate_path(source, target, self._params))

    def forget(self):
        """Lets go of the pages before, which it keeps as context for those that follow."""
        for name in ("all_page_translations", "_original_page_texts"):
            remembered = getattr(self._translator, name, None)
            if hasattr(remembered, "clear"):
                remembered.clear()

    def _parsed(self, options):
        args = importlib.import_module("manga_translator.args")
        asked = [word for word in options if word in ("--use-gpu", "--use-gpu-limited")]
        words = ["local", "-i", os.sep, "--overwrite"] + [word for word in options if word not in asked]
        if not os.environ.get("MGPU_SLOT", "").startswith("cpu"):
            words.append(asked[-1] if asked else "--use-gpu")
        known, rest = args.parser.parse_known_args(words)
        params = vars(known)
        if hasattr(args, "reparse"):
            # General options behind `local` are left over by the first parser.
            params.update(vars(args.reparse(rest)))
        elif rest:
            warn("this version does not know: " + " ".join(rest))
        return params

    def _taken(self, name, instead):
        """An option that this worker serves itself; the program gets `instead`."""
        value = self._params.get(name)
        self._params[name] = instead
        return value

    def _start_log(self, verbose):
        import logging

        try:
            utils = importlib.import_module("manga_translator.utils")
            utils.init_logging()
            utils.set_log_level(logging.DEBUG if verbose else logging.INFO)
            module = importlib.import_module("manga_translator.manga_translator")
            module.set_main_logger(utils.get_logger("local"))
        except (ImportError, AttributeError) as error:
            logging.basicConfig(level=logging.INFO)
            warn("its log can't be set up, another version? %s" % error)

    def _constructed(self):
        program = self
        base = importlib.import_module("manga_translator.mode.local").MangaTranslatorLocal

        class Watched(base):
            def _setup_log_file(self):
                """Its log file would be litter in the checkout: the launcher keeps the log."""

            async def translate(self, *args, **kwargs):
                program.opened, program.context = True, None
                program.context = await super().translate(*args, **kwargs)
                return program.context

        return Watched(self._params)

    def _hooked(self, tell_state):
        def hook(state, finished=False):
            tell_state(str(state))
            return Nothing()

        try:
            self._translator.add_progress_hook(hook)
            return True
        except AttributeError:
            warn("this version has no add_progress_hook: no stages are told, and outcomes come from its result alone")
            return False

    def _prepare(self):
        """Loads the models as its first page would, so that what can't be loaded is known before any page is given."""
        try:
            config = self._config()
            device = self._translator.device
            chosen = [
                ("upscaling", [config.upscale.upscaler] if config.upscale.upscale_ratio else None),
                ("detection", [config.detector.detector]),
                ("ocr", [config.ocr.ocr, device]),
                ("inpainting", [config.inpainter.inpainter, device]),
                ("translators", [config.translator.translator_gen]),
                ("colorization", None if getattr(config.colorizer.colorizer, "value", "") == "none" else [config.colorizer.colorizer]),
            ]
            steps = [(importlib.import_module("manga_translator." + part).prepare, given) for part, given in chosen if given]
        except (ImportError, AttributeError) as error:
            log("models are loaded with the first page, as this version loads them otherwise: %s" % error)
            return
        for prepare, given in steps:
            try:
                self._loop.run_until_complete(prepare(*given))
            except TypeError as error:
                log("%s is loaded with the first page, as this version loads it otherwise: %s" % (prepare.__module__, error))

    def _config(self):
        config = importlib.import_module("manga_translator").Config
        file = self._params.get("config_file")
        if not file:
            return config()
        with open(file, encoding="utf-8") as opened:
            text = opened.read()
        if file.lower().endswith(".toml"):
            import tomllib

            return config(**tomllib.loads(text))
        return config(**json.loads(text))

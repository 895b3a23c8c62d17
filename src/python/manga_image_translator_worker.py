"""Keeps manga-image-translator loaded and gives it one page after another.

    python manga_image_translator_worker.py [--checkout DIR] -- [its own options]
    python manga_image_translator_worker.py [--checkout DIR] page.png out.png -- [its own options]    (tries one page)
"""

import sys

# The launcher's own folder may not be written to; the program's bytecode saves seconds at the next start.
kept, sys.dont_write_bytecode = sys.dont_write_bytecode, True

import mgpu_worker

import manga_program

sys.dont_write_bytecode = kept

import argparse
import os

# States in which a page is over; the time after them goes to writing its file.
ENDINGS = ("finished", "skip-no-regions", "skip-no-text", "error-translating", "cancelled")
# States that are no work of their own.
NO_WORK = ("saved", "after-translating", "error", "error-lang", "rendering_folder", "final_ready")
NO_TEXT = ("skip-no-regions", "skip-no-text")
UNTRANSLATED = ("error-translating", "cancelled")
STAGE_NAMES = {"running_pre_translation_hooks": "loading", "textline_merge": "textline-merge"}


class Progress:
    """The states that one page goes through; each that is work is told as a stage."""

    def __init__(self, tell_stage):
        self._states = []
        self._tell_stage = tell_stage
        self._stage = None

    def reached(self, state):
        # What follows a colon is a folder of the program's own.
        state = state.partition(":")[0]
        stage = "saving" if state in ENDINGS else STAGE_NAMES.get(state, state)
        if stage == "loading" and self._stage != "loading":
            # A page begins, or begins again after an attempt that failed.
            self._states = []
        self._states.append(state)
        if state not in NO_WORK and stage != self._stage:
            self._stage = stage
            self._tell_stage(stage)

    def came_to(self, *states):
        return any(state in self._states for state in states)

    def __bool__(self):
        return bool(self._states)


class Pages:
    """Gives the program its pages, and tells from its states, its errors and the file what became of each."""

    def __init__(self, program):
        self._program = program
        self._group = None
        self._progress = None

    def load(self):
        self._program.load(self._reached)
        return {
            "translator": "manga-image-translator",
            "version": self._program.version,
            "device": self._program.device,
        }

    def _reached(self, state):
        if self._progress is not None:
            self._progress.reached(state)

    def translate(self, source, target, page):
        """One page; its outcome. Raises what the program raises."""
        if page.group != self._group:
            # What it remembers of the pages before is for those of one group.
            self._program.forget()
        self._group = page.group
        self._progress = Progress(page.stage)
        if os.path.exists(target):
            os.unlink(target)
        try:
            self._program.translate(source, target)
        except SystemExit as error:
            raise RuntimeError("the program wanted to end (exit %s)" % error.code) from error
        except Exception as error:
            why = None if self._progress.came_to("detection") else unreadable(source)
            if why:
                raise mgpu_worker.Unreadable(why) from error
            raise
        self._check_saved(source, target)
        outcome = self._outcome()
        if outcome == "no-text" and self._program.skip_no_text:
            os.unlink(target)
            page.no_output()
        elif self._program.save_text:
            self._write_text(source, target)
        return outcome

    def _check_saved(self, source, target):
        """No exception proves nothing: the program has to have said that it saved, and the file has to be there."""
        if not os.path.exists(target):
            if not self._progress and not self._program.opened:
                raise mgpu_worker.Unreadable(unreadable(source) or "the program could not open it as an image")
            raise RuntimeError("the program ended the page without an error and without an output")
        if self._program.has_states and not self._progress.came_to("saved"):
            raise RuntimeError("the program wrote a file and did not say that it saved it")

    def _outcome(self):
        if self._progress.came_to(*NO_TEXT):
            return "no-text"
        if self._progress.came_to(*UNTRANSLATED):
            return "untranslated"
        if self._program.has_states or self._program.context is None:
            return "translated"
        regions = getattr(self._program.context, "text_regions", None)
        return "no-text" if regions is None else "translated" if regions else "untranslated"

    def _write_text(self, source, target):
        """What `--save-text` is for: the text of each region and its translation, beside the output."""
        regions = getattr(self._program.context, "text_regions", None) or []
        if not regions:
            return
        lines = ["[%s]" % os.path.basename(source)]
        for number, region in enumerate(regions, 1):
            lines += ["", "-- %d --" % number]
            lines += ["text:  %s" % getattr(region, "text", ""), "trans: %s" % getattr(region, "translation", "")]
            quads = getattr(region, "lines", None)
            for quad in [] if quads is None else quads:
                lines.append("coords: %s" % [int(value) for point in quad for value in point])
        with open(os.path.splitext(target)[0] + "_translations.txt", "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")


def unreadable(source):
    """Why Pillow can't read the image; None where it can."""
    try:
        from PIL import Image

        with Image.open(source) as image:
            image.load()
        return None
    except ImportError:
        return None
    except Exception as error:
        return "%s: %s" % (type(error).__name__, error)


def arguments():
    """(the checkout or None, page and output where one is tried by hand, the program's own options)"""
    words = sys.argv[1:]
    at = words.index("--") if "--" in words else len(words)
    parser = argparse.ArgumentParser(usage="%(prog)s [--checkout DIR] [PAGE OUTPUT] -- [options of the program]")
    parser.add_argument("--checkout", metavar="DIR", help="folder of manga-image-translator, where Python can't find it itself")
    parser.add_argument("by_hand", nargs="*", metavar="PAGE OUTPUT", help="one page and where to put it, to try it")
    given = parser.parse_args(words[:at])
    return given.checkout, given.by_hand, words[at + 1 :]


if __name__ == "__main__":
    checkout, by_hand, options = arguments()
    sys.argv[1:] = by_hand
    pages = Pages(manga_program.Program(checkout and os.path.abspath(checkout), options))
    mgpu_worker.run(load=pages.load, translate=pages.translate)

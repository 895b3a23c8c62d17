#!/usr/bin/env bash
# Translates a data set of manga pages on both T4s of a Kaggle session, and resumes where the last version stopped.
#
# examples/kaggle.ipynb is made from this file: npx tsx scripts/write-notebooks.ts. Each "# %%" begins a cell. As a script,
# settings come from the environment: PAGES=~/manga OUTPUT=~/translated bash examples/kaggle.sh
set -e

# %% [markdown]
# # Translate manga on both T4s
#
# mgpu-translate runs your translator on both GPUs of this session, gives each page to one of them, and records what
# happened to every page. Nothing is translated twice: when time runs out, the notebook stops with what is done, and its next
# version resumes there.
#
# Before you start, in the panel on the right:
#
# 1. **Session options → Accelerator → GPU T4 x2**.
# 2. **Add Input**: your pages, as a data set with folders of images.
# 3. **Add Input** again: a data set with the wheels of mgpu-translate (see *Install*).
#
# Change the settings below. Try one short run in the editor, then choose **Save Version → Save & Run All (Commit)**: Kaggle
# runs the notebook without your browser and keeps what it wrote to `/kaggle/working`.

# %% [markdown]
# ## Settings
#
# The demo translator stamps each page with the GPU that had it and needs no models (it stamps PNG pages, and copies others). Try it first, then name your own
# translator: a `translate.py` (called with `--input FOLDER --output FOLDER`), a checkout of manga-image-translator, or
# `worker:my_worker.py`. Data sets are read-only. Copy a program that writes into its own folder, as manga-image-translator
# does, to `/tmp` first.

# %% settings
export TRANSLATOR="${TRANSLATOR:-demo}"  # a translate.py, a checkout of manga-image-translator, worker:my_worker.py
export OPTIONS="${OPTIONS:-}"  # options of the translator itself, such as --config-file /kaggle/input/my-config/config.json
export PAGES="${PAGES:-/kaggle/input/my-manga}"  # the folder with the pages
export OUTPUT="${OUTPUT:-/kaggle/working/translated}"  # where translated pages go
export PREVIOUS="${PREVIOUS:-}"  # to resume: the output folder of an earlier version (copy its path from the Input panel)
export MAX_TIME="${MAX_TIME:-8h30m}"  # stop well before Kaggle ends the session
export WHEELS="${WHEELS:-/kaggle/input/mgpu-translate-wheels}"  # the data set with the wheels

# %% [markdown]
# ## Install
#
# Kaggle has Python and no Node. The wheels bring what is needed, Node included.
#
# No package index has `mgpu-translate`. Collect the wheels on another computer, from the wheel that you have (`npm run wheel` in a
# clone makes one), and upload the folder `wheels` as a data set named `mgpu-translate-wheels`:
#
# ```
# pip download ./mgpu_translate-*.whl --dest wheels --only-binary=:all: --platform manylinux_2_28_x86_64
# ```

# %%
if command -v mgpu-translate; then
  echo "mgpu-translate is installed already"
elif [ -d "$WHEELS" ]; then
  pip install --no-index --find-links="$WHEELS" mgpu-translate
else
  echo "there is no folder $WHEELS: add a data set with the wheels of mgpu-translate, and set WHEELS to its folder" >&2
  exit 1
fi
mgpu-translate --version

# %% [markdown]
# ## Resume an earlier version
#
# Skip this in the first version. When a version stopped with pages left, add its output to this notebook (**Add Input → Your
# Work → Notebooks**) and put the path of its output folder into `PREVIOUS` above.
#
# The cell copies that folder to `OUTPUT`, with the hidden folder `.mgpu`, which records the pages that are done. An output that
# is there already is left alone, so running the cell twice is safe.

# %%
if [ -z "$PREVIOUS" ]; then
  echo "PREVIOUS is empty: this is the first version"
elif [ -e "$OUTPUT" ]; then
  echo "$OUTPUT is there already, so nothing is copied"
elif [ ! -d "$PREVIOUS/.mgpu" ]; then
  echo "$PREVIOUS has no folder .mgpu: PREVIOUS is the folder that OUTPUT was in the earlier version" >&2
  exit 2
else
  # Renamed when it is whole: a copy that was interrupted is made again. Inputs may not be written, the copy has to be. The age
  # of a lock tells that its session is gone, so times are kept.
  rm -rf "$OUTPUT.copying"
  mkdir -p "$(dirname "$OUTPUT")"
  cp -r --no-preserve=mode --preserve=timestamps "$PREVIOUS" "$OUTPUT.copying"
  mv "$OUTPUT.copying" "$OUTPUT"
  echo "$(find "$OUTPUT" -type f -not -path '*/.mgpu/*' | wc -l) files were copied from $PREVIOUS"
fi

# %% [markdown]
# ## Check the session
#
# `doctor` looks at Python, the translator, the GPUs, the pages and the disk. A problem stops the notebook here, before it costs
# GPU hours, and comes with the fix.

# %%
mgpu-translate doctor "$PAGES" --output "$OUTPUT" --translator "$TRANSLATOR" --gpus auto -- $OPTIONS

# %% [markdown]
# ## Translate
#
# Both GPUs work until the last page or until `MAX_TIME`, when the pages in progress are finished and the rest is left to the
# next version. A page that fails is tried twice more, on the other GPU, and never stops the others.
#
# | exit code | meaning | what to do |
# | --- | --- | --- |
# | 0 | every page is done | download the output |
# | 1 | done, but some pages failed | look at the report; the next version tries them again |
# | 2 | a setting is wrong; nothing was started | the message says which one |
# | 3 | the run can't start or continue: no GPU, a full disk, a translator that fails on every page | fix what the message says; what is done stays done |
# | 4 | `MAX_TIME` is over with pages left | resume in the next version |
# | 130 | you stopped the cell; the pages in progress are still finished | wait until they are, then run the cell again |
#
# The cell fails after exit code 2, and where there is no output folder. After the others there are pages to keep.

# %%
code=0
mgpu-translate run "$PAGES" --output "$OUTPUT" --translator "$TRANSLATOR" --gpus auto --max-time "$MAX_TIME" -- $OPTIONS ||
  code=$?
case $code in
  0) echo "Exit code 0: every page is done." ;;
  1) echo "Exit code 1: done, but some pages failed. The report below names them; the next version tries them again." ;;
  2) exit 2 ;;
  3) echo "Exit code 3: the run could not start or continue. Fix what it says above; what is done stays done." ;;
  4) echo "Exit code 4: time is up. Save this version, add its output as an input, name it in PREVIOUS, and run again." ;;
  *) echo "Exit code $code: stopped. Run this cell again to resume." ;;
esac
if [ ! -d "$OUTPUT" ]; then exit $code; fi

# %% [markdown]
# ## Report
#
# A summary, and a table with one row a page: its outcome, the reason if it failed, the GPU slot and the seconds. It is saved
# beside the output folder, `/kaggle/working/translated.csv`. The translator's own log is in `OUTPUT/.mgpu/runs`.

# %%
mgpu-translate report "$OUTPUT"
mgpu-translate report "$OUTPUT" --format csv > "$OUTPUT.csv"
head -n 5 "$OUTPUT.csv"

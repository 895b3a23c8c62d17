"""The simulated translator as a command line: --input FOLDER --output FOLDER.

Like the programs it stands for, it passes over pages whose output is there, goes on after a page that failed, and exits with 0.
"""

import os
import sys

from simulated_gpu import Simulation


def main():
    folder_in = sys.argv[sys.argv.index("--input") + 1]
    folder_out = sys.argv[sys.argv.index("--output") + 1]
    simulation = Simulation()
    for folder, folders, names in os.walk(folder_in, followlinks=True):
        folders.sort()
        inside = os.path.relpath(folder, folder_in)
        os.makedirs(os.path.join(folder_out, inside), exist_ok=True)
        for name in sorted(names):
            page_out = os.path.join(folder_out, inside, name)
            if os.path.exists(page_out):
                continue
            print(os.path.normpath(os.path.join(inside, name)), flush=True)
            try:
                simulation.translate(os.path.join(folder, name), page_out)
            except ValueError as error:
                print("ERROR: %s" % error, file=sys.stderr, flush=True)


main()

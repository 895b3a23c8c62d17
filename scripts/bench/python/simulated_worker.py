"""The simulated translator as a warm worker, on the library that users have."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "src", "python"))

import mgpu_worker  # noqa: E402
from simulated_gpu import Simulation  # noqa: E402


def load():
    global simulation
    simulation = Simulation()
    return {"translator": "simulated", "version": "1", "device": "simulated"}


def translate(page_in, page_out):
    simulation.translate(page_in, page_out)


if __name__ == "__main__":
    mgpu_worker.run(load=load, translate=translate)

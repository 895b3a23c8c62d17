"""The command mgpu-translate, a program for Node, as a Python package. The library for workers is mgpu_worker."""

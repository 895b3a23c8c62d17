"""The queue that a good engineer writes: queue_of_workers.py INPUT OUTPUT GPUS. Pages that have an output are passed over."""

import multiprocessing
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "python"))
from simulated_gpu import Simulation  # noqa: E402


def work(gpu, folder_in, folder_out, pages, failed):
    os.environ["CUDA_VISIBLE_DEVICES"] = str(gpu)
    simulation = Simulation()
    for page in iter(pages.get, None):
        try:
            simulation.translate(folder_in / page, folder_out / page)
        except Exception as error:
            failed.put("%s: %s" % (page, error))


def main():
    folder_in, folder_out, gpus = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    context = multiprocessing.get_context("fork")
    pages, failed = context.Queue(), context.SimpleQueue()
    workers = [context.Process(target=work, args=(gpu, folder_in, folder_out, pages, failed)) for gpu in range(gpus)]
    for worker in workers:
        worker.start()
    for page in sorted(path.relative_to(folder_in) for path in folder_in.rglob("*.png")):
        if not (folder_out / page).exists():
            (folder_out / page).parent.mkdir(parents=True, exist_ok=True)
            pages.put(page)
    for _ in workers:
        pages.put(None)
    for worker in workers:
        worker.join()
    troubles = ["worker %d ended with %s" % (at, each.exitcode) for at, each in enumerate(workers) if each.exitcode]
    while not failed.empty():
        troubles.append(failed.get())
    sys.exit("\n".join(troubles) or 0)


main()

"""Ray's ActorPool with one warm actor a GPU: ray_actor_pool.py INPUT OUTPUT GPUS. Pages that have an output are passed over."""

import sys
from pathlib import Path

import ray
from ray.exceptions import RayError
from ray.util import ActorPool

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "python"))
from simulated_gpu import Simulation  # noqa: E402


@ray.remote(num_gpus=1, max_restarts=-1, max_task_retries=1)
class Translator:
    def __init__(self):
        self.simulation = Simulation()

    def translate(self, page_in, page_out):
        self.simulation.translate(page_in, page_out)


def main():
    folder_in, folder_out, gpus = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    # Without a dashboard and with a small object store, as nothing but paths goes through it.
    ray.init(num_cpus=gpus, num_gpus=gpus, include_dashboard=False, object_store_memory=100_000_000)
    pool = ActorPool([Translator.remote() for _ in range(gpus)])
    for page in sorted(path.relative_to(folder_in) for path in folder_in.rglob("*.png")):
        if not (folder_out / page).exists():
            (folder_out / page).parent.mkdir(parents=True, exist_ok=True)
            pool.submit(lambda actor, page: actor.translate.remote(folder_in / page, folder_out / page), page)
    troubles = []
    while pool.has_next():
        try:
            pool.get_next_unordered()
        except RayError as error:
            troubles.append(str(error))
    sys.exit("\n".join(troubles) or 0)


main()

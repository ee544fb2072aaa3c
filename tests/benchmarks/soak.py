"""Hours of use on one server, without browsers: python -m tests.benchmarks.soak [--minutes 60] [--visitors 12].

Visitors come, look at pages with this and that model, image and point, let them finish what they compute in the
background, and leave after some minutes; others take their place. Every few minutes one presses Train. A line a minute
says what a page took and what the server holds; the end compares the last minute with the first.
"""

import argparse
import asyncio
import json
import random
import statistics
import tempfile
import time
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg

from tests.benchmarks.hall import Session, process, resident
from tests.server import served
from vae_core.runs.store import bundled

THINK = 4.0  # seconds from one page to the next
STAY = 25  # pages, then somebody else comes
TRAIN_EVERY = 300.0  # seconds
SMALL = {"name": "strokes", "steps": 600, "latent_dim": 2}
PAGES = (
    "", "manifold", "elbo", "kl", "compare", "train", "primer", "algorithm", "likelihood", "gradients", "paper",
    "toy", "glossary", "about",
)  # fmt: skip


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--minutes", type=float, default=60)
    options.add_argument("--visitors", type=int, default=12)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as cache, served(VAE_CACHE_DIR=cache) as address:
        asyncio.run(soak(address, given.visitors, given.minutes))


async def soak(address: str, visitors: int, minutes: float) -> None:
    times: list[float] = []
    await everything(address)
    crowd = asyncio.gather(*(seat(address, n, times) for n in range(visitors)), training(address))
    server, held, pages = process(address), [], 0
    try:
        for minute in range(1, int(minutes) + 1):
            done, _ = await asyncio.wait({crowd}, timeout=60)
            if done:
                crowd.result()
            pages, held, seen = pages + len(times), [*held, resident(server)], sorted(times)
            times.clear()
            median, slow = statistics.median(seen), seen[int(0.95 * len(seen))]
            print(
                f"{minute:4d} min  {len(seen):4d} pages  {median:4.0f} / {slow:4.0f} ms  {held[-1]:4.0f} MB", flush=True
            )
    finally:
        crowd.cancel()
    print(
        f"{pages} pages; resident {held[0]:.0f} MB after the first minute, {held[-1]:.0f} MB after the last,", end=" "
    )
    print(f"{held[-1] / held[0] - 1:+.1%}; the most {max(held):.0f} MB")


async def everything(address: str) -> None:
    """Each page once with each of a few models, to the end of what it computes."""
    async with Session(address) as visitor:
        for page in PAGES:
            for model in ("mnist-2d", "mnist-10d", "mnist-beta-4"):
                await visitor.draw(page, urlencode({"model": model}))
                await visitor.linger(2)


async def seat(address: str, number: int, times: list[float]) -> None:
    dice = random.Random(number)
    while True:
        async with Session(address) as visitor:
            for _ in range(dice.randint(1, STAY)):
                page = dice.choice(PAGES)
                began = time.perf_counter()
                await visitor.draw(page, urlencode(somewhere(page, dice)))
                times.append(1000 * (time.perf_counter() - began))
                await visitor.linger(dice.expovariate(1 / THINK))


def somewhere(page: str, dice: random.Random) -> dict[str, object]:
    """What a visitor has in the address of a page."""
    models = [entry.key for entry in bundled().list()]
    asked = {"model": dice.choice(models), "i": dice.randrange(10_000), "seed": dice.randrange(3)}
    if page == "compare":
        asked["models"] = ",".join(dice.sample(["mnist-2d", "mnist-ae-2d", "mnist-beta-4", "mnist-beta-1"], 2))
    if page == "kl":
        asked |= {"scene": dice.randrange(1, 9), "beta": dice.choice([0, 0.5, 1, 4, 16])}
    if page == "primer":
        asked |= {"scene": dice.randrange(1, 6)}
    if page == "":
        asked["back"] = dice.choice(["codes", "density", "tiles", "holes"])
    return asked


async def training(address: str) -> None:
    """Somebody who presses Train now and then, and watches."""
    for seed in range(10**6):
        async with Session(address) as visitor:
            await visitor.draw("train", urlencode({"set": json.dumps(SMALL | {"seed": seed})}))
            press = BackMsg()
            press.rerun_script.CopyFrom(visitor.asked.rerun_script)
            press.rerun_script.widget_states.widgets.add(id=visitor.button("Train"), trigger_value=True)
            await visitor.ask(press)
            await visitor.linger(TRAIN_EVERY)


if __name__ == "__main__":
    main()

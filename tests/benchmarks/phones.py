"""A hall of phones on one server: python -m tests.benchmarks.phones [1 30 300]

Each phone opens its page, listens, votes once and follows; the presenter listens to the votes and moves. Everything is
on this machine, over real connections, in less than a minute for each number of phones. With --screen a Chromium stands
in for the projector, and says how many frames a second it draws while the votes come.
"""

import argparse
import asyncio
import json
import random
import tempfile
import time
from typing import NamedTuple
from urllib.parse import urlsplit

from tests.benchmarks.hall import process, resident
from tests.server import CHROMIUM, served

SECRET = "a secret of this measurement"
RUSH = 3.0  # seconds in which all phones vote
MOVES, PAUSE = 20, 0.25  # of the presenter, and seconds between them
SHARE = 0.95
BURST = 50  # phones that connect at once


class Row(NamedTuple):
    phones: int
    vote: float  # ms until a vote is on the projector, at 95 %
    longest: float  # ms, of the slowest vote
    lag: float  # ms until a phone is where the presenter is, at 95 %
    memory: float  # kB of the server for each phone
    frames: float | None  # a second, on the projector while the votes come


class Line:
    """Requests to the server, and what one listener hears."""

    def __init__(self, address: str) -> None:
        place = urlsplit(address)
        self.host, self.port, self.cookie = place.hostname, place.port, ""
        self.heard: list[tuple[float, dict]] = []

    async def ask(self, method: str, path: str, told: dict | None = None) -> tuple[str, dict[str, str], bytes]:
        reader, writer = await asyncio.open_connection(self.host, self.port)
        body = json.dumps(told).encode() if told else b""
        kind = "content-type: application/json\r\n" if told else ""
        writer.write(
            f"{method} {path} HTTP/1.1\r\nhost: {self.host}:{self.port}\r\ncookie: {self.cookie}\r\n{kind}"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n".encode()
            + body
        )
        head, _, content = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = (line.split(": ", 1) for line in lines if ": " in line)
        return first.split()[1], {name.lower(): value for name, value in headers}, content

    async def listen(self, path: str) -> None:
        reader, writer = await asyncio.open_connection(self.host, self.port, limit=2**20)
        writer.write(f"GET {path} HTTP/1.1\r\nhost: {self.host}:{self.port}\r\ncookie: {self.cookie}\r\n\r\n".encode())
        try:
            while line := await reader.readline():
                if line.startswith(b"data: "):
                    self.heard.append((time.perf_counter(), json.loads(line[6:])))
        finally:
            writer.close()


def at(times: list[float], share: float = SHARE) -> float:
    return sorted(times)[min(len(times) - 1, int(share * len(times)))]


async def until(condition, seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


async def fill(address: str, count: int, screen: bool) -> Row:
    presenter = Line(address)
    _, headers, _ = await presenter.ask("GET", f"/vote?presenter={SECRET.replace(' ', '%20')}")
    presenter.cookie = next(part for part in headers["set-cookie"].split("; ") if part.startswith("vae-lab-presenter"))
    listening = [asyncio.create_task(presenter.listen("/hall/events"))]
    place = {"scene": "beta", "phase": "asking", "beta": 0, "leader": "measured"}
    await presenter.ask("POST", "/hall", place | {"begins": True})
    await presenter.ask("POST", "/hall", {"clear": True})
    await until(lambda: presenter.heard and presenter.heard[-1][1]["question"])
    round_ = presenter.heard[-1][1]["question"]["round"]
    before = resident(process(address))

    phones = [Line(address) for _ in range(count)]
    for k in range(0, count, BURST):
        await asyncio.gather(*(arrive(phone) for phone in phones[k : k + BURST]))
        listening += [asyncio.create_task(phone.listen("/vote/events")) for phone in phones[k : k + BURST]]
    await until(lambda: all(phone.heard for phone in phones))
    memory = 1000 * (resident(process(address)) - before) / count

    watching = asyncio.create_task(watch(address, RUSH)) if screen else None
    if watching:
        await asyncio.sleep(8)  # until its page is there
    votes = await rush(phones, presenter, round_)
    frames = await watching if watching else None
    if screen:
        await presenter.ask("POST", "/hall", place | {"begins": True})  # the window had taken over
    lags = await follow(phones, presenter, place | {"phase": "shown"})
    for task in listening:
        task.cancel()
    await asyncio.gather(*listening, return_exceptions=True)
    return Row(count, at(votes), max(votes), at(lags), memory, frames)


async def arrive(phone: Line) -> None:
    _, headers, _ = await phone.ask("GET", "/vote")
    phone.cookie = headers["set-cookie"].split(";")[0]
    await phone.ask("GET", "/vote/mine")


async def rush(phones: list[Line], presenter: Line, round_: str) -> list[float]:
    """Milliseconds from a thumb to the projector, for each phone: its tap says which one it is."""
    sent: dict[tuple[int, int], float] = {}

    async def vote(k: int, phone: Line) -> None:
        await asyncio.sleep(random.random() * RUSH)
        tap = divmod(k, 1000)
        sent[tap] = time.perf_counter()
        status, _, body = await phone.ask("POST", "/vote", {"round": round_, "vote": list(tap)})
        assert status == "200", body

    await asyncio.gather(*(vote(k, phone) for k, phone in enumerate(phones)))
    await until(lambda: (presenter.heard[-1][1]["tally"] or {}).get("count") == len(phones))
    seen: dict[tuple[int, int], float] = {}
    for when, state in presenter.heard:
        for tap in (state["tally"] or {}).get("taps", []):
            seen.setdefault(tuple(tap), when)
    return [1000 * (seen[tap] - since) for tap, since in sent.items()]


async def follow(phones: list[Line], presenter: Line, place: dict) -> list[float]:
    """Milliseconds from a move of the presenter to each phone."""
    sent = {}
    for k in range(MOVES):
        sent[k + 1] = time.perf_counter()
        status, _, body = await presenter.ask("POST", "/hall", place | {"beta": k + 1})
        assert status == "200", body
        await asyncio.sleep(PAUSE)
    await until(lambda: all(phone.heard[-1][1]["place"]["beta"] == MOVES for phone in phones))
    return [
        1000 * (when - sent[state["place"]["beta"]])
        for phone in phones
        for when, state in phone.heard
        if state["place"].get("phase") == "shown" and state["place"]["beta"] in sent
    ]


async def watch(address: str, seconds: float) -> float:
    """Frames a second on the projector, from eight seconds on, for so long."""
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = await browser.new_page(viewport={"width": 1280, "height": 720}, bypass_csp=True)
        began = time.perf_counter()
        await page.goto(f"{address}/?presenter={SECRET.replace(' ', '%20')}")
        await page.goto(f"{address}/kl?scene=beta&present=1")
        await page.wait_for_selector(".beta[data-ballot=tap] svg.plane")
        await asyncio.sleep(max(0, 8 - (time.perf_counter() - began)))
        frames = await page.evaluate(
            """seconds => new Promise((done) => {
                const end = performance.now() + 1000 * seconds;
                let count = 0;
                const frame = (now) => { count += 1; if (now < end) requestAnimationFrame(frame); else done(count); };
                requestAnimationFrame(frame);
            })""",
            seconds,
        )
        await browser.close()
        return frames / seconds


def measure(numbers: list[int], screen: bool) -> list[Row]:
    with tempfile.TemporaryDirectory() as cache, served(VAE_CACHE_DIR=cache, VAE_LAB_PRESENTER=SECRET) as address:
        asyncio.run(fill(address, 1, False))  # what the first phone makes the server read
        return [asyncio.run(fill(address, count, screen)) for count in numbers]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("phones", nargs="*", type=int, default=[1, 30, 300])
    parser.add_argument("--screen", action="store_true")
    asked = parser.parse_args()
    print("phones  vote ms (95 %)  slowest  follow ms (95 %)  kB a phone  frames a second")
    for row in measure(asked.phones, asked.screen):
        frames = "" if row.frames is None else f"{row.frames:.0f}"
        print(f"{row.phones:>6}{row.vote:>16.0f}{row.longest:>9.0f}{row.lag:>18.0f}{row.memory:>12.0f}{frames:>17}")


if __name__ == "__main__":
    random.seed(1)
    main()

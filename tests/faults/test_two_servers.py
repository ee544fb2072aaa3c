"""Two servers behind the nginx of .deploy: a visitor stays with one of them, and both know every run.

Needs nginx; run by hand: python -m pytest -m long tests/faults/test_two_servers.py
"""

import shutil
import socket
import subprocess
import time
import urllib.request
from contextlib import contextmanager

import pytest

from tests.server import CHROMIUM, ROOT, served, wait_for
from tests.small_models import publish
from vae_core.runs.store import Runs

pytestmark = pytest.mark.long
NGINX = shutil.which("nginx") or "/usr/sbin/nginx"


@contextmanager
def balanced(folder, *servers: str):
    """The address of nginx, run with the configuration of .deploy in front of these servers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    text = (ROOT / ".deploy/nginx.conf").read_text("utf-8").replace("listen 8080", f"listen 127.0.0.1:{port}")
    for name, server in zip(("lab:8501", "lab2:8501"), servers, strict=True):
        assert f"server {name};" in text
        text = text.replace(f"server {name};", f"server {server.removeprefix('http://')};")
    (folder / "nginx.conf").write_text(f"pid {folder}/nginx.pid;\nerror_log {folder}/error.log;\n" + text)
    process = subprocess.Popen([NGINX, "-c", str(folder / "nginx.conf"), "-p", str(folder), "-g", "daemon off;"])
    try:
        wait_for(f"http://127.0.0.1:{port}/_stcore/health")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def answered(address: str, cookie: str = "") -> tuple[str, str]:
    """The server that answers, by a header that the two have different, and the cookie that it sets."""
    request = urllib.request.Request(address, headers={"Cookie": cookie} if cookie else {})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return answer.headers["content-security-policy"].split("frame-ancestors")[1], answer.headers["set-cookie"]


def test_a_visitor_stays_with_one_of_two_servers_and_both_know_every_run(tmp_path):
    if not shutil.which(NGINX):
        pytest.skip("nginx is not installed")
    sync = pytest.importorskip("playwright.sync_api")
    shared = {"VAE_CACHE_DIR": str(tmp_path / "cache"), "OMP_NUM_THREADS": "1"}
    with (
        served(**shared, VAE_LAB_EMBED="https://one.org") as one,
        served(**shared, VAE_LAB_EMBED="https://two.org") as two,
        balanced(tmp_path, one, two) as address,
    ):
        seen = {}
        for _ in range(40):
            server, cookie = answered(address)
            seen[server] = cookie.split(";")[0]
        assert len(seen) == 2, "both serve"
        for server, cookie in seen.items():
            assert {answered(address, cookie)[0] for _ in range(10)} == {server}
        with sync.sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            visitors = []
            for cookie in seen.values():
                context = browser.new_context()
                context.add_cookies([{"name": "vae_lab_server", "value": cookie.split("=")[1], "url": address}])
                visitors.append(context.new_page())
                visitors[-1].goto(address)
                visitors[-1].locator(".pad[data-frames]").wait_for(timeout=60_000)
            entry = publish(tmp_path / "cache", "shared")
            for page in visitors:
                page.goto(f"{address}/?model={entry.key}")
                page.get_by_text(entry.name).first.wait_for(timeout=60_000)
            first, second = visitors
            first.goto(f"{address}/train?preset=quick&set=%7B%22name%22%3A%22strokes%22%2C%22steps%22%3A60%7D")
            first.get_by_role("button", name="Train", exact=True).click(timeout=60_000)
            deadline, run = time.monotonic() + 120, None
            while not run:
                assert time.monotonic() < deadline, "the run does not end"
                run = next(
                    (e.key for e in Runs(tmp_path / "cache/runs").list() if e.ready and e.key != entry.key), None
                )
                time.sleep(0.5)
            second.goto(f"{address}/?model={run}")
            second.get_by_text("Strokes, 2 dimensions").first.wait_for(timeout=60_000)
            browser.close()

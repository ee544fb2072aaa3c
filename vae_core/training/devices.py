"""Where a training computes: the processor, or a graphics card that torch knows.

The noise, the order of the images and the first weights are drawn on the processor by the same generators and then
moved, so that a run's key, its settings and what it sees are the same on every device; weights, codes and checkpoints
are kept on the processor, and a checkpoint of one device goes on on another. Sums are in another order there, so that
weights are the same bit for bit only on the same kind of device.
"""

import os

import torch

DEVICES = ("cpu", "cuda", "mps", "auto")


def chosen(name: str | None = None) -> torch.device:
    """The device of that name; without one that of VAE_DEVICE, else the processor. "auto" takes a card if one is here.

    A name that is not known, or a card that is not here, is a ValueError.
    """
    name = name or os.environ.get("VAE_DEVICE") or "cpu"
    if name.partition(":")[0] not in DEVICES:
        raise ValueError(f"There is no device {name!r}: choose one of {', '.join(DEVICES)}.")
    here = [kind for kind, there in (("cuda", torch.cuda), ("mps", torch.backends.mps)) if there.is_available()]
    if name == "auto":
        return torch.device(here[0] if here else "cpu")
    if (kind := name.partition(":")[0]) != "cpu" and kind not in here:
        raise ValueError(f"torch finds no {kind} device on this machine: use device=cpu, or device=auto.")
    return torch.device(name)

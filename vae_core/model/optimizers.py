"""torch's optimizers without torch's compiler.

Each of their methods asks to be left alone by that compiler, and imports it for the purpose: nine hundred modules, a
second and a half and 150 MB before the first step, in every server and every worker.
"""

import inspect
from typing import TypeVar

import torch
from torch import optim

Kind = TypeVar("Kind", bound=optim.Optimizer)
ASKING = ("add_param_group", "load_state_dict", "state_dict", "zero_grad")


def eager(kind: type[Kind]) -> type[Kind]:
    """The same optimizer, by the methods below what torch has wrapped around them."""
    methods = {name: inspect.unwrap(getattr(kind, name)) for name in ASKING}
    return type(kind.__name__, (kind,), methods | {"step": torch.no_grad()(inspect.unwrap(kind.step))})


Adam, AdamW, Adagrad = eager(optim.Adam), eager(optim.AdamW), eager(optim.Adagrad)
SGD, LBFGS = eager(optim.SGD), eager(optim.LBFGS)

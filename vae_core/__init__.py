"""The public names. They are resolved when first used (PEP 562), so that a page that needs no torch imports none.

elbo, train and evaluate are functions as well as the modules that hold them; in the package the name means the
function, whichever way the module was imported first.
"""

import sys
from importlib import import_module
from types import ModuleType

_HOME = {
    "settings": ("DataSettings", "ModelSettings", "RunSettings", "TrainSettings", "preset"),
    "datasets": ("Dataset", "DatasetError", "load_dataset"),
    "likelihoods": ("bernoulli", "fixed_gaussian", "gaussian", "isotropic_gaussian"),
    "vae": ("VAE", "build"),
    "linear": ("PCA", "LinearGaussian"),
    "elbo": ("Elbo", "Terms", "elbo", "terms"),
    "evidence": ("Importance", "LatentGrid", "importance"),
    "manifold": ("quantile_grid",),
    "evaluate": ("Report", "evaluate"),
    "train": ("Diverged", "Progress", "train"),
    "runs": ("Run", "Runs", "bundled", "find", "trained"),
    "seals": ("SealError",),
    "export": ("codes_csv", "decoder_blob"),
}
_MODULE = {name: module for module, names in _HOME.items() for name in names}
__all__ = sorted(_MODULE)


class _Package(ModuleType):
    def __setattr__(self, name: str, value: object) -> None:
        """The import system binds a submodule to its package here; the public function of that name goes first."""
        function = isinstance(value, ModuleType) and _MODULE.get(name) == name
        super().__setattr__(name, getattr(value, name) if function else value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> object:
    if name not in _MODULE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE[name]}"), name)


def __dir__() -> list[str]:
    return __all__

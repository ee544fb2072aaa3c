"""The public names. They are resolved when first used (PEP 562), so that a page that needs no torch imports none."""

from importlib import import_module

__version__ = "2026.11"  # year and month

_HOME = {
    "settings": ("DataSettings", "ModelSettings", "RunSettings", "TrainSettings", "preset"),
    "data.datasets": ("Dataset", "DatasetError", "load_dataset"),
    "model.likelihoods": ("bernoulli", "continuous_bernoulli", "fixed_gaussian", "gaussian", "isotropic_gaussian"),
    "model.vae": ("VAE", "build"),
    "model.linear_gaussian": ("PCA", "LinearGaussian"),
    "inference.elbo": ("Elbo", "Terms", "elbo", "terms"),
    "inference.latent_grid": ("LatentGrid",),
    "inference.importance_sampling": ("Importance", "importance"),
    "analysis.latent_paths": ("quantile_grid",),
    "training.evaluate": ("Report", "evaluate"),
    "training.train": ("Diverged", "Progress", "train"),
    "runs.store": ("Run", "Runs", "bundled", "find", "trained"),
    "sealed_files": ("SealError",),
    "runs.export": ("codes_csv", "decoder_blob"),
}
_MODULE = {name: module for module, names in _HOME.items() for name in names}
__all__ = sorted(_MODULE)


def __getattr__(name: str) -> object:
    if name not in _MODULE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE[name]}"), name)


def __dir__() -> list[str]:
    return __all__

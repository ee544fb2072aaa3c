"""A class is called what its data set calls it, in every file that leaves, and after it has come back."""

import csv
import io

import numpy as np
import pytest
from safetensors.numpy import load as from_bytes

from tests.own_classes import CROWD, LETTERS, LONG, WORDS, labelled, trained_on
from tests.small_models import publish
from vae_core.data.class_names import complete, lacking, of_data
from vae_core.data.datasets import load_dataset
from vae_core.exchange.archive import packed, received
from vae_core.exchange.import_run import receive, send
from vae_core.exchange.model_card import card
from vae_core.runs.export import codes_csv
from vae_core.runs.store import ASSETS, Runs, SealError, bundled
from vae_core.sealed_files import read_manifest, write_sealed


def column(entry) -> list[str]:
    return [row[0] for row in csv.reader(io.StringIO(codes_csv(entry)))][1:]


@pytest.mark.parametrize("names", [(5, 7, 9), WORDS, LETTERS, (LONG, "b"), ('a,"b"', "c\nd", "=1+1")], ids=str)
def test_the_table_has_the_label_as_it_came(cache, tmp_path, names):
    file = labelled(tmp_path, names)
    entry, dataset = trained_on(file), load_dataset(str(file))
    assert entry.classes == dataset.classes
    assert column(entry) == [dataset.classes[label] for label in dataset.test_labels]
    assert set(column(entry)) <= {str(name)[:40] for name in names}


@pytest.mark.parametrize("names", [(5, 7, 9), WORDS, LETTERS], ids=str)
def test_names_come_back_from_an_archive_and_go_out_again_alike(cache, tmp_path, names):
    entry = trained_on(labelled(tmp_path, names))
    archive = packed(entry)
    elsewhere = Runs(tmp_path / "elsewhere")
    back = received(archive, elsewhere)
    assert back.classes == entry.classes == tuple(sorted(map(str, names)))
    assert column(back) == column(entry)


def test_the_card_says_what_the_numbers_mean(cache, tmp_path):
    entry = trained_on(labelled(tmp_path, ("<b>bold</b>", "a`b", "größe")))
    said = card(entry, "")
    assert "Labels 0 to 2 are the classes `<b>bold</b>`, `a b`, `größe`." in said


def test_runs_without_the_field_have_their_data_sets_names_or_the_numbers(cache):
    assert bundled().get("mnist-2d").classes == of_data("mnist")
    assert "classes" not in read_manifest(ASSETS / "mnist-2d")
    assert set(column(bundled().get("strokes-2d"))) == set(of_data("strokes"))
    assert bundled().get("frey-2d").classes == ()
    older = publish(cache, "older", name="somebody's.npz")
    assert older.classes == ()
    assert set(column(older)) == set("0123456789")
    assert set(column(publish(cache, "garments", name="fashion-mnist"))) == set(of_data("fashion-mnist"))


def test_an_older_run_on_an_upload_has_the_uploads_names(cache, tmp_path):
    from vae_core.data import uploads

    with labelled(tmp_path, WORDS).open("rb") as file:
        kept = uploads.keep("mine.npz", file)
    assert of_data(kept.name) == kept.classes == tuple(sorted(WORDS))
    assert publish(cache, "older", name=kept.name).classes == kept.classes


def test_without_labels_there_are_no_names(cache, tmp_path):
    entry = trained_on(labelled(tmp_path, ()))
    assert entry.classes == ()
    assert "classes" not in entry.manifest
    assert set(column(entry)) == {""}


def test_a_bundled_model_that_was_sent_carries_its_names(cache, tmp_path):
    send(bundled().get("mnist-beta-1"), tmp_path / "out")
    assert read_manifest(tmp_path / "out")["classes"] == list(of_data("mnist"))


@pytest.mark.parametrize(
    ("classes", "why"),
    [
        ("0123", "at most 256 names"), (["a"] * 257, "at most 256 names"), ([1, 2, 3], "of at most 200 characters"),
        (["a" * 201, "b", "c"], "of at most 200 characters"), (["one name for ten labels"], "not of this model"),
    ],
)  # fmt: skip
def test_names_that_are_none_are_refused_and_nothing_is_kept(cache, tmp_path, classes, why):
    send(publish(cache, "mine"), tmp_path / "out")
    manifest = read_manifest(tmp_path / "out")
    write_sealed(tmp_path / "out" / "manifest.json", manifest | {"classes": classes})
    elsewhere = Runs(tmp_path / "elsewhere")
    with pytest.raises(SealError, match=why):
        receive(tmp_path / "out", elsewhere)
    assert elsewhere.list() == []


def test_every_label_has_a_name_and_a_part_tells_what_it_lacks():
    labels = np.array([0, 3, 3], np.uint8)
    assert complete(("a", "b"), labels) == ("a", "b", "2", "3")
    assert complete(("a", "b"), None) == ()
    assert complete((), np.zeros(0, np.uint8)) == ()
    assert lacking(4, labels) == [1, 2]
    assert lacking(4, None) == []
    assert lacking(256, np.arange(256).astype(np.uint8)) == []


def test_a_class_that_only_training_images_have_keeps_its_place(cache, tmp_path):
    file = labelled(tmp_path, ("a", "b", "c"), untested="b")
    dataset, entry = load_dataset(str(file)), trained_on(file)
    assert lacking(3, dataset.test_labels.numpy()) == [1]
    assert entry.classes == ("a", "b", "c")
    assert set(column(entry)) == {"a", "c"}
    labels = from_bytes((entry.folder / "codes.safetensors").read_bytes())["labels"]
    assert set(labels.tolist()) == {0, 2}


def test_two_hundred_and_fifty_six_classes_are_told_apart(cache, tmp_path):
    entry = trained_on(labelled(tmp_path, CROWD, count=1024))
    assert len(entry.classes) == 256
    assert len(set(column(entry))) > 100

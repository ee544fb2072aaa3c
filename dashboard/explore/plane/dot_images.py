"""The test images behind the dots, in packets: a browser fetches one when the mouse is over a dot of it."""

from dashboard.shared import model_view, test_images
from dashboard.shared.blob_server import BLOBS
from dashboard.shared.browser_blobs import encode
from dashboard.shared.caching import cached
from dashboard.shared.section import section

EACH = 250  # images in a packet: some 40 kB of MNIST


@section("The images of the dots")
def packets(model: model_view.Model) -> dict | None:
    """The names of the packets; None while the test images are not here, or are not those of the codes."""
    ready = test_images.material(model)
    if ready is None or ready.data is None or len(ready.data.test) != len(model.mean):
        return None
    return {"each": EACH, "names": [BLOBS.publish(packet) for packet in packed(ready.data)]}


@cached(max_entries=4)
def packed(dataset) -> list[bytes]:
    images = dataset.test.numpy()
    parts = [images[start : start + EACH] for start in range(0, len(images), EACH)]
    return [encode("pictures", [part], count=len(part), shape=tuple(dataset.shape))[1] for part in parts]

"""A report's curves: what is far from everything else is cut off, and that is said."""

from xml.etree import ElementTree

from dashboard.train.report import curves


def test_a_far_beginning_is_cut_off_and_said_and_the_rest_is_whole():
    calm = [(step, -150 + step / 100) for step in range(0, 1001, 10)]
    far = [(0, -500.0), *calm[1:]]
    said = "first steps cut off"
    assert said in curves.drawing([far], "ELBO")
    assert said not in curves.drawing([calm[6:]], "ELBO"), "all of it is seen"
    root = ElementTree.fromstring(curves.drawing([far], "ELBO"))
    (window,) = root.findall("svg")
    assert float(window.get("height")) == curves.TALL - curves.TOP - curves.FOOT
    (line,) = window.findall("path")
    heights = [float(point.split()[1]) for point in line.get("d")[1:].split("L")]
    assert heights[0] > curves.TALL, "its first point lies below the window, not on its edge"
    assert all(curves.TOP <= y <= curves.TALL - curves.FOOT for y in heights[6:])

"""Pages, command line and README say what they say as an English-speaking undergraduate would.

Somebody read every page and wrote down what read like a translation. None of it may come back.
"""

import re

from tests.server import ROOT

READ = (".py", ".js", ".html", ".json", ".md")
PHRASES = """
of the prior is further out
prior further out
the best elbo; again: the next
the worst elbo; again: the next
sliders in u = phi(z): even steps are even shares of the prior
what the decoder draws where
where no code lies
cover half of it
brush: cover, uncover
cover all of it
cover nothing
what did this dimension learn?
each trait's largest bold: width follows z
decoder with settings
the point and the image as they were
all of the plane, and the point at the code of the chosen image
that is not here; this is another one
six steps show what can be moved and what it means
every place on this plane is a code z
what is common takes the most room
the image at the middle of its share, the outermost at +
farther out, hatched, lie
for the narrowest tile is
the rim is hardly ever drawn
draws that are no digit
undecided pixels
cut to its number of dimensions
each number rounded for itself
nearly right in place and size
right size, wrong place
the encoder chose the wrong mode
the rest is no diagonal gaussian's to win
approximation: what no diagonal gaussian wins
what left to the bound
the code sits off the centre
the price of its precision
where it is lost
encoder's x-hat
gradient steps end in a local optimum; the best began at the posterior's own mode
what we want, and can sum here because z has two dimensions or one
so far, about
of them; likely does not mean typical
points have no bound
from q it is within its error of log p(x) here; where the gap is large it is not
the function behind these lines
nearly no holes
hardly a hole left
few holes are left
without a price the prior means nothing
of the prior is empty
digits melt: a code is worth
codes overlap so much that most digits share them
one dimension is dead
the next step of beta takes the other one
independent pixels, each with its own mean, have
which is dearer: to lie one sigma off the centre, or to be half as wide?
for where it lies
the other way round it is
above minus below is the kl
q of the least kl(q‖p
what is left, nats
both answers lie in the middle
on kl(q‖p) takes one hump
at this price beta =
no other model lies below the line of slope
two eigenvalues of the data foretell it
can one know, before training, which beta kills a dimension?
from random weights beta =
ends level with the family within the seeds' spread, plain too
does it matter where a training at beta =
thin: the others
codes that are there already give way
it changes the way, not the goal
times cheaper, the kl dearer
dimensions survive. a dimension lives while
nats above beta =
have no common scale. why: an autoencoder has no bound
- is more complete
ten draws of n
pixels that change per sigma of the codes
numbers that were learned
how two models are told apart
these two have no dots
nothing holds an autoencoder's codes to n
times, once trained, for this one image. all are right on average
asks nothing of the decoder's gradient
f less the other draws' mean
variance, x b's
detach z : take it for a constant
sampling anew at each mu gives scattered values without a slope
the training before it has to end first
it can go on from here
show this run again
the first picture comes seconds after the click
watch them part
select a run to see it, go on from it or take it along; two to four to compare them
take the curves away
marks tell: nothing
dotted: to compare with
held out + gap = log p(x), the gap summed exactly on
runs trained here will stand in this table
seeds of each
last bias at the data mean
a .npz file with an array images (n, h, w) and perhaps labels
objective, to climb
its moments begin empty
what its directions mean is not given, training finds it
what the elbo lacks to log p(x
leaves less of it
how many are left after training no rule says
less is smoother
that is another thing
is among the runs now
settings are here already
"""
LETTERS = {"’": "'", "−": "-", "\\u2212": "-", "β": "beta", "σ": "sigma", "μ": "mu", "Φ": "Phi", "±": "+-"}


def plain(text: str) -> str:
    """A text in one line, without markup, typography and the seams between the pieces of a literal."""
    for letter, other in LETTERS.items():
        text = text.replace(letter, other)
    text = re.sub(r"</?\w+[^>]*>", "", text)
    text = re.sub(r"[\"'`]\s*\+?\s*\n\s*\+?\s*f?[\"'`]", "", text)
    return re.sub(r"\s+", " ", text).lower()


def sources() -> dict[str, str]:
    folders = [p for folder in ("dashboard", "vae_core", "assets/exercises") for p in (ROOT / folder).rglob("*")]
    files = [p for p in [ROOT / "README.md", ROOT / "assets" / "math.md", *folders] if p.suffix in READ]
    return {str(p.relative_to(ROOT)): plain(p.read_text("utf-8")) for p in files}


def test_no_phrase_that_reads_like_a_translation_comes_back():
    phrases, texts = [plain(phrase) for phrase in PHRASES.strip().splitlines()], sources()
    assert len(phrases) > 100
    assert len(texts) > 300
    found = [(phrase, name) for phrase in phrases for name, text in texts.items() if phrase in text]
    assert not found


def test_a_phrase_is_found_over_the_seams_of_a_literal_and_in_other_letters():
    said = 'x = (\n    f"Codes overlap so much that "\n    f"most <b>digits</b> share them, at \u2212β"\n)'
    assert "codes overlap so much that most digits share them, at -beta" in plain(said)

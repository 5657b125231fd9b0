"""Losses as declarations."""

from __future__ import annotations

import pickle

import pytest

from physfit.errors import InputError
from physfit.kernels.registry import LOSSES
from physfit.models.loss import Loss, as_loss


@pytest.mark.parametrize("name", ["chi2", "poisson", "huber", "soft_l1", "cauchy"])
def test_every_loss_of_the_registry_has_its_defaults(name):
    """A name alone gives the loss with as many hyper-parameters as its kernel takes."""
    loss = as_loss(name)
    assert len(loss.hyper) == len(LOSSES[name].hyper) == len(loss.hyper_names)
    assert as_loss(str(loss)) == loss == pickle.loads(pickle.dumps(loss))


@pytest.mark.parametrize(
    ("text", "hyper"),
    [("huber", 1.345), ("huber:1.5", 1.5), ("soft_l1", 1.0), ("cauchy", 2.385)],
)
def test_a_number_after_the_colon_is_the_hyper_parameter(text, hyper):
    """Defaults and given values."""
    assert as_loss(text).hyper == (hyper,)


def test_a_loss_passes_through():
    """`as_loss` of a Loss is that loss."""
    loss = Loss("huber", (2.0,))
    assert as_loss(loss) is loss


@pytest.mark.parametrize(
    ("loss", "words"),
    [
        ("hubber", "did you mean 'huber'"),
        ("huber:-1", "above 0, not -1.0"),
        ("huber:0", "above 0"),
        ("huber:inf", "finite"),
        ("huber:nan", "finite"),
        ("huber:a", "huber:1.5"),
        ("huber:1:2", "takes `delta`"),
        ("chi2:1", "takes no number"),
        ("", "allowed|did you mean"),
        (3, "not 3"),
    ],
)
def test_other_losses_are_refused(loss, words):
    """Each wrong loss is one sentence that says what is allowed."""
    with pytest.raises(InputError, match=words):
        as_loss(loss)

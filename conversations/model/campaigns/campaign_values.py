"""The types that all parts of `campaign.toml` share."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, Strict

Slug = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,30}$")]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
WholeNumber = Annotated[int, Strict()]
"""Not a float or a text: 5.000 may mean five thousand."""
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$")]


class FrozenModel(BaseModel):
    """The base of all models of a campaign: immutable, and strict about unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")

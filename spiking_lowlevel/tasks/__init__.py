"""Tasks: what is trained on what, with which loss, scored how."""

from spiking_lowlevel.tasks.base import Evaluation as Evaluation
from spiking_lowlevel.tasks.base import RestorationTask as RestorationTask
from spiking_lowlevel.tasks.deraining import Deraining as Deraining

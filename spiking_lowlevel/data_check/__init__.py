"""What a data set on disc is, and what is wrong with it: `slv data check`."""

from spiking_lowlevel.data_check.examine import Report as Report
from spiking_lowlevel.data_check.examine import examine as examine
from spiking_lowlevel.data_check.sheet import contact_sheet as contact_sheet
from spiking_lowlevel.data_check.words import lines as lines

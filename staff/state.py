"""What staff need of the application's state: the halls, to know which are in a province."""

from halls.service import Directory
from o2o.kernel.state import KernelState


class StaffState(KernelState):
    directory: Directory

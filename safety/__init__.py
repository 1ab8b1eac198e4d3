"""Safety screen: the text of a message in, an Assessment out. No network, no clock, no database."""
from safety.assessment import Assessment, Category, Evidence, Level, Status, Who

__all__ = ["Assessment", "Category", "Evidence", "Level", "Status", "Who"]

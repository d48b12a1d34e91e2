"""The sections of a comparison by name, in the order in which they run."""

import error_sections
import list_sections
import map_sections
import speed_sections
import tune_sections

SECTIONS = {
    "training": speed_sections.training,
    "ingest": speed_sections.ingest,
    "topn": speed_sections.topn,
    "ratings": error_sections.ratings,
    "als": speed_sections.als,
    "ials": speed_sections.ials,
    "als_errors": error_sections.als_errors,
    "networks": speed_sections.networks,
    "quality": error_sections.quality,
    "agreement": error_sections.agreement,
    "lists": list_sections.lists,
    "seeds": list_sections.seeds,
    "maps": map_sections.maps,
    "tuning": tune_sections.tuning,
}
NEEDS_FULL = ("training", "ingest", "topn", "als", "ials", "networks", "quality")
# Their results are in files of their own, so that they can be measured at another time.
APART = {"lists": "lists", "seeds": "lists", "ials": "ials", "maps": "maps", "tuning": "tuning"}

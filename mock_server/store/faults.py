"""The faults of a world in its database."""

from mock_server.domain.faults import Faults
from mock_server.store import sql
from mock_server.store.database import Database
from mock_server.store.queries import FAULTS
from mock_server.store.schema import FaultRow


def read(db: Database) -> Faults:
    """The faults that were kept, with what they had counted then."""
    return Faults.from_json([row.state for row in FAULTS.query(db, sql.ALL_FAULTS, {})])


def write(db: Database, faults: Faults) -> None:
    """Keep the faults as they are now, and no others; call it inside a transaction."""
    db.write(sql.CLEAR_FAULTS, {})
    for place, state in enumerate(faults.to_json()):
        FAULTS.insert(db, FaultRow(place=place, state=state))

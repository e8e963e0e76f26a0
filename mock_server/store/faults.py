"""The faults of a world in its database."""

from sqlalchemy import delete, select

from mock_server.domain.faults import Faults
from mock_server.store.database import Database, Statement
from mock_server.store.queries import FAULTS
from mock_server.store.schema import FaultRow

_all = Statement(select(FAULTS.table).order_by(FAULTS.table.c.place))
_clear = Statement(delete(FAULTS.table))


def read(db: Database) -> Faults:
    """The faults that were kept, with what they had counted then."""
    return Faults.from_json([row.state for row in FAULTS.query(db, _all, {})])


def write(db: Database, faults: Faults) -> None:
    """Keep the faults as they are now, and no others; call it inside a transaction."""
    db.write(_clear, {})
    for place, state in enumerate(faults.to_json()):
        FAULTS.insert(db, FaultRow(place=place, state=state))

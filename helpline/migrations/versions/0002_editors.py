"""what editors decide: who reviewed a version and why, what became of a question that nothing answered"""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('kb_entry', schema=None) as batch_op:
        batch_op.add_column(sa.Column('reviewer', sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column('decided_at', sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column('note', sa.Text(), nullable=True))
    with op.batch_alter_table('kb_miss', schema=None) as batch_op:
        batch_op.add_column(sa.Column('handled_at', sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column('handled_by', sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column('handled_as', sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column('entry_id', sa.String(length=96), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('kb_miss', schema=None) as batch_op:
        batch_op.drop_column('entry_id')
        batch_op.drop_column('handled_as')
        batch_op.drop_column('handled_by')
        batch_op.drop_column('handled_at')
    with op.batch_alter_table('kb_entry', schema=None) as batch_op:
        batch_op.drop_column('note')
        batch_op.drop_column('decided_at')
        batch_op.drop_column('reviewer')

"""files that editors import, and the places and classes that come from them"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('kb_import',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('filename', sa.String(length=200), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('source', sa.String(length=96), nullable=True),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('read', sa.Text(), nullable=True),
    sa.Column('report', sa.Text(), nullable=False),
    sa.Column('author', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('loaded_at', sa.DateTime(), nullable=True),
    sa.Column('undone_at', sa.DateTime(), nullable=True),
    sa.Column('undone_by', sa.String(length=64), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_kb_import'))
    )
    with op.batch_alter_table('kb_import', schema=None) as batch_op:
        batch_op.create_index('ix_kb_import_state', ['state'], unique=False)

    op.create_table('kb_service',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('scope', sa.String(length=16), nullable=False),
    sa.Column('commune', sa.String(length=64), nullable=True),
    sa.Column('district', sa.String(length=64), nullable=True),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('address', sa.String(length=300), nullable=True),
    sa.Column('phone', sa.String(length=16), nullable=True),
    sa.Column('hours', sa.String(length=200), nullable=True),
    sa.Column('details', sa.Text(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('source', sa.String(length=200), nullable=False),
    sa.Column('last_checked', sa.Date(), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('identity', sa.String(length=64), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('author', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('batch_id', sa.Integer(), nullable=False),
    sa.Column('replaces_id', sa.Integer(), nullable=True),
    sa.Column('withdrawn_at', sa.DateTime(), nullable=True),
    sa.Column('withdrawn_by', sa.String(length=64), nullable=True),
    sa.ForeignKeyConstraint(['batch_id'], ['kb_import.id'], name=op.f('fk_kb_service_batch_id')),
    sa.ForeignKeyConstraint(['replaces_id'], ['kb_service.id'], name=op.f('fk_kb_service_replaces_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_kb_service'))
    )
    with op.batch_alter_table('kb_service', schema=None) as batch_op:
        batch_op.create_index('ix_kb_service_batch_id', ['batch_id'], unique=False)
        batch_op.create_index('uq_kb_service_in_force_identity', ['identity'], unique=True, sqlite_where=sa.text("state = 'in_force'"), postgresql_where=sa.text("state = 'in_force'"))


def downgrade() -> None:
    with op.batch_alter_table('kb_service', schema=None) as batch_op:
        batch_op.drop_index('uq_kb_service_in_force_identity', sqlite_where=sa.text("state = 'in_force'"), postgresql_where=sa.text("state = 'in_force'"))
        batch_op.drop_index('ix_kb_service_batch_id')

    op.drop_table('kb_service')
    with op.batch_alter_table('kb_import', schema=None) as batch_op:
        batch_op.drop_index('ix_kb_import_state')

    op.drop_table('kb_import')

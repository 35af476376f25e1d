"""The first tables."""

import sqlalchemy as sa
from alembic import op

from scrubber.store.base import KEY, Moment

revision = "0001"
down_revision = None

_REFUSED = "the log is not changed"
_SQLITE = """
CREATE TRIGGER acts_{0} BEFORE {1} ON acts BEGIN SELECT RAISE(ABORT, '{2}'); END
"""
_POSTGRES = """
CREATE FUNCTION acts_stay() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{0}'; END $$
"""


def upgrade() -> None:
    op.create_table('acts',
        sa.Column('seq', KEY, autoincrement=False, nullable=False),
        sa.Column('at', Moment(), nullable=False),
        sa.Column('user_id', KEY, nullable=True),
        sa.Column('user', sa.String(length=100), nullable=False),
        sa.Column('kind', sa.String(length=40), nullable=False),
        sa.Column('client_id', KEY, nullable=True),
        sa.Column('batch_id', KEY, nullable=True),
        sa.Column('claim_id', KEY, nullable=True),
        sa.Column('detail', sa.Text(), nullable=False),
        sa.Column('prev', sa.String(length=64), nullable=False),
        sa.Column('hash', sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint('seq')
    )
    op.create_index('acts_claim', 'acts', ['claim_id'], unique=False)
    op.create_index('acts_user', 'acts', ['user_id', 'seq'], unique=False)
    op.create_table('attempts',
        sa.Column('id', KEY, nullable=False),
        sa.Column('who', sa.String(length=64), nullable=False),
        sa.Column('at', Moment(), nullable=False),
        sa.PrimaryKeyConstraint('id')
    )
    op.create_index('attempts_of', 'attempts', ['who', 'at'], unique=False)
    op.create_table('clients',
        sa.Column('id', KEY, nullable=False),
        sa.Column('name', sa.String(length=200), nullable=False),
        sa.Column('data_key', sa.LargeBinary(), nullable=True),
        sa.Column('key_id', sa.String(length=16), nullable=False),
        sa.Column('created_at', Moment(), nullable=False),
        sa.Column('deleted_at', Moment(), nullable=True),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('name')
    )
    op.create_table('sent',
        sa.Column('sha256', sa.String(length=64), nullable=False),
        sa.Column('at', Moment(), nullable=False),
        sa.PrimaryKeyConstraint('sha256')
    )
    op.create_index(op.f('ix_sent_at'), 'sent', ['at'], unique=False)
    op.create_table('settings',
        sa.Column('name', sa.String(length=64), nullable=False),
        sa.Column('value', sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint('name')
    )
    op.create_table('users',
        sa.Column('id', KEY, nullable=False),
        sa.Column('name', sa.String(length=100), nullable=False),
        sa.Column('role', sa.String(length=16), nullable=False),
        sa.Column('password', sa.Text(), nullable=True),
        sa.Column('sealed_totp', sa.LargeBinary(), nullable=True),
        sa.Column('totp_step', KEY, server_default=sa.text('0'), nullable=False),
        sa.Column('subject', sa.String(length=400), nullable=True),
        sa.Column('active', sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column('created_at', Moment(), nullable=False),
        sa.Column('seen_at', Moment(), nullable=True),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('name'),
        sa.UniqueConstraint('subject')
    )
    op.create_table('files',
        sa.Column('id', KEY, nullable=False),
        sa.Column('client_id', KEY, nullable=False),
        sa.Column('kind', sa.String(length=16), nullable=False),
        sa.Column('sealed_name', sa.LargeBinary(), nullable=False),
        sa.Column('sha256', sa.String(length=64), nullable=False),
        sa.Column('size', KEY, nullable=False),
        sa.Column('created_at', Moment(), nullable=False),
        sa.ForeignKeyConstraint(['client_id'], ['clients.id']),
        sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_files_client_id'), 'files', ['client_id'], unique=False)
    op.create_table('logins',
        sa.Column('id', KEY, nullable=False),
        sa.Column('sha256', sa.String(length=64), nullable=False),
        sa.Column('user_id', KEY, nullable=False),
        sa.Column('complete', sa.Boolean(), nullable=False),
        sa.Column('created_at', Moment(), nullable=False),
        sa.Column('seen_at', Moment(), nullable=False),
        sa.Column('ended_at', Moment(), nullable=True),
        sa.Column('address', sa.String(length=64), server_default='', nullable=False),
        sa.Column('browser', sa.String(length=80), server_default='', nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['users.id']),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('sha256')
    )
    op.create_index(op.f('ix_logins_user_id'), 'logins', ['user_id'], unique=False)
    op.create_table('recoveries',
        sa.Column('id', KEY, nullable=False),
        sa.Column('user_id', KEY, nullable=False),
        sa.Column('code', sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['users.id']),
        sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_recoveries_user_id'), 'recoveries', ['user_id'], unique=False)
    op.create_table('tokens',
        sa.Column('id', KEY, nullable=False),
        sa.Column('sha256', sa.String(length=64), nullable=False),
        sa.Column('user_id', KEY, nullable=False),
        sa.Column('purpose', sa.String(length=16), nullable=False),
        sa.Column('expires_at', Moment(), nullable=False),
        sa.Column('used_at', Moment(), nullable=True),
        sa.ForeignKeyConstraint(['user_id'], ['users.id']),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('sha256')
    )
    op.create_index(op.f('ix_tokens_user_id'), 'tokens', ['user_id'], unique=False)
    op.create_table('batches',
        sa.Column('id', KEY, nullable=False),
        sa.Column('client_id', KEY, nullable=False),
        sa.Column('file_id', KEY, nullable=False),
        sa.Column('user_id', KEY, nullable=True),
        sa.Column('state', sa.String(length=16), nullable=False),
        sa.Column('problem', sa.Text(), server_default='', nullable=False),
        sa.Column('format', sa.String(length=16), server_default='', nullable=False),
        sa.Column('received_at', Moment(), nullable=False),
        sa.Column('ready_at', Moment(), nullable=True),
        sa.Column('as_of', sa.Date(), nullable=False),
        sa.Column('claims', KEY, server_default=sa.text('0'), nullable=False),
        sa.Column('lines', KEY, server_default=sa.text('0'), nullable=False),
        sa.Column('flags', KEY, server_default=sa.text('0'), nullable=False),
        sa.Column('clean', KEY, server_default=sa.text('0'), nullable=False),
        sa.Column('set_aside', KEY, server_default=sa.text('0'), nullable=False),
        sa.Column('cents', KEY, server_default=sa.text('0'), nullable=False),
        sa.Column('sealed_unreadable', sa.LargeBinary(), nullable=True),
        sa.Column('run', sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(['client_id'], ['clients.id']),
        sa.ForeignKeyConstraint(['file_id'], ['files.id']),
        sa.ForeignKeyConstraint(['user_id'], ['users.id']),
        sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_batches_client_id'), 'batches', ['client_id'], unique=False)
    op.create_index(op.f('ix_batches_file_id'), 'batches', ['file_id'], unique=False)
    op.create_index(op.f('ix_batches_user_id'), 'batches', ['user_id'], unique=False)
    op.create_table('pieces',
        sa.Column('file_id', KEY, nullable=False),
        sa.Column('number', KEY, nullable=False),
        sa.Column('sealed', sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(['file_id'], ['files.id']),
        sa.PrimaryKeyConstraint('file_id', 'number')
    )
    op.create_table('releases',
        sa.Column('id', KEY, nullable=False),
        sa.Column('client_id', KEY, nullable=False),
        sa.Column('batch_id', KEY, nullable=False),
        sa.Column('file_id', KEY, nullable=False),
        sa.Column('user_id', KEY, nullable=False),
        sa.Column('at', Moment(), nullable=False),
        sa.Column('claims', KEY, nullable=False),
        sa.Column('corrected', KEY, nullable=False),
        sa.Column('cents', KEY, nullable=False),
        sa.Column('refused', sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(['batch_id'], ['batches.id']),
        sa.ForeignKeyConstraint(['client_id'], ['clients.id']),
        sa.ForeignKeyConstraint(['file_id'], ['files.id']),
        sa.ForeignKeyConstraint(['user_id'], ['users.id']),
        sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_releases_batch_id'), 'releases', ['batch_id'], unique=False)
    op.create_index(op.f('ix_releases_client_id'), 'releases', ['client_id'], unique=False)
    op.create_table('services',
        sa.Column('batch_id', KEY, nullable=False),
        sa.Column('provider', sa.String(length=16), nullable=False),
        sa.Column('code', sa.String(length=48), nullable=False),
        sa.Column('lines', KEY, nullable=False),
        sa.Column('cents', KEY, nullable=False),
        sa.Column('deleted', KEY, server_default=sa.text('0'), nullable=False),
        sa.ForeignKeyConstraint(['batch_id'], ['batches.id']),
        sa.PrimaryKeyConstraint('batch_id', 'provider', 'code')
    )
    op.create_table('standings',
        sa.Column('batch_id', KEY, nullable=False),
        sa.Column('payer', sa.String(length=64), nullable=False),
        sa.Column('state', sa.String(length=16), nullable=False),
        sa.Column('first', sa.Boolean(), nullable=False),
        sa.Column('claims', KEY, nullable=False),
        sa.Column('cents', KEY, nullable=False),
        sa.Column('risk_cents', KEY, nullable=False),
        sa.ForeignKeyConstraint(['batch_id'], ['batches.id']),
        sa.PrimaryKeyConstraint('batch_id', 'payer', 'state', 'first')
    )
    op.create_table('tallies',
        sa.Column('batch_id', KEY, nullable=False),
        sa.Column('client_id', KEY, nullable=False),
        sa.Column('rule', sa.String(length=40), nullable=False),
        sa.Column('case', sa.String(length=40), nullable=False),
        sa.Column('severity', sa.String(length=8), nullable=False),
        sa.Column('queue', sa.String(length=40), nullable=False),
        sa.Column('payer', sa.String(length=64), nullable=False),
        sa.Column('provider', sa.String(length=16), nullable=False),
        sa.Column('state', sa.String(length=16), nullable=False),
        sa.Column('causes', KEY, nullable=False),
        sa.Column('claims', KEY, nullable=False),
        sa.Column('cents', KEY, nullable=False),
        sa.ForeignKeyConstraint(['batch_id'], ['batches.id']),
        sa.ForeignKeyConstraint(['client_id'], ['clients.id']),
        sa.PrimaryKeyConstraint('batch_id', 'rule', 'case', 'severity', 'queue', 'payer', 'provider', 'state')
    )
    op.create_index('tallies_client', 'tallies', ['client_id', 'state'], unique=False)
    op.create_table('claims',
        sa.Column('id', KEY, nullable=False),
        sa.Column('batch_id', KEY, nullable=False),
        sa.Column('client_id', KEY, nullable=False),
        sa.Column('position', KEY, nullable=False),
        sa.Column('kind', sa.String(length=16), nullable=False),
        sa.Column('sealed_number', sa.LargeBinary(), nullable=False),
        sa.Column('number_index', sa.String(length=32), nullable=False),
        sa.Column('person_index', sa.String(length=32), nullable=True),
        sa.Column('payer', sa.String(length=64), nullable=False),
        sa.Column('payer_id', sa.String(length=80), nullable=False),
        sa.Column('provider', sa.String(length=16), nullable=False),
        sa.Column('state', sa.String(length=16), nullable=False),
        sa.Column('version', KEY, server_default=sa.text('1'), nullable=False),
        sa.Column('corrected', sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column('clean_at_first', sa.Boolean(), nullable=False),
        sa.Column('cents', KEY, nullable=False),
        sa.Column('risk_cents', KEY, nullable=False),
        sa.Column('sealed_record', sa.LargeBinary(), nullable=False),
        sa.Column('sealed_flags', sa.LargeBinary(), nullable=False),
        sa.Column('assigned_to', KEY, nullable=True),
        sa.Column('changed_at', Moment(), nullable=False),
        sa.Column('release_id', KEY, nullable=True),
        sa.ForeignKeyConstraint(['assigned_to'], ['users.id']),
        sa.ForeignKeyConstraint(['batch_id'], ['batches.id']),
        sa.ForeignKeyConstraint(['client_id'], ['clients.id']),
        sa.ForeignKeyConstraint(['release_id'], ['releases.id']),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('batch_id', 'position')
    )
    op.create_index('claims_number', 'claims', ['client_id', 'number_index'], unique=False)
    op.create_index('claims_person', 'claims', ['batch_id', 'person_index'], unique=False)
    op.create_index('claims_state', 'claims', ['client_id', 'state', 'batch_id'], unique=False)
    op.create_index(op.f('ix_claims_assigned_to'), 'claims', ['assigned_to'], unique=False)
    op.create_table('causes',
        sa.Column('id', KEY, nullable=False),
        sa.Column('claim_id', KEY, nullable=False),
        sa.Column('batch_id', KEY, nullable=False),
        sa.Column('client_id', KEY, nullable=False),
        sa.Column('key', sa.String(length=16), nullable=False),
        sa.Column('rule', sa.String(length=40), nullable=False),
        sa.Column('case', sa.String(length=40), server_default='', nullable=False),
        sa.Column('line', KEY, nullable=True),
        sa.Column('queue', sa.String(length=40), server_default='', nullable=False),
        sa.Column('severity', sa.String(length=8), nullable=False),
        sa.Column('cents', KEY, nullable=False),
        sa.Column('followers', KEY, server_default=sa.text('0'), nullable=False),
        sa.Column('state', sa.String(length=16), nullable=False),
        sa.Column('user_id', KEY, nullable=True),
        sa.Column('at', Moment(), nullable=False),
        sa.ForeignKeyConstraint(['batch_id'], ['batches.id']),
        sa.ForeignKeyConstraint(['claim_id'], ['claims.id']),
        sa.ForeignKeyConstraint(['client_id'], ['clients.id']),
        sa.ForeignKeyConstraint(['user_id'], ['users.id']),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('claim_id', 'key')
    )
    op.create_index('causes_acted', 'causes', ['user_id', 'batch_id', 'state'], unique=False)
    op.create_index('causes_batch', 'causes', ['batch_id', 'rule', 'state'], unique=False)
    op.create_index('causes_group', 'causes',
                    ['client_id', 'rule', 'case', 'state', 'claim_id', 'cents'], unique=False)
    op.create_table('remits',
        sa.Column('id', KEY, nullable=False),
        sa.Column('client_id', KEY, nullable=False),
        sa.Column('file_id', KEY, nullable=False),
        sa.Column('claim_id', KEY, nullable=True),
        sa.Column('number_index', sa.String(length=32), nullable=False),
        sa.Column('status', sa.String(length=4), nullable=False),
        sa.Column('outcome', sa.String(length=8), nullable=False),
        sa.Column('cents', KEY, nullable=False),
        sa.Column('paid_cents', KEY, nullable=False),
        sa.Column('codes', sa.JSON(), nullable=False),
        sa.Column('at', Moment(), nullable=False),
        sa.ForeignKeyConstraint(['claim_id'], ['claims.id']),
        sa.ForeignKeyConstraint(['client_id'], ['clients.id']),
        sa.ForeignKeyConstraint(['file_id'], ['files.id']),
        sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_remits_claim_id'), 'remits', ['claim_id'], unique=False)
    op.create_index('remits_file', 'remits', ['file_id', 'outcome', 'claim_id'], unique=False)
    op.create_index('remits_number', 'remits', ['client_id', 'number_index'], unique=False)
    op.create_table('revisions',
        sa.Column('id', KEY, nullable=False),
        sa.Column('claim_id', KEY, nullable=False),
        sa.Column('version', KEY, nullable=False),
        sa.Column('user_id', KEY, nullable=False),
        sa.Column('at', Moment(), nullable=False),
        sa.Column('reason', sa.String(length=40), nullable=False),
        sa.Column('sealed_note', sa.LargeBinary(), nullable=True),
        sa.Column('sealed_record', sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(['claim_id'], ['claims.id']),
        sa.ForeignKeyConstraint(['user_id'], ['users.id']),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('claim_id', 'version')
    )
    op.create_table('overrides',
        sa.Column('id', KEY, nullable=False),
        sa.Column('cause_id', KEY, nullable=False),
        sa.Column('claim_id', KEY, nullable=False),
        sa.Column('client_id', KEY, nullable=False),
        sa.Column('rule', sa.String(length=40), nullable=False),
        sa.Column('reason', sa.String(length=40), nullable=False),
        sa.Column('sealed_note', sa.LargeBinary(), nullable=False),
        sa.Column('user_id', KEY, nullable=False),
        sa.Column('at', Moment(), nullable=False),
        sa.Column('expires_on', sa.Date(), nullable=True),
        sa.Column('ended_at', Moment(), nullable=True),
        sa.Column('outcome', sa.String(length=8), nullable=True),
        sa.ForeignKeyConstraint(['cause_id'], ['causes.id']),
        sa.ForeignKeyConstraint(['claim_id'], ['claims.id']),
        sa.ForeignKeyConstraint(['client_id'], ['clients.id']),
        sa.ForeignKeyConstraint(['user_id'], ['users.id']),
        sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_overrides_cause_id'), 'overrides', ['cause_id'], unique=False)
    op.create_index(op.f('ix_overrides_claim_id'), 'overrides', ['claim_id'], unique=False)
    op.create_index(op.f('ix_overrides_client_id'), 'overrides', ['client_id'], unique=False)
    op.create_table('questions',
        sa.Column('id', KEY, nullable=False),
        sa.Column('cause_id', KEY, nullable=False),
        sa.Column('claim_id', KEY, nullable=False),
        sa.Column('client_id', KEY, nullable=False),
        sa.Column('sealed_text', sa.LargeBinary(), nullable=False),
        sa.Column('user_id', KEY, nullable=False),
        sa.Column('at', Moment(), nullable=False),
        sa.Column('sealed_answer', sa.LargeBinary(), nullable=True),
        sa.Column('answered_by', KEY, nullable=True),
        sa.Column('answered_at', Moment(), nullable=True),
        sa.ForeignKeyConstraint(['answered_by'], ['users.id']),
        sa.ForeignKeyConstraint(['cause_id'], ['causes.id']),
        sa.ForeignKeyConstraint(['claim_id'], ['claims.id']),
        sa.ForeignKeyConstraint(['client_id'], ['clients.id']),
        sa.ForeignKeyConstraint(['user_id'], ['users.id']),
        sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_questions_cause_id'), 'questions', ['cause_id'], unique=False)
    op.create_index(op.f('ix_questions_claim_id'), 'questions', ['claim_id'], unique=False)
    op.create_index(op.f('ix_questions_client_id'), 'questions', ['client_id'], unique=False)
    op.create_table('wrongs',
        sa.Column('id', KEY, nullable=False),
        sa.Column('cause_id', KEY, nullable=False),
        sa.Column('claim_id', KEY, nullable=False),
        sa.Column('client_id', KEY, nullable=False),
        sa.Column('rule', sa.String(length=40), nullable=False),
        sa.Column('case', sa.String(length=40), nullable=False),
        sa.Column('example', sa.Text(), nullable=False),
        sa.Column('sealed_note', sa.LargeBinary(), nullable=False),
        sa.Column('user_id', KEY, nullable=False),
        sa.Column('at', Moment(), nullable=False),
        sa.ForeignKeyConstraint(['cause_id'], ['causes.id']),
        sa.ForeignKeyConstraint(['claim_id'], ['claims.id']),
        sa.ForeignKeyConstraint(['client_id'], ['clients.id']),
        sa.ForeignKeyConstraint(['user_id'], ['users.id']),
        sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_wrongs_cause_id'), 'wrongs', ['cause_id'], unique=False)
    op.create_index(op.f('ix_wrongs_claim_id'), 'wrongs', ['claim_id'], unique=False)
    op.create_index(op.f('ix_wrongs_client_id'), 'wrongs', ['client_id'], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        for name, on in (("stay", "DELETE"), ("stand", "UPDATE")):
            op.execute(_SQLITE.format(name, on, _REFUSED))
    else:
        op.execute(_POSTGRES.format(_REFUSED))
        op.execute("CREATE TRIGGER acts_stay BEFORE UPDATE OR DELETE ON acts FOR EACH ROW EXECUTE FUNCTION acts_stay()")
        op.execute("CREATE TRIGGER acts_whole BEFORE TRUNCATE ON acts FOR EACH STATEMENT EXECUTE FUNCTION acts_stay()")

"""The tables and the statements as SQL, written by `make sql` from `store.declared`; a test says when stale.

Building and compiling them takes longer than the rest of a start.
"""
# ruff: noqa: E501

from mock_server.store.statement import Statement

TABLES = (
    'CREATE TABLE block ( number INTEGER NOT NULL, mark INTEGER NOT NULL, PRIMARY KEY (number) )',
    'CREATE TABLE bucket ( name VARCHAR NOT NULL, origin VARCHAR NOT NULL, public BOOLEAN NOT NULL, tree VARCHAR NOT NULL, PRIMARY KEY (name) )',
    'CREATE INDEX ix_bucket_tree ON bucket (tree)',
    'CREATE TABLE capsule ( id VARCHAR NOT NULL, kind VARCHAR NOT NULL, slug VARCHAR NOT NULL, name VARCHAR NOT NULL, owner VARCHAR NOT NULL, created FLOAT NOT NULL, last_accessed FLOAT, status VARCHAR NOT NULL, description VARCHAR, tags JSON NOT NULL, archived BOOLEAN NOT NULL, more JSON NOT NULL, panel JSON NOT NULL, page JSON NOT NULL, workspace JSON NOT NULL, attached JSON NOT NULL, processes JSON NOT NULL, scenario VARCHAR NOT NULL, tree VARCHAR NOT NULL, folder VARCHAR, templates JSON NOT NULL, PRIMARY KEY (id) )',
    'CREATE INDEX ix_capsule_tree ON capsule (tree)',
    'CREATE TABLE computation ( id VARCHAR NOT NULL, capsule_id VARCHAR NOT NULL, kind VARCHAR NOT NULL, owner VARCHAR NOT NULL, created FLOAT NOT NULL, name VARCHAR NOT NULL, "plan" JSON NOT NULL, asked JSON NOT NULL, log VARCHAR, released BOOLEAN NOT NULL, cloud_workstation BOOLEAN NOT NULL, tree VARCHAR NOT NULL, own_tree BOOLEAN NOT NULL, settles FLOAT NOT NULL, PRIMARY KEY (id) )',
    'CREATE INDEX ix_computation_capsule_id ON computation (capsule_id)',
    'CREATE INDEX ix_computation_tree ON computation (tree) WHERE own_tree',
    'CREATE TABLE dataasset ( id VARCHAR NOT NULL, name VARCHAR NOT NULL, mount VARCHAR NOT NULL, owner VARCHAR NOT NULL, created FLOAT NOT NULL, last_used FLOAT NOT NULL, type VARCHAR NOT NULL, description VARCHAR, tags JSON NOT NULL, archived BOOLEAN NOT NULL, external BOOLEAN NOT NULL, "plan" JSON NOT NULL, files INTEGER, size INTEGER, tree VARCHAR NOT NULL, more JSON NOT NULL, settles FLOAT NOT NULL, PRIMARY KEY (id) )',
    'CREATE INDEX ix_dataasset_settles ON dataasset (settles)',
    'CREATE INDEX ix_dataasset_tree ON dataasset (tree)',
    'CREATE TABLE driven ( id VARCHAR NOT NULL, tail BLOB NOT NULL, runner VARCHAR, lease VARCHAR, lapses FLOAT, attempts INTEGER NOT NULL, retries INTEGER NOT NULL, PRIMARY KEY (id) )',
    'CREATE TABLE entry ( doc INTEGER NOT NULL, id VARCHAR NOT NULL, kind VARCHAR NOT NULL, created INTEGER NOT NULL, name VARCHAR NOT NULL, type VARCHAR, size INTEGER, last_accessed INTEGER, folded_name VARCHAR NOT NULL, name_words VARCHAR NOT NULL, tags_words VARCHAR NOT NULL, description_words VARCHAR NOT NULL, more_words VARCHAR NOT NULL, facets VARCHAR NOT NULL, numbers VARCHAR NOT NULL, PRIMARY KEY (doc), UNIQUE (id) )',
    'CREATE UNIQUE INDEX ix_entry_created ON entry (created, id)',
    'CREATE INDEX ix_entry_last_accessed ON entry (kind, last_accessed, id) WHERE last_accessed IS NOT NULL',
    'CREATE INDEX ix_entry_name ON entry (kind, name, id) WHERE name IS NOT NULL',
    'CREATE INDEX ix_entry_size ON entry (kind, size, id) WHERE size IS NOT NULL',
    'CREATE INDEX ix_entry_type ON entry (kind, type, id) WHERE type IS NOT NULL',
    'CREATE TABLE fault ( place INTEGER NOT NULL, state JSON NOT NULL, PRIMARY KEY (place) )',
    'CREATE TABLE favorite ( user_id VARCHAR NOT NULL, entity_id VARCHAR NOT NULL, PRIMARY KEY (user_id, entity_id) )',
    'CREATE TABLE fileref ( tree VARCHAR NOT NULL, sha256 VARCHAR NOT NULL, PRIMARY KEY (tree, sha256) )',
    'CREATE INDEX ix_fileref_sha256 ON fileref (sha256)',
    'CREATE TABLE grant ( entity_id VARCHAR NOT NULL, subject VARCHAR NOT NULL, role INTEGER NOT NULL, PRIMARY KEY (entity_id, subject) )',
    'CREATE TABLE objectjob ( id VARCHAR NOT NULL, kind VARCHAR NOT NULL, work JSON NOT NULL, begun BOOLEAN NOT NULL, PRIMARY KEY (id) )',
    'CREATE TABLE releasejob ( id VARCHAR NOT NULL, capsule_id VARCHAR NOT NULL, release_capsule VARCHAR NOT NULL, "plan" JSON NOT NULL, major_version INTEGER NOT NULL, error VARCHAR, settles FLOAT NOT NULL, PRIMARY KEY (id) )',
    'CREATE INDEX ix_releasejob_capsule_id ON releasejob (capsule_id)',
    'CREATE INDEX ix_releasejob_release_capsule ON releasejob (release_capsule)',
    'CREATE TABLE scenario ( place INTEGER NOT NULL, name VARCHAR NOT NULL, kind VARCHAR NOT NULL, spec JSON NOT NULL, tree VARCHAR NOT NULL, matched INTEGER NOT NULL, PRIMARY KEY (place) )',
    'CREATE TABLE token ( token VARCHAR NOT NULL, user_id VARCHAR NOT NULL, scopes JSON NOT NULL, PRIMARY KEY (token) )',
    'CREATE TABLE tree ( hash VARCHAR NOT NULL, entries JSON NOT NULL, PRIMARY KEY (hash) )',
    'CREATE TABLE user ( id VARCHAR NOT NULL, email VARCHAR NOT NULL, name VARCHAR NOT NULL, admin BOOLEAN NOT NULL, groups JSON NOT NULL, PRIMARY KEY (id), UNIQUE (email) )',
    'CREATE TABLE world ( id INTEGER NOT NULL, random_seed INTEGER NOT NULL, ids_given INTEGER NOT NULL, epoch INTEGER NOT NULL, revision INTEGER NOT NULL, origin JSON NOT NULL, custom_metadata JSON NOT NULL, clock_real FLOAT NOT NULL, clock_virtual FLOAT NOT NULL, clock_scale FLOAT NOT NULL, clock_skipping BOOLEAN NOT NULL, PRIMARY KEY (id) )',
)

PARTS = (
    'table world',
    'column world.id',
    'column world.random_seed',
    'column world.ids_given',
    'column world.epoch',
    'column world.revision',
    'column world.origin',
    'column world.custom_metadata',
    'column world.clock_real',
    'column world.clock_virtual',
    'column world.clock_scale',
    'column world.clock_skipping',
    'table user',
    'column user.id',
    'column user.email',
    'column user.name',
    'column user.admin',
    'column user.groups',
    'table token',
    'column token.token',
    'column token.user_id',
    'column token.scopes',
    'table grant',
    'column grant.entity_id',
    'column grant.subject',
    'column grant.role',
    'table favorite',
    'column favorite.user_id',
    'column favorite.entity_id',
    'table capsule',
    'column capsule.id',
    'column capsule.kind',
    'column capsule.slug',
    'column capsule.name',
    'column capsule.owner',
    'column capsule.created',
    'column capsule.last_accessed',
    'column capsule.status',
    'column capsule.description',
    'column capsule.tags',
    'column capsule.archived',
    'column capsule.more',
    'column capsule.panel',
    'column capsule.page',
    'column capsule.workspace',
    'column capsule.attached',
    'column capsule.processes',
    'column capsule.scenario',
    'column capsule.tree',
    'column capsule.folder',
    'column capsule.templates',
    'index ix_capsule_tree',
    'table computation',
    'column computation.id',
    'column computation.capsule_id',
    'column computation.kind',
    'column computation.owner',
    'column computation.created',
    'column computation.name',
    'column computation.plan',
    'column computation.asked',
    'column computation.log',
    'column computation.released',
    'column computation.cloud_workstation',
    'column computation.tree',
    'column computation.own_tree',
    'column computation.settles',
    'index ix_computation_capsule_id',
    'index ix_computation_tree',
    'table driven',
    'column driven.id',
    'column driven.tail',
    'column driven.runner',
    'column driven.lease',
    'column driven.lapses',
    'column driven.attempts',
    'column driven.retries',
    'table fileref',
    'column fileref.tree',
    'column fileref.sha256',
    'index ix_fileref_sha256',
    'table dataasset',
    'column dataasset.id',
    'column dataasset.name',
    'column dataasset.mount',
    'column dataasset.owner',
    'column dataasset.created',
    'column dataasset.last_used',
    'column dataasset.type',
    'column dataasset.description',
    'column dataasset.tags',
    'column dataasset.archived',
    'column dataasset.external',
    'column dataasset.plan',
    'column dataasset.files',
    'column dataasset.size',
    'column dataasset.tree',
    'column dataasset.more',
    'column dataasset.settles',
    'index ix_dataasset_settles',
    'index ix_dataasset_tree',
    'table objectjob',
    'column objectjob.id',
    'column objectjob.kind',
    'column objectjob.work',
    'column objectjob.begun',
    'table releasejob',
    'column releasejob.id',
    'column releasejob.capsule_id',
    'column releasejob.release_capsule',
    'column releasejob.plan',
    'column releasejob.major_version',
    'column releasejob.error',
    'column releasejob.settles',
    'index ix_releasejob_capsule_id',
    'index ix_releasejob_release_capsule',
    'table tree',
    'column tree.hash',
    'column tree.entries',
    'table bucket',
    'column bucket.name',
    'column bucket.origin',
    'column bucket.public',
    'column bucket.tree',
    'index ix_bucket_tree',
    'table scenario',
    'column scenario.place',
    'column scenario.name',
    'column scenario.kind',
    'column scenario.spec',
    'column scenario.tree',
    'column scenario.matched',
    'table fault',
    'column fault.place',
    'column fault.state',
    'table block',
    'column block.number',
    'column block.mark',
    'table entry',
    'column entry.doc',
    'column entry.id',
    'column entry.kind',
    'column entry.created',
    'column entry.name',
    'column entry.type',
    'column entry.size',
    'column entry.last_accessed',
    'column entry.folded_name',
    'column entry.name_words',
    'column entry.tags_words',
    'column entry.description_words',
    'column entry.more_words',
    'column entry.facets',
    'column entry.numbers',
    'index ix_entry_created',
    'index ix_entry_last_accessed',
    'index ix_entry_name',
    'index ix_entry_size',
    'index ix_entry_type',
)

JSON_COLUMNS = (
    ('world', 'origin', 'object'),
    ('world', 'custom_metadata', 'object'),
    ('user', 'groups', 'array'),
    ('token', 'scopes', 'array'),
    ('capsule', 'tags', 'array'),
    ('capsule', 'more', 'object'),
    ('capsule', 'panel', 'array'),
    ('capsule', 'page', 'object'),
    ('capsule', 'workspace', 'object'),
    ('capsule', 'attached', 'array'),
    ('capsule', 'processes', 'array'),
    ('capsule', 'templates', 'object'),
    ('computation', 'plan', 'object'),
    ('computation', 'asked', 'object'),
    ('dataasset', 'tags', 'array'),
    ('dataasset', 'plan', 'object'),
    ('dataasset', 'more', 'object'),
    ('objectjob', 'work', 'object'),
    ('releasejob', 'plan', 'object'),
    ('tree', 'entries', 'array'),
    ('scenario', 'spec', 'object'),
    ('fault', 'state', 'object'),
)

RESERVE_IDS = Statement('UPDATE world SET ids_given=(world.ids_given + :more) RETURNING ids_given')
ALL_IDS = Statement('SELECT capsule.id FROM capsule UNION ALL SELECT computation.id FROM computation UNION ALL SELECT dataasset.id FROM dataasset UNION ALL SELECT releasejob.id FROM releasejob')
SET_CLOCK = Statement('UPDATE world SET clock_real=:real, clock_virtual=:virtual, clock_scale=:scale, clock_skipping=:skipping')
REVISE = Statement('UPDATE world SET revision=(world.revision + :revision_1) RETURNING revision', {'revision_1': 1})
GRANTED_ROLE = Statement('SELECT max(grant.role) AS max_1 FROM grant WHERE grant.entity_id = :entity AND grant.subject IN (SELECT anon_1.value FROM json_each(:subjects) AS anon_1)')
RUNS_OF_CAPSULE = Statement('SELECT computation.id, computation.capsule_id, computation.kind, computation.owner, computation.created, computation.name, computation."plan", computation.asked, computation.log, computation.released, computation.cloud_workstation, computation.tree, computation.own_tree, computation.settles FROM computation WHERE computation.capsule_id = :capsule ORDER BY computation.created DESC, computation.id')
RENAME_RUN = Statement('UPDATE computation SET name=:to WHERE computation.id = :key')
UPDATE_DATA_ASSET = Statement('UPDATE dataasset SET name=:new_name, mount=:new_mount, description=:new_description, tags=:new_tags, more=:new_more WHERE dataasset.id = :key')
ARCHIVE_DATA_ASSET = Statement('UPDATE dataasset SET archived=:to WHERE dataasset.id = :key')
USE_DATA_ASSET = Statement('UPDATE dataasset SET last_used=:at WHERE dataasset.id = :key RETURNING tags')
PLANS_USING_DATA_ASSET = Statement('SELECT computation."plan" FROM computation WHERE EXISTS (SELECT anon_1.value FROM json_each(computation.asked, :json_each_1) AS anon_1 WHERE value ->> \'id\' = :asset)', {'json_each_1': '$.data_assets'})
RELEASE_JOBS_OF_CAPSULE = Statement('SELECT releasejob.id, releasejob.capsule_id, releasejob.release_capsule, releasejob."plan", releasejob.major_version, releasejob.error, releasejob.settles FROM releasejob WHERE releasejob.release_capsule = :capsule ORDER BY releasejob.major_version')
UPDATE_CAPSULE = Statement('UPDATE capsule SET last_accessed=:new_last_accessed, archived=:new_archived, workspace=:new_workspace, attached=:new_attached WHERE capsule.id = :key')
FOLLOW_FOLDER = Statement('UPDATE capsule SET name=:new_name, description=:new_description, tags=:new_tags, more=:new_more, panel=:new_panel, page=:new_page, workspace=:new_workspace, attached=:new_attached, scenario=:new_scenario, folder=:new_folder WHERE capsule.id = :key')
CAPSULES_WITH_FOLDER = Statement('SELECT capsule.id, capsule.kind, capsule.slug, capsule.name, capsule.owner, capsule.created, capsule.last_accessed, capsule.status, capsule.description, capsule.tags, capsule.archived, capsule.more, capsule.panel, capsule.page, capsule.workspace, capsule.attached, capsule.processes, capsule.scenario, capsule.tree, capsule.folder, capsule.templates FROM capsule WHERE capsule.folder IS NOT NULL')
ACCESS_CAPSULE = Statement('UPDATE capsule SET last_accessed=:at WHERE capsule.id = :key')
UPDATE_ASKED = Statement('UPDATE computation SET asked=:new_asked WHERE computation.id = :key')
GRANTS_ON_ENTITY = Statement('SELECT grant.entity_id, grant.subject, grant.role FROM grant WHERE grant.entity_id = :entity ORDER BY grant.subject')
ALL_USERS = Statement('SELECT user.id, user.email, user.name, user.admin, user.groups FROM user')
ANYTHING = Statement('SELECT :param_1 AS anon_1 WHERE (EXISTS (SELECT user.id, user.email, user.name, user.admin, user.groups FROM user)) OR (EXISTS (SELECT token.token, token.user_id, token.scopes FROM token)) OR (EXISTS (SELECT capsule.id, capsule.kind, capsule.slug, capsule.name, capsule.owner, capsule.created, capsule.last_accessed, capsule.status, capsule.description, capsule.tags, capsule.archived, capsule.more, capsule.panel, capsule.page, capsule.workspace, capsule.attached, capsule.processes, capsule.scenario, capsule.tree, capsule.folder, capsule.templates FROM capsule)) OR (EXISTS (SELECT computation.id, computation.capsule_id, computation.kind, computation.owner, computation.created, computation.name, computation."plan", computation.asked, computation.log, computation.released, computation.cloud_workstation, computation.tree, computation.own_tree, computation.settles FROM computation)) OR (EXISTS (SELECT dataasset.id, dataasset.name, dataasset.mount, dataasset.owner, dataasset.created, dataasset.last_used, dataasset.type, dataasset.description, dataasset.tags, dataasset.archived, dataasset.external, dataasset."plan", dataasset.files, dataasset.size, dataasset.tree, dataasset.more, dataasset.settles FROM dataasset))', {'param_1': 1})
TRANSFER_DATA_ASSET = Statement('UPDATE dataasset SET external=:new_external, more=:new_more WHERE dataasset.id = :key')
CAPSULES_WITH_DATA_ASSET = Statement("SELECT capsule.id, capsule.kind, capsule.slug, capsule.name, capsule.owner, capsule.created, capsule.last_accessed, capsule.status, capsule.description, capsule.tags, capsule.archived, capsule.more, capsule.panel, capsule.page, capsule.workspace, capsule.attached, capsule.processes, capsule.scenario, capsule.tree, capsule.folder, capsule.templates FROM capsule WHERE EXISTS (SELECT anon_1.value FROM json_each(capsule.attached) AS anon_1 WHERE value ->> 'id' = :asset)")
PIPELINES_WITH_CAPSULE = Statement("SELECT capsule.id, capsule.kind, capsule.slug, capsule.name, capsule.owner, capsule.created, capsule.last_accessed, capsule.status, capsule.description, capsule.tags, capsule.archived, capsule.more, capsule.panel, capsule.page, capsule.workspace, capsule.attached, capsule.processes, capsule.scenario, capsule.tree, capsule.folder, capsule.templates FROM capsule WHERE EXISTS (SELECT anon_1.value FROM json_each(capsule.processes) AS anon_1 WHERE value ->> 'capsule_id' = :capsule)")
STOP_RUN = Statement('UPDATE computation SET "plan"=:new_plan, log=:new_log, tree=:new_tree, own_tree=:new_own_tree, settles=:new_settles WHERE computation.id = :key')
CAPSULES_THAT_MOUNTED = Statement('SELECT capsule.id, capsule.kind, capsule.slug, capsule.name, capsule.owner, capsule.created, capsule.last_accessed, capsule.status, capsule.description, capsule.tags, capsule.archived, capsule.more, capsule.panel, capsule.page, capsule.workspace, capsule.attached, capsule.processes, capsule.scenario, capsule.tree, capsule.folder, capsule.templates FROM capsule WHERE instr(capsule.attached, :instr_1) > :instr_2', {'instr_1': '"plan"', 'instr_2': 0})
SOME_CAPSULES = Statement('SELECT capsule.id, capsule.kind, capsule.slug, capsule.name, capsule.owner, capsule.created, capsule.last_accessed, capsule.status, capsule.description, capsule.tags, capsule.archived, capsule.more, capsule.panel, capsule.page, capsule.workspace, capsule.attached, capsule.processes, capsule.scenario, capsule.tree, capsule.folder, capsule.templates FROM capsule ORDER BY capsule.id LIMIT :limit OFFSET :param_1', {'param_1': 0})
SCENARIOS_OF_CAPSULES = Statement('SELECT capsule.id, capsule.scenario FROM capsule WHERE (capsule.scenario NOT IN (SELECT anon_1.value FROM json_each(:known) AS anon_1)) ORDER BY capsule.id LIMIT :limit OFFSET :param_1', {'param_1': 0})
ALL_TOKENS = Statement('SELECT token.token, token.user_id, token.scopes FROM token ORDER BY rowid')
RUNS_SEEN = Statement('SELECT computation.id, computation.capsule_id, computation.kind, computation.owner, computation.created, computation.name, computation."plan", computation.asked, computation.log, computation.released, computation.cloud_workstation, computation.tree, computation.own_tree, computation.settles FROM computation WHERE computation.id IN (SELECT computation.id FROM computation WHERE (:admin = :param_1 OR computation.owner = :user OR computation.released = 0 AND ((EXISTS (SELECT * FROM capsule WHERE capsule.id = computation.capsule_id AND capsule.owner = :user)) OR (EXISTS (SELECT * FROM grant WHERE grant.entity_id = computation.capsule_id AND grant.role >= :role_1 AND grant.subject IN (SELECT anon_1.value FROM json_each(:subjects) AS anon_1))))) AND computation.created < :created_before AND (:capsule = :param_2 OR computation.capsule_id = :capsule) AND (:capsule_name = :param_3 OR (EXISTS (SELECT * FROM capsule WHERE capsule.id = computation.capsule_id AND instr(lower(capsule.name), lower(:capsule_name)) > :instr_1))) AND (:name = :param_4 OR instr(lower(computation.name), lower(:name)) > :instr_2) AND computation.settles > :settling_after AND computation.settles <= :settled_by AND (:outcome = :param_5 OR coalesce(json_extract(plan, \'$.end[1]\'), json_extract(plan, \'$.end[0]\')) = :outcome) ORDER BY computation.created DESC, computation.id LIMIT :at_most OFFSET :skipped) ORDER BY computation.created DESC, computation.id', {'param_1': 1, 'role_1': 2, 'param_2': '', 'param_3': '', 'instr_1': 0, 'param_4': '', 'instr_2': 0, 'param_5': ''})
RUNS_WITH_INPUT = Statement('SELECT computation.id, computation.capsule_id, computation.kind, computation.owner, computation.created, computation.name, computation."plan", computation.asked, computation.log, computation.released, computation.cloud_workstation, computation.tree, computation.own_tree, computation.settles FROM computation WHERE (:admin = :param_1 OR computation.owner = :user OR computation.released = 0 AND ((EXISTS (SELECT * FROM capsule WHERE capsule.id = computation.capsule_id AND capsule.owner = :user)) OR (EXISTS (SELECT * FROM grant WHERE grant.entity_id = computation.capsule_id AND grant.role >= :role_1 AND grant.subject IN (SELECT anon_1.value FROM json_each(:subjects) AS anon_1))))) AND instr(computation.asked, :asset) > :instr_1 ORDER BY computation.created DESC, computation.id', {'param_1': 1, 'role_1': 2, 'instr_1': 0})
ALL_SCENARIOS = Statement('SELECT scenario.place, scenario.name, scenario.kind, scenario.spec, scenario.tree, scenario.matched FROM scenario ORDER BY scenario.place')
SCENARIOS_NAMED = Statement('SELECT scenario.place, scenario.name, scenario.kind, scenario.spec, scenario.tree, scenario.matched FROM scenario WHERE scenario.name = :name')
CLEAR_SCENARIOS = Statement('DELETE FROM scenario')
TREES_OF_SCENARIOS = Statement('SELECT DISTINCT scenario.tree FROM scenario WHERE scenario.tree != :tree_1', {'tree_1': ''})
PLACES_OF_SCENARIOS = Statement('SELECT scenario.kind, scenario.name, scenario.place FROM scenario')
MATCHED_SCENARIOS = Statement('SELECT scenario.place, scenario.matched FROM scenario')
COUNT_SCENARIO = Statement('UPDATE scenario SET matched=(scenario.matched + :matched_1) WHERE scenario.place = :key RETURNING matched', {'matched_1': 1})
IS_TREE_KEPT = Statement('SELECT :param_1 AS anon_1 WHERE EXISTS (SELECT * FROM tree WHERE tree.hash = :hash)', {'param_1': 1})
KEEP_TREE = Statement('INSERT INTO tree (hash, entries) VALUES (:hash, :entries)')
DROP_TREE = Statement('DELETE FROM tree WHERE tree.hash = :key AND NOT (EXISTS (SELECT * FROM dataasset WHERE dataasset.tree = tree.hash)) AND NOT (EXISTS (SELECT * FROM capsule WHERE capsule.tree = tree.hash)) AND NOT (EXISTS (SELECT * FROM bucket WHERE bucket.tree = tree.hash)) AND NOT (EXISTS (SELECT * FROM computation WHERE computation.tree = tree.hash AND computation.own_tree = 1)) AND NOT (EXISTS (SELECT * FROM scenario WHERE scenario.tree = tree.hash))')
KEEP_FILE_REF = Statement('INSERT INTO fileref (tree, sha256) VALUES (:tree, :sha256) ON CONFLICT DO NOTHING')
DROP_FILE_REFS = Statement('DELETE FROM fileref WHERE fileref.tree = :key AND NOT (EXISTS (SELECT * FROM tree WHERE tree.hash = :key)) RETURNING sha256')
CLEAR_FILE_REFS = Statement('DELETE FROM fileref')
TREES_WITH_FILES = Statement('SELECT tree.hash, tree.entries FROM tree WHERE instr(tree.entries, :instr_1) > :instr_2', {'instr_1': '"sha256"', 'instr_2': 0})
FILES_REFERRED_TO = Statement('SELECT DISTINCT fileref.sha256 FROM fileref')
IS_FILE_REFERRED_TO = Statement('SELECT :param_1 AS anon_1 WHERE EXISTS (SELECT * FROM fileref WHERE fileref.sha256 = :sha256)', {'param_1': 1})
CLAIMABLE = Statement('SELECT computation.id, computation.capsule_id, computation.kind, computation.owner, computation.created, computation.name, computation."plan", computation.asked, computation.log, computation.released, computation.cloud_workstation, computation.tree, computation.own_tree, computation.settles FROM computation JOIN driven ON driven.id = computation.id WHERE driven.lease IS NULL AND (:any_capsule = :param_1 OR computation.capsule_id IN (SELECT anon_1.value FROM json_each(:capsules) AS anon_1)) ORDER BY computation.created, computation.id', {'param_1': 1})
UPDATE_DRIVEN = Statement('UPDATE driven SET tail=:new_tail, runner=:new_runner, lease=:new_lease, lapses=:new_lapses, attempts=:new_attempts, retries=:new_retries WHERE driven.id = :key')
LAPSED = Statement('SELECT driven.id, driven.tail, driven.runner, driven.lease, driven.lapses, driven.attempts, driven.retries FROM driven WHERE driven.lapses <= :now ORDER BY driven.lapses')
NEXT_LAPSE = Statement('SELECT min(driven.lapses) AS min_1 FROM driven')
GRANT_GRACE = Statement('UPDATE driven SET lapses=:until WHERE driven.lapses < :until')
UPDATE_DATA_ASSET_PLAN = Statement('UPDATE dataasset SET "plan"=:new_plan, settles=:new_settles WHERE dataasset.id = :key')
KEEP_OBJECT_JOB = Statement('INSERT INTO objectjob (id, kind, work, begun) VALUES (:id, :kind, :work, :begun) ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, work = excluded.work, begun = excluded.begun')
NEXT_OBJECT_JOBS = Statement('SELECT objectjob.id, objectjob.kind, objectjob.work, objectjob.begun FROM objectjob ORDER BY objectjob.kind = :kind_1, rowid LIMIT :limit OFFSET :param_1', {'kind_1': 'fill', 'param_1': 0})
BEGIN_OBJECT_JOB = Statement('UPDATE objectjob SET begun=:begun WHERE objectjob.id = :key', {'begun': True})
FILL_OBJECTS = Statement("INSERT INTO objectjob (id, kind, work, begun) SELECT dataasset.id, :param_1 AS anon_1, '{}', :param_2 AS anon_2 FROM dataasset WHERE dataasset.external = 0 AND dataasset.tree != :tree_1 AND (:anew = :param_3 OR json_extract(more, '$.objects') IS NULL) ON CONFLICT DO NOTHING", {'param_1': 'fill', 'param_2': 0, 'tree_1': '', 'param_3': 1})
OWN_OBJECTS = Statement("SELECT dataasset.id FROM dataasset WHERE json_extract(more, '$.objects.own') UNION SELECT objectjob.id FROM objectjob")
WRITE_OBJECTS = Statement('UPDATE dataasset SET external=:new_external, "plan"=:new_plan, files=:new_files, size=:new_size, tree=:new_tree, more=:new_more, settles=:new_settles WHERE dataasset.id = :key')
ALL_FAULTS = Statement('SELECT fault.place, fault.state FROM fault ORDER BY fault.place')
CLEAR_FAULTS = Statement('DELETE FROM fault')
UNSETTLED_RUNS = Statement('SELECT computation.id, computation.capsule_id, computation.kind, computation.owner, computation.created, computation.name, computation."plan", computation.asked, computation.log, computation.released, computation.cloud_workstation, computation.tree, computation.own_tree, computation.settles FROM computation WHERE computation.settles > :now')
UNSETTLED_DATA_ASSETS = Statement('SELECT dataasset.id, dataasset.name, dataasset.mount, dataasset.owner, dataasset.created, dataasset.last_used, dataasset.type, dataasset.description, dataasset.tags, dataasset.archived, dataasset.external, dataasset."plan", dataasset.files, dataasset.size, dataasset.tree, dataasset.more, dataasset.settles FROM dataasset WHERE dataasset.settles > :now')
UNSETTLED_RELEASE_JOBS = Statement('SELECT releasejob.id, releasejob.capsule_id, releasejob.release_capsule, releasejob."plan", releasejob.major_version, releasejob.error, releasejob.settles FROM releasejob WHERE releasejob.settles > :now')
DATA_ASSETS_FAILED = Statement('SELECT dataasset.id, dataasset.name, dataasset.mount, dataasset.owner, dataasset.created, dataasset.last_used, dataasset.type, dataasset.description, dataasset.tags, dataasset.archived, dataasset.external, dataasset."plan", dataasset.files, dataasset.size, dataasset.tree, dataasset.more, dataasset.settles FROM dataasset WHERE dataasset.id IN (SELECT anon_1.id FROM (SELECT dataasset.id AS id, dataasset."plan" AS "plan" FROM dataasset WHERE dataasset.settles > :after AND dataasset.settles <= :now ORDER BY dataasset.settles DESC LIMIT :looked_at OFFSET :param_1) AS anon_1 WHERE instr(anon_1."plan", :instr_1) > :instr_2 AND json_extract(anon_1."plan", :json_extract_1) = :json_extract_2) ORDER BY dataasset.settles DESC LIMIT :most OFFSET :param_2', {'param_1': 0, 'instr_1': '"failed"', 'instr_2': 0, 'json_extract_1': '$.end[0]', 'json_extract_2': 'failed', 'param_2': 0})
COUNT_CAPSULES = Statement('SELECT count(*) AS count_1 FROM capsule WHERE capsule.kind = :kind_1', {'kind_1': 'capsule'})
COUNT_PIPELINES = Statement('SELECT count(*) AS count_1 FROM capsule WHERE capsule.kind = :kind_1', {'kind_1': 'pipeline'})
COUNT_RUNS = Statement('SELECT count(*) AS count_1 FROM computation')
COUNT_DATA_ASSETS = Statement('SELECT count(*) AS count_1 FROM dataasset')
NEWEST_CAPSULE = Statement('SELECT max(capsule.created) AS max_1 FROM capsule')
NEWEST_RUN = Statement('SELECT max(computation.created) AS max_1 FROM computation')
NEWEST_DATA_ASSET = Statement('SELECT max(dataasset.created) AS max_1 FROM dataasset')

-- A world that the release with schema 5 has written. Entries of the search index are made anew.
CREATE TABLE bucket (
	name VARCHAR NOT NULL,
	origin VARCHAR NOT NULL,
	public BOOLEAN NOT NULL,
	tree VARCHAR NOT NULL,
	PRIMARY KEY (name)
);
CREATE TABLE capsule (
	id VARCHAR NOT NULL,
	kind VARCHAR NOT NULL,
	slug VARCHAR NOT NULL,
	name VARCHAR NOT NULL,
	owner VARCHAR NOT NULL,
	created FLOAT NOT NULL,
	last_accessed FLOAT,
	status VARCHAR NOT NULL,
	description VARCHAR,
	tags JSON NOT NULL,
	archived BOOLEAN NOT NULL,
	more JSON NOT NULL,
	panel JSON NOT NULL,
	page JSON NOT NULL,
	workspace JSON NOT NULL,
	attached JSON NOT NULL,
	processes JSON NOT NULL,
	scenario VARCHAR NOT NULL,
	tree VARCHAR NOT NULL,
	PRIMARY KEY (id)
);
CREATE TABLE computation (
	id VARCHAR NOT NULL,
	capsule_id VARCHAR NOT NULL,
	kind VARCHAR NOT NULL,
	owner VARCHAR NOT NULL,
	created FLOAT NOT NULL,
	name VARCHAR NOT NULL,
	"plan" JSON NOT NULL,
	asked JSON NOT NULL,
	log VARCHAR,
	released BOOLEAN NOT NULL,
	cloud_workstation BOOLEAN NOT NULL,
	tree VARCHAR NOT NULL,
	own_tree BOOLEAN NOT NULL,
	settles FLOAT NOT NULL,
	PRIMARY KEY (id)
);
CREATE TABLE dataasset (
	id VARCHAR NOT NULL,
	name VARCHAR NOT NULL,
	mount VARCHAR NOT NULL,
	owner VARCHAR NOT NULL,
	created FLOAT NOT NULL,
	last_used FLOAT NOT NULL,
	type VARCHAR NOT NULL,
	description VARCHAR,
	tags JSON NOT NULL,
	archived BOOLEAN NOT NULL,
	external BOOLEAN NOT NULL,
	"plan" JSON NOT NULL,
	files INTEGER,
	size INTEGER,
	tree VARCHAR NOT NULL,
	more JSON NOT NULL,
	settles FLOAT NOT NULL,
	PRIMARY KEY (id)
);
CREATE TABLE entry (
	doc INTEGER NOT NULL,
	id VARCHAR NOT NULL,
	kind VARCHAR NOT NULL,
	created INTEGER NOT NULL,
	name VARCHAR NOT NULL,
	type VARCHAR,
	size INTEGER,
	last_accessed INTEGER,
	folded_name VARCHAR NOT NULL,
	name_words VARCHAR NOT NULL,
	tags_words VARCHAR NOT NULL,
	description_words VARCHAR NOT NULL,
	more_words VARCHAR NOT NULL,
	facets VARCHAR NOT NULL,
	numbers VARCHAR NOT NULL,
	PRIMARY KEY (doc),
	UNIQUE (id)
);
CREATE TABLE fault (
	place INTEGER NOT NULL,
	state JSON NOT NULL,
	PRIMARY KEY (place)
);
CREATE TABLE favorite (
	user_id VARCHAR NOT NULL,
	entity_id VARCHAR NOT NULL,
	PRIMARY KEY (user_id, entity_id)
);
CREATE TABLE grant (
	entity_id VARCHAR NOT NULL,
	subject VARCHAR NOT NULL,
	role INTEGER NOT NULL,
	PRIMARY KEY (entity_id, subject)
);
CREATE TABLE releasejob (
	id VARCHAR NOT NULL,
	capsule_id VARCHAR NOT NULL,
	release_capsule VARCHAR NOT NULL,
	"plan" JSON NOT NULL,
	major_version INTEGER NOT NULL,
	error VARCHAR,
	settles FLOAT NOT NULL,
	PRIMARY KEY (id)
);
CREATE TABLE scenario (
	place INTEGER NOT NULL,
	name VARCHAR NOT NULL,
	kind VARCHAR NOT NULL,
	spec JSON NOT NULL,
	tree VARCHAR NOT NULL,
	matched INTEGER NOT NULL,
	PRIMARY KEY (place)
);
CREATE TABLE stretch (
	place INTEGER NOT NULL,
	mark INTEGER NOT NULL,
	PRIMARY KEY (place)
);
CREATE TABLE token (
	token VARCHAR NOT NULL,
	user_id VARCHAR NOT NULL,
	scopes JSON NOT NULL,
	PRIMARY KEY (token)
);
CREATE TABLE tree (
	hash VARCHAR NOT NULL,
	entries JSON NOT NULL,
	PRIMARY KEY (hash)
);
CREATE TABLE user (
	id VARCHAR NOT NULL,
	email VARCHAR NOT NULL,
	name VARCHAR NOT NULL,
	admin BOOLEAN NOT NULL,
	groups JSON NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (email)
);
CREATE TABLE world (
	id INTEGER NOT NULL,
	random_seed INTEGER NOT NULL,
	ids_given INTEGER NOT NULL,
	epoch INTEGER NOT NULL,
	revision INTEGER NOT NULL,
	origin JSON NOT NULL,
	custom_metadata JSON NOT NULL,
	clock_real FLOAT NOT NULL,
	clock_virtual FLOAT NOT NULL,
	clock_scale FLOAT NOT NULL,
	clock_skipping BOOLEAN NOT NULL,
	PRIMARY KEY (id)
);
CREATE TABLE stale (id VARCHAR NOT NULL PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE moves (count INTEGER NOT NULL);
CREATE VIRTUAL TABLE term USING fts5 (terms, content='', columnsize=0, detail=none, tokenize='ascii');
INSERT INTO "capsule" VALUES('aaaaaaaa-0000-4000-8000-000000000001','capsule','1000001','Old capsule','9b17d7b7-8b48-461a-95c6-ddb1a00a4e49',1700000000.0,1800000000.0,'non_release',NULL,'[]',0,'{}','[]','{}','{"git":{"ahead":0,"behind":0,"new_branch":false,"uncommitted_files":false,"default_branch":true},"release":{"outcome":"completed","issues":[]}}','[{"id":"cccccccc-0000-4000-8000-000000000001","mount":"plain","job":"75970bf3-867c-4fe4-b5a1-c062a5ffc3b0","plan":{"started":1800000063.0,"stages":[["mounting",1.878]],"end":["mounted",null,null,false,null],"scenario":"succeeds"},"waits":true},{"id":"cccccccc-0000-4000-8000-000000000002","mount":"refused","job":"7c9fdaab-37f1-4af9-8f75-5d505a868599","plan":{"started":1800000063.0,"stages":[["mounting",1.234]],"end":["failed",null,null,false,"no room"],"scenario":"refused"},"waits":false},{"id":"cccccccc-0000-4000-8000-000000000003","mount":"hollow","job":"3908a426-ff05-413e-b1ea-62d3178cab9c","plan":{"started":1800000063.0,"stages":[["mounting",1.066]],"end":["mounted",null,null,false,null],"scenario":"silent-failure"},"waits":false,"there":false},{"id":"cccccccc-0000-4000-8000-000000000004","mount":"slow","job":"2a5b71eb-e1a4-4de7-84ab-4f0de1ad3213","plan":{"started":1800000063.0,"stages":[["mounting",3600.0]],"end":["mounted",null,null,false,null],"scenario":"slowly"},"waits":false}]','[]','succeeds','a0e7b330813d75c789feb8cc70352644');
INSERT INTO "capsule" VALUES('aaaaaaaa-0000-4000-8000-000000000002','capsule','1000002','Old failure','9b17d7b7-8b48-461a-95c6-ddb1a00a4e49',1700000000.0,1800000000.0,'non_release',NULL,'[]',0,'{}','[]','{}','{"git":{"ahead":0,"behind":0,"new_branch":false,"uncommitted_files":false,"default_branch":true},"release":{"outcome":"completed","issues":[]}}','[]','[]','fails','');
INSERT INTO "capsule" VALUES('aaaaaaaa-0000-4000-8000-000000000003','pipeline','1000003','Old pipeline','9b17d7b7-8b48-461a-95c6-ddb1a00a4e49',1700000001.0,1800000123.0,'non_release',NULL,'[]',0,'{}','[]','{}','{"git":{"ahead":0,"behind":0,"new_branch":false,"uncommitted_files":false,"default_branch":true},"release":{"outcome":"completed","issues":[]}}','[]','[{"name":"plain","capsule_id":"aaaaaaaa-0000-4000-8000-000000000001","public":false,"parameters":[]},{"name":"given","capsule_id":"aaaaaaaa-0000-4000-8000-000000000002","version":2,"public":true,"parameters":[{"name":"Rows","param_name":"rows","type":"text"}]}]','succeeds','af1611ac871ca0ab1e9bf4701125dd16');
INSERT INTO "computation" VALUES('bbbbbbbb-0000-4000-8000-000000000001','aaaaaaaa-0000-4000-8000-000000000001','capsule','9b17d7b7-8b48-461a-95c6-ddb1a00a4e49',1700000200.0,'Run 200','{"started":1700000200,"stages":[["initializing",60.0],["running",1000000000000000.0]],"end":["completed","stopped",0,false,null],"scenario":""}','{"parameters":[],"data_assets":[],"processes":[]}',NULL,0,1,'a8f2f61446413dc56209ca0d455ee8e3',1,1.00000170000026e+15);
INSERT INTO "computation" VALUES('2a6ba5dd-56d6-4715-a003-362213d6767e','aaaaaaaa-0000-4000-8000-000000000001','capsule','9b17d7b7-8b48-461a-95c6-ddb1a00a4e49',1800000000.0,'Run 0','{"started":1800000000.0,"stages":[["initializing",1.233],["running",5.354],["finalizing",1.062]],"end":["completed","succeeded",0,true,null],"scenario":"succeeds"}','{"parameters":[],"data_assets":[],"processes":[]}','Run completed.',0,0,'a0e7b330813d75c789feb8cc70352644',0,1.8000000076490001678e+09);
INSERT INTO "computation" VALUES('def5d4b4-6b5b-403d-b324-c7900dce3fae','aaaaaaaa-0000-4000-8000-000000000001','capsule','9b17d7b7-8b48-461a-95c6-ddb1a00a4e49',1800000000.0,'Run 0','{"started":1800000000.0,"stages":[["initializing",1.202],["running",1.798],["finalizing",0.0]],"end":["completed","stopped",0,false,null],"scenario":"succeeds"}','{"parameters":[],"data_assets":[],"processes":[]}','Run completed.',0,0,'a0e7b330813d75c789feb8cc70352644',0,1800000003.0);
INSERT INTO "computation" VALUES('65813383-6ea0-4f37-9e00-0ef73f89bce3','aaaaaaaa-0000-4000-8000-000000000001','capsule','9b17d7b7-8b48-461a-95c6-ddb1a00a4e49',1800000000.0,'Run 0','{"started":1800000000.0,"stages":[["initializing",1.36],["running",5.594],["finalizing",1.432]],"end":["completed","succeeded",0,false,null],"scenario":"nothing"}','{"parameters":[],"data_assets":[],"processes":[]}','Run completed.',0,0,'a0e7b330813d75c789feb8cc70352644',0,1.80000000838600015644e+09);
INSERT INTO "computation" VALUES('9c007e08-0b0e-4f1b-aae9-ae76597b9acf','aaaaaaaa-0000-4000-8000-000000000002','capsule','9b17d7b7-8b48-461a-95c6-ddb1a00a4e49',1800000000.0,'Run 0','{"started":1800000000.0,"stages":[["initializing",1.082],["running",5.288],["finalizing",1.457]],"end":["completed","failed",1,true,null],"scenario":"fails"}','{"parameters":[],"data_assets":[],"processes":[]}','Traceback (most recent call last):
RuntimeError: the script failed',0,0,'',0,1.80000000782700014115e+09);
INSERT INTO "computation" VALUES('0910324e-aace-46f4-b481-34f414bb1723','aaaaaaaa-0000-4000-8000-000000000003','pipeline','9b17d7b7-8b48-461a-95c6-ddb1a00a4e49',1800000000.0,'Run 0','{"started":1800000000.0,"stages":[["initializing",1.401],["running",4.594],["finalizing",1.048]],"end":["completed","succeeded",0,true,null],"scenario":"succeeds"}','{"parameters":[],"data_assets":[],"processes":[{"name":"plain","capsule_id":"aaaaaaaa-0000-4000-8000-000000000001","public":false,"parameters":[]},{"name":"given","capsule_id":"aaaaaaaa-0000-4000-8000-000000000002","version":2,"public":true,"parameters":[{"name":"Rows","param_name":"rows","value":"5"}]}]}','Run completed.',0,0,'af1611ac871ca0ab1e9bf4701125dd16',0,1.80000000704300022131e+09);
INSERT INTO "computation" VALUES('be3d31aa-fca1-4548-887b-57912275b241','aaaaaaaa-0000-4000-8000-000000000003','pipeline','9b17d7b7-8b48-461a-95c6-ddb1a00a4e49',1800000123.0,'Run 123','{"started":1800000123.0,"stages":[["initializing",1.03],["running",4.897],["finalizing",1.202]],"end":["completed","succeeded",0,true,null],"scenario":"succeeds"}','{"parameters":[],"data_assets":[],"processes":[{"name":"plain","capsule_id":"aaaaaaaa-0000-4000-8000-000000000001","public":false},{"name":"given","capsule_id":"aaaaaaaa-0000-4000-8000-000000000002","version":2,"public":true}]}','Run completed.',0,0,'af1611ac871ca0ab1e9bf4701125dd16',0,1.80000013012900018684e+09);
INSERT INTO "dataasset" VALUES('cccccccc-0000-4000-8000-000000000001','plain','plain','9b17d7b7-8b48-461a-95c6-ddb1a00a4e49',1700000000.0,1800000063.0,'dataset',NULL,'[]',0,0,'{"started":1700000000,"stages":[],"end":["ready",null,null,false,null],"scenario":""}',0,0,'','{}',1700000000.0);
INSERT INTO "dataasset" VALUES('cccccccc-0000-4000-8000-000000000002','refused','refused','9b17d7b7-8b48-461a-95c6-ddb1a00a4e49',1700000000.0,1800000063.0,'dataset',NULL,'[]',0,0,'{"started":1700000000,"stages":[],"end":["ready",null,null,false,null],"scenario":""}',0,0,'','{}',1700000000.0);
INSERT INTO "dataasset" VALUES('cccccccc-0000-4000-8000-000000000003','hollow','hollow','9b17d7b7-8b48-461a-95c6-ddb1a00a4e49',1700000000.0,1800000063.0,'dataset',NULL,'[]',0,0,'{"started":1700000000,"stages":[],"end":["ready",null,null,false,null],"scenario":""}',0,0,'','{}',1700000000.0);
INSERT INTO "dataasset" VALUES('cccccccc-0000-4000-8000-000000000004','slow','slow','9b17d7b7-8b48-461a-95c6-ddb1a00a4e49',1700000000.0,1800000063.0,'dataset',NULL,'[]',0,0,'{"started":1700000000,"stages":[],"end":["ready",null,null,false,null],"scenario":""}',0,0,'','{}',1700000000.0);
INSERT INTO "scenario" VALUES(1,'refused','attachment','{"name":"refused","when":{"name":"refused"},"kind":"attachment","failure_reason":"no room"}','',1);
INSERT INTO "scenario" VALUES(2,'hollow','attachment','{"name":"hollow","when":{"name":"hollow"},"mix":{"silent-failure":1},"kind":"attachment"}','',1);
INSERT INTO "scenario" VALUES(3,'slowly','attachment','{"name":"slowly","when":{"name":"slow"},"kind":"attachment","mounting":[3600.0,3600.0]}','',1);
INSERT INTO "scenario" VALUES(4,'nothing','computation','{"name":"nothing","when":{"capsule":"aaaaaaaa-0000-4000-8000-000000000001","nth":3},"has_results":false}','',3);
INSERT INTO "token" VALUES('cop_ann','9b17d7b7-8b48-461a-95c6-ddb1a00a4e49','["capsule:read","capsule:write","data_asset:read","data_asset:write"]');
INSERT INTO "tree" VALUES('a0e7b330813d75c789feb8cc70352644','[{"path":"table.csv","text":"a,b\n1,2\n"}]');
INSERT INTO "tree" VALUES('af1611ac871ca0ab1e9bf4701125dd16','[{"path":"a/x.txt","text":"x"},{"path":"b/y.txt","text":"y"},{"path":"c/z.txt","text":"z"},{"path":"d/w.txt","text":"w"}]');
INSERT INTO "tree" VALUES('a8f2f61446413dc56209ca0d455ee8e3','[{"path":"notes.txt","text":"kept\n"}]');
INSERT INTO "user" VALUES('9b17d7b7-8b48-461a-95c6-ddb1a00a4e49','ann@example.com','Ann',0,'[]');
INSERT INTO "world" VALUES(1,7,2048,0,0,'{"seed":"empty","time_scale":1.0}','{"fields":[],"categories":[]}',1800000000.0,1800000126.0,0.0,0);
INSERT INTO "moves" VALUES(0);
CREATE INDEX ix_bucket_tree ON bucket (tree);
CREATE INDEX ix_capsule_tree ON capsule (tree);
CREATE INDEX ix_computation_tree ON computation (tree) WHERE own_tree;
CREATE INDEX ix_computation_capsule_id ON computation (capsule_id);
CREATE INDEX ix_dataasset_tree ON dataasset (tree);
CREATE INDEX ix_dataasset_settles ON dataasset (settles);
CREATE UNIQUE INDEX ix_entry_created ON entry (created, id);
CREATE INDEX ix_entry_last_accessed ON entry (kind, last_accessed, id) WHERE last_accessed IS NOT NULL;
CREATE INDEX ix_entry_name ON entry (kind, name, id) WHERE name IS NOT NULL;
CREATE INDEX ix_entry_size ON entry (kind, size, id) WHERE size IS NOT NULL;
CREATE INDEX ix_entry_type ON entry (kind, type, id) WHERE type IS NOT NULL;
CREATE INDEX ix_releasejob_release_capsule ON releasejob (release_capsule);
CREATE INDEX ix_releasejob_capsule_id ON releasejob (capsule_id);
CREATE TRIGGER dataasset_insert_is_seen AFTER INSERT ON dataasset BEGIN INSERT OR IGNORE INTO stale VALUES (new.id); END;
CREATE TRIGGER dataasset_delete_is_seen AFTER DELETE ON dataasset BEGIN INSERT OR IGNORE INTO stale VALUES (old.id); END;
CREATE TRIGGER dataasset_update_is_seen AFTER UPDATE OF name, description, tags, archived, external, type, size, owner, created, more ON dataasset BEGIN INSERT OR IGNORE INTO stale VALUES (old.id); INSERT OR IGNORE INTO stale VALUES (new.id); END;
CREATE TRIGGER capsule_insert_is_seen AFTER INSERT ON capsule BEGIN INSERT OR IGNORE INTO stale VALUES (new.id); END;
CREATE TRIGGER capsule_delete_is_seen AFTER DELETE ON capsule BEGIN INSERT OR IGNORE INTO stale VALUES (old.id); END;
CREATE TRIGGER capsule_update_is_seen AFTER UPDATE OF name, description, tags, archived, status, owner, created, last_accessed, attached, more ON capsule BEGIN INSERT OR IGNORE INTO stale VALUES (old.id); INSERT OR IGNORE INTO stale VALUES (new.id); END;
CREATE TRIGGER grant_insert_is_seen AFTER INSERT ON "grant" BEGIN INSERT OR IGNORE INTO stale VALUES (new.entity_id); END;
CREATE TRIGGER grant_delete_is_seen AFTER DELETE ON "grant" BEGIN INSERT OR IGNORE INTO stale VALUES (old.entity_id); END;
CREATE TRIGGER grant_update_is_seen AFTER UPDATE OF role, subject, entity_id ON "grant" BEGIN INSERT OR IGNORE INTO stale VALUES (old.entity_id); INSERT OR IGNORE INTO stale VALUES (new.entity_id); END;
CREATE TRIGGER favorite_insert_is_seen AFTER INSERT ON favorite BEGIN INSERT OR IGNORE INTO stale VALUES (new.entity_id); END;
CREATE TRIGGER favorite_delete_is_seen AFTER DELETE ON favorite BEGIN INSERT OR IGNORE INTO stale VALUES (old.entity_id); END;
CREATE TRIGGER favorite_update_is_seen AFTER UPDATE OF user_id, entity_id ON favorite BEGIN INSERT OR IGNORE INTO stale VALUES (old.entity_id); INSERT OR IGNORE INTO stale VALUES (new.entity_id); END;
INSERT INTO stale SELECT id FROM dataasset UNION SELECT id FROM capsule;

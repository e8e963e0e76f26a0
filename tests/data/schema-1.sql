-- A data directory of schema version 1, as SQL: the text of sqlite3's iterdump, with the two pragmas that it leaves out.
-- Made with commit 5917b9d, `codeocean-mock serve --random-seed 1 --time-scale 20`, from a seed of two users, their
-- tokens and two capsules, by the official SDK: a run with a parameter, waited for; its results captured as a data
-- asset; a run of eight hours with that data asset attached; a clean stop. It is never changed again.
PRAGMA application_id = 1129270603;
PRAGMA user_version = 1;
BEGIN TRANSACTION;
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
INSERT INTO "capsule" VALUES('1d8288da-0785-4e4f-aa37-2d1db3636bc4','capsule','1576467','Count words','9b17d7b7-8b48-461a-95c6-ddb1a00a4e49',1646687025.0,1.79555387370397543907e+09,'non_release',NULL,'[]',0,'{}','[{"name":"Number of rows","param_name":"rows","type":"text","default_value":"3"}]','{}','{"git":{"ahead":0,"behind":0,"new_branch":false,"uncommitted_files":false,"default_branch":true},"release":{"outcome":"completed","issues":[]}}','[]','[]','succeeds','19c6809773237a3cb71f0e1314c04d93');
INSERT INTO "capsule" VALUES('fa11ed00-0000-4000-8000-000000000003','capsule','9000003','Runs for eight hours','9b17d7b7-8b48-461a-95c6-ddb1a00a4e49',1700000003.0,1.79555407437652087216e+09,'non_release',NULL,'[]',0,'{}','[]','{}','{"git":{"ahead":0,"behind":0,"new_branch":false,"uncommitted_files":false,"default_branch":true},"release":{"outcome":"completed","issues":[]}}','[]','[]','slow','');
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
	PRIMARY KEY (id)
);
INSERT INTO "computation" VALUES('8b14de4e-c666-4c54-b7dc-5bcb17e6a95e','1d8288da-0785-4e4f-aa37-2d1db3636bc4','capsule','9b17d7b7-8b48-461a-95c6-ddb1a00a4e49',1.79555387370397543907e+09,'Run With Parameters 5553873','{"started":1795553873.7039754,"stages":[["initializing",1.392],["running",5.589],["finalizing",1.219]],"end":["completed","succeeded",0,true,null]}','{"parameters":[{"name":"Number of rows","param_name":"rows","value":"7"}],"data_assets":[],"processes":[]}','Run completed.',0,0,'19c6809773237a3cb71f0e1314c04d93');
INSERT INTO "computation" VALUES('0f6a98ce-becd-45bd-a1d0-6cd64c1a1740','fa11ed00-0000-4000-8000-000000000003','capsule','9b17d7b7-8b48-461a-95c6-ddb1a00a4e49',1.79555407437652087216e+09,'Run 5554074','{"started":1795554074.3765209,"stages":[["initializing",1.437],["running",28800.0],["finalizing",1.129]],"end":["completed","succeeded",0,true,null]}','{"parameters":[],"data_assets":[{"id":"a7a84cc1-dd5f-4db8-a8c1-0d4932a712e7","mount":"kept"}],"processes":[]}','Run completed.',0,0,'');
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
	PRIMARY KEY (id)
);
INSERT INTO "dataasset" VALUES('a7a84cc1-dd5f-4db8-a8c1-0d4932a712e7','Captured by an earlier release','kept','9b17d7b7-8b48-461a-95c6-ddb1a00a4e49',1.79555397409415221218e+09,1.79555407437652087216e+09,'result',NULL,'["kept"]',0,0,'{"started":1795553974.0941522,"stages":[["draft",2.559]],"end":["ready",null,null,false,null]}',3,1048625,'5a35bf3f6d92d4fe84c459a098fbe110','{"provenance":{"capsule":"1d8288da-0785-4e4f-aa37-2d1db3636bc4","commit":"c6bfffb12acbf370aa554a784866b7a86bb1098d","computation":"8b14de4e-c666-4c54-b7dc-5bcb17e6a95e","docker_image":"registry.codeocean.local/capsule/1d8288da-0785-4e4f-aa37-2d1db3636bc4:11c0f98e7f53b4ec51cd88f376d28f49","run_script":"code/run"},"app_parameters":[{"name":"rows","value":"7"}]}');
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
	PRIMARY KEY (id)
);
CREATE TABLE token (
	token VARCHAR NOT NULL, 
	user_id VARCHAR NOT NULL, 
	scopes JSON NOT NULL, 
	PRIMARY KEY (token)
);
INSERT INTO "token" VALUES('cop_demo_user','9b17d7b7-8b48-461a-95c6-ddb1a00a4e49','["capsule:read","capsule:write","data_asset:read","data_asset:write"]');
INSERT INTO "token" VALUES('cop_demo_admin','3f0c7c0e-54f5-4d0c-8a39-6c2b6f2b9c11','["capsule:read","capsule:write","data_asset:read","data_asset:write"]');
CREATE TABLE tree (
	hash VARCHAR NOT NULL, 
	entries JSON NOT NULL, 
	PRIMARY KEY (hash)
);
INSERT INTO "tree" VALUES('19c6809773237a3cb71f0e1314c04d93','[{"path":"table.csv","text":"row,value\n1,0.25\n"},{"path":"big.bin","generated":"1d8288da-0785-4e4f-aa37-2d1db3636bc4/big.bin","size":1048576}]');
INSERT INTO "tree" VALUES('5a35bf3f6d92d4fe84c459a098fbe110','[{"path":"output","text":"+ ./run --rows=7\nRun completed.\n"},{"path":"table.csv","text":"row,value\n1,0.25\n"},{"path":"big.bin","generated":"1d8288da-0785-4e4f-aa37-2d1db3636bc4/big.bin","size":1048576}]');
CREATE TABLE user (
	id VARCHAR NOT NULL, 
	email VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	admin BOOLEAN NOT NULL, 
	groups JSON NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (email)
);
INSERT INTO "user" VALUES('9b17d7b7-8b48-461a-95c6-ddb1a00a4e49','demo-user@example.com','Demo User',0,'[]');
INSERT INTO "user" VALUES('3f0c7c0e-54f5-4d0c-8a39-6c2b6f2b9c11','demo-admin@example.com','Demo Admin',1,'[]');
CREATE TABLE world (
	id INTEGER NOT NULL, 
	random_seed INTEGER NOT NULL, 
	ids_given INTEGER NOT NULL, 
	custom_metadata JSON NOT NULL, 
	clock_real FLOAT NOT NULL, 
	clock_virtual FLOAT NOT NULL, 
	clock_scale FLOAT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "world" VALUES(1,1,2048,'{"fields":[],"categories":[]}',1.795553871525983572e+09,1.795553871525983572e+09,20.0);
CREATE INDEX ix_bucket_tree ON bucket (tree);
CREATE INDEX ix_capsule_tree ON capsule (tree);
CREATE INDEX ix_capsule_name ON capsule (kind, name, id);
CREATE INDEX ix_computation_capsule_id ON computation (capsule_id);
CREATE INDEX ix_computation_tree ON computation (tree) WHERE log IS NULL;
CREATE INDEX ix_dataasset_tree ON dataasset (tree);
CREATE INDEX ix_dataasset_created ON dataasset (created, id);
CREATE INDEX ix_releasejob_capsule_id ON releasejob (capsule_id);
CREATE INDEX ix_releasejob_release_capsule ON releasejob (release_capsule);
COMMIT;

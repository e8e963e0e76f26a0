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
INSERT INTO "capsule" VALUES('aaaaaaaa-0000-4000-8000-000000000001','capsule','1000001','Old capsule','9b17d7b7-8b48-461a-95c6-ddb1a00a4e49',1700000000.0,1800000360.0,'non_release','Was there before.','["old"]',0,'{"release_capsule":"aaaaaaaa-0000-4000-8000-000000000002"}','[{"name":"Number of rows","param_name":"rows","type":"text","default_value":"3"}]','{}','{"git":{"ahead":0,"behind":0,"new_branch":false,"uncommitted_files":false,"default_branch":true},"release":{"outcome":"completed","issues":[]}}','[{"id":"cccccccc-0000-4000-8000-000000000001","mount":"old"}]','[]','succeeds','f9a91bc14b734e6853ecc2dcc96b049a');
INSERT INTO "capsule" VALUES('aaaaaaaa-0000-4000-8000-000000000002','capsule','1000002','Old capsule','9b17d7b7-8b48-461a-95c6-ddb1a00a4e49',1700000001.0,NULL,'release',NULL,'[]',0,'{"versions":[{"major_version":1,"minor_version":0,"release_time":1700000001}]}','[]','{}','{"git":{"ahead":0,"behind":0,"new_branch":false,"uncommitted_files":false,"default_branch":true},"release":{"outcome":"completed","issues":[]}}','[]','[]','succeeds','');
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
INSERT INTO "computation" VALUES('bbbbbbbb-0000-4000-8000-000000000001','aaaaaaaa-0000-4000-8000-000000000001','capsule','9b17d7b7-8b48-461a-95c6-ddb1a00a4e49',1700000100.0,'Run 100','{"started":1700000100,"stages":[["initializing",1.0],["running",10.0],["finalizing",1.0]],"end":["completed","succeeded",0,true,null]}','{"parameters":[],"data_assets":[],"processes":[]}','Run completed.',0,0,'f9a91bc14b734e6853ecc2dcc96b049a');
INSERT INTO "computation" VALUES('bbbbbbbb-0000-4000-8000-000000000002','aaaaaaaa-0000-4000-8000-000000000001','capsule','9b17d7b7-8b48-461a-95c6-ddb1a00a4e49',1700000200.0,'Run 200','{"started":1700000200,"stages":[["initializing",60.0],["running",1000000000000000.0]],"end":["completed","stopped",0,false,null]}','{"parameters":[],"data_assets":[],"processes":[]}',NULL,0,1,'a8f2f61446413dc56209ca0d455ee8e3');
INSERT INTO "computation" VALUES('2a6ba5dd-56d6-4715-a003-362213d6767e','aaaaaaaa-0000-4000-8000-000000000001','capsule','9b17d7b7-8b48-461a-95c6-ddb1a00a4e49',1800000000.0,'Run With Parameters 0','{"started":1800000000.0,"stages":[["initializing",1.233],["running",5.354],["finalizing",1.062]],"end":["completed","succeeded",0,true,null]}','{"parameters":[{"name":"Number of rows","param_name":"rows","value":"5"}],"data_assets":[],"processes":[]}','Run completed.',0,0,'f9a91bc14b734e6853ecc2dcc96b049a');
INSERT INTO "computation" VALUES('0910324e-aace-46f4-b481-34f414bb1723','aaaaaaaa-0000-4000-8000-000000000001','capsule','9b17d7b7-8b48-461a-95c6-ddb1a00a4e49',1800000360.0,'Run 360','{"started":1800000360.0,"stages":[["initializing",1.401],["running",4.594],["finalizing",1.048]],"end":["completed","succeeded",0,true,null]}','{"parameters":[],"data_assets":[{"id":"cccccccc-0000-4000-8000-000000000001","mount":"old"}],"processes":[]}','Run completed.',0,0,'f9a91bc14b734e6853ecc2dcc96b049a');
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
INSERT INTO "dataasset" VALUES('cccccccc-0000-4000-8000-000000000001','Old data','old','9b17d7b7-8b48-461a-95c6-ddb1a00a4e49',1700000000.0,1800000360.0,'dataset',NULL,'[]',0,0,'{"started":1700000000,"stages":[],"end":["ready",null,null,false,null]}',1,10,'810b32e6ca01e1197de70012671af8c8','{}');
INSERT INTO "dataasset" VALUES('def5d4b4-6b5b-403d-b324-c7900dce3fae','captured','captured','9b17d7b7-8b48-461a-95c6-ddb1a00a4e49',1800000120.0,0.0,'result',NULL,'["t"]',0,0,'{"started":1800000120.0,"stages":[["draft",1.966]],"end":["ready",null,null,false,null]}',3,5040,'bedbcef51c8c0a5699aec6a15a97930b','{"provenance":{"capsule":"aaaaaaaa-0000-4000-8000-000000000001","commit":"53dd69ae222fbc9469e63f1ae5e53f4aabcadbbb","computation":"2a6ba5dd-56d6-4715-a003-362213d6767e","docker_image":"registry.codeocean.local/capsule/aaaaaaaa-0000-4000-8000-000000000001:154771b132d45a05942256f58bcdc8b0","run_script":"code/run"},"app_parameters":[{"name":"rows","value":"5"}]}');
INSERT INTO "dataasset" VALUES('75970bf3-867c-4fe4-b5a1-c062a5ffc3b0','draft','draft','9b17d7b7-8b48-461a-95c6-ddb1a00a4e49',1800000362.0,0.0,'dataset',NULL,'[]',0,0,'{"started":1800000362.0,"stages":[["draft",1.513]],"end":["ready",null,null,false,null]}',37,150044398,'05f21613ae834f3319e4129853dc9fe4','{"source_bucket":{"origin":"aws","bucket":"b","prefix":"","external":false}}');
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
INSERT INTO "releasejob" VALUES('9c007e08-0b0e-4f1b-aae9-ae76597b9acf','aaaaaaaa-0000-4000-8000-000000000001','aaaaaaaa-0000-4000-8000-000000000002','{"started":1800000240.0,"stages":[["created",0.615],["started",3.037]],"end":["completed",null,null,false,null]}',2,NULL);
CREATE TABLE token (
	token VARCHAR NOT NULL, 
	user_id VARCHAR NOT NULL, 
	scopes JSON NOT NULL, 
	PRIMARY KEY (token)
);
INSERT INTO "token" VALUES('cop_ann','9b17d7b7-8b48-461a-95c6-ddb1a00a4e49','["capsule:read","capsule:write","data_asset:read","data_asset:write"]');
CREATE TABLE tree (
	hash VARCHAR NOT NULL, 
	entries JSON NOT NULL, 
	PRIMARY KEY (hash)
);
INSERT INTO "tree" VALUES('810b32e6ca01e1197de70012671af8c8','[{"path":"a.txt","text":"old bytes\n"}]');
INSERT INTO "tree" VALUES('f9a91bc14b734e6853ecc2dcc96b049a','[{"path":"table.csv","text":"a,b\n1,2\n"},{"path":"big.bin","generated":"aaaaaaaa-0000-4000-8000-000000000001/big.bin","size":5000}]');
INSERT INTO "tree" VALUES('a8f2f61446413dc56209ca0d455ee8e3','[{"path":"notes.txt","text":"kept\n"}]');
INSERT INTO "tree" VALUES('bedbcef51c8c0a5699aec6a15a97930b','[{"path":"output","text":"+ ./run --rows=5\nRun completed.\n"},{"path":"table.csv","text":"a,b\n1,2\n"},{"path":"big.bin","generated":"aaaaaaaa-0000-4000-8000-000000000001/big.bin","size":5000}]');
INSERT INTO "tree" VALUES('05f21613ae834f3319e4129853dc9fe4','[{"path":"","simulated":"b\u0000","files":37,"size":150044398}]');
CREATE TABLE user (
	id VARCHAR NOT NULL, 
	email VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	admin BOOLEAN NOT NULL, 
	groups JSON NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (email)
);
INSERT INTO "user" VALUES('9b17d7b7-8b48-461a-95c6-ddb1a00a4e49','ann@example.com','Ann',0,'[]');
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
INSERT INTO "world" VALUES(1,7,2048,'{"fields":[],"categories":[]}',1800000000.0,1800000000.0,2.0);
CREATE INDEX ix_bucket_tree ON bucket (tree);
CREATE INDEX ix_capsule_name ON capsule (kind, name, id);
CREATE INDEX ix_capsule_tree ON capsule (tree);
CREATE INDEX ix_computation_tree ON computation (tree) WHERE log IS NULL;
CREATE INDEX ix_computation_capsule_id ON computation (capsule_id);
CREATE INDEX ix_dataasset_created ON dataasset (created, id);
CREATE INDEX ix_dataasset_tree ON dataasset (tree);
CREATE INDEX ix_releasejob_capsule_id ON releasejob (capsule_id);
CREATE INDEX ix_releasejob_release_capsule ON releasejob (release_capsule);
COMMIT;

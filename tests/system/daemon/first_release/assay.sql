-- SPDX-License-Identifier: Apache-2.0
-- A farm's database as the first Assay left it, killed while run 5 was going: schema 0001 and what stood in it.
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE migration (version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at_us INTEGER NOT NULL) STRICT;
INSERT INTO migration VALUES(1,'0001_initial','a27f3fe09bff35ee5d68e4d53b03cb9979d92e2ea330202cfb072025f747c83b',1795382609000000);
CREATE TABLE meta (
	key TEXT PRIMARY KEY,
	value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO meta VALUES('farm_id','af749cc0e4c7d690');
CREATE TABLE organisation (
	name TEXT PRIMARY KEY,
	created_at_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO organisation VALUES('default',0);
CREATE TABLE token (
	name TEXT PRIMARY KEY,
	org TEXT NOT NULL REFERENCES organisation (name),
	role TEXT NOT NULL CHECK (role IN ('viewer', 'member', 'admin', 'agent')),
	hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
	created_at_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO token VALUES('admin','default','admin',X'6e9f0a8a979209b650ed4c863f1eaff9ac47e40394f2bb23337bab1d20e07c8e',1795382609396796);
INSERT INTO token VALUES('agent','default','agent',X'02c8f560dd2cdc23dc48715448e005a593046caad9529a6bebac7dcc1c29f8cb',1795382609398161);
CREATE TABLE board_type (
	name TEXT PRIMARY KEY,
	org TEXT NOT NULL REFERENCES organisation (name),
	body TEXT NOT NULL CHECK (json_valid(body)),
	changed_at_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO board_type VALUES('peer','default','{"type":"peer","arch":"armv7-m","description":"Spoken by a test","mcu":"none","memory":[{"kind":"flash","address":0,"size":1048576},{"kind":"ram","address":536870912,"size":1048576}],"identity":[],"vectors":0,"openocd":{"config":["target/none.cfg"]},"console":{"baud":115200}}',1795382609428121);
CREATE TABLE agent (
	name TEXT PRIMARY KEY,
	org TEXT NOT NULL REFERENCES organisation (name),
	version TEXT NOT NULL,
	boot TEXT NOT NULL,
	online INTEGER NOT NULL CHECK (online IN (0, 1)),
	seen_at_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO agent VALUES('peer1','default','0.0.0','00c0ffee',1,1795382609428102);
CREATE TABLE board (
	name TEXT PRIMARY KEY,
	org TEXT NOT NULL REFERENCES organisation (name),
	type TEXT NOT NULL,
	agent TEXT NOT NULL REFERENCES agent (name),
	state TEXT NOT NULL CHECK (state IN ('offline', 'idle', 'running', 'recovering', 'quarantined')),
	reason TEXT NOT NULL,
	unique_id TEXT NOT NULL,
	virtual INTEGER NOT NULL CHECK (virtual IN (0, 1)),
	fence INTEGER NOT NULL,
	changed_at_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO board VALUES('b1','default','peer','peer1','running','','',1,5,1795382609505588);
CREATE TABLE suite (
	name TEXT PRIMARY KEY,
	org TEXT NOT NULL REFERENCES organisation (name),
	version TEXT NOT NULL,
	text TEXT NOT NULL,
	changed_at_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO suite VALUES('reference','default','1',replace('# SPDX-License-Identifier: Apache-2.0\n# The reference qualification suite (firmware/suite): what a board with flash must show, and when its run is over.\nname: reference\nversion: "1"\nrequire:\n  banner: true\n  summaries: 1\n  groups:\n    - name: Hello\n      cases: [boots, data_initialised, bss_cleared, console_drains, build_id]\n    - name: Clock\n      cases: [tick_advances, delay_lasts, monotonic, wakes_from_sleep]\n    - name: Memory\n      cases: [march, address_lines, byte_lanes, stack_guard, stack_alignment]\n    - name: Flash\n      cases: [erase, program, bits_only_clear, image_untouched]\n    - name: Fault\n      cases: [undefined_instruction, bad_access, many_resume, frame_on_stack]\nend:\n  when: summary\n  silence: 5s\n  limit: 30s\n','\n',char(10)),1795382609395401);
INSERT INTO suite VALUES('reference-ram','default','1',replace('# SPDX-License-Identifier: Apache-2.0\n# The reference suite for boards that run from RAM and have no flash: group Flash must say so, by ignoring itself. A suite of\n# its own, so that a board with flash cannot pass by ignoring it.\nname: reference-ram\nversion: "1"\nrequire:\n  banner: true\n  summaries: 1\n  groups:\n    - name: Hello\n      cases: [boots, data_initialised, bss_cleared, console_drains, build_id]\n    - name: Clock\n      cases: [tick_advances, delay_lasts, monotonic, wakes_from_sleep]\n    - name: Memory\n      cases: [march, address_lines, byte_lanes, stack_guard, stack_alignment]\n    - name: Flash\n      cases: [erase, program, bits_only_clear, image_untouched]\n    - name: Fault\n      cases: [undefined_instruction, bad_access, many_resume, frame_on_stack]\n  ignored-ok: [Flash.*]\nend:\n  when: summary\n  silence: 5s\n  limit: 30s\n','\n',char(10)),1795382609395779);
CREATE TABLE image (
	sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
	org TEXT NOT NULL REFERENCES organisation (name),
	name TEXT NOT NULL,
	size_bytes INTEGER NOT NULL,
	body TEXT NOT NULL CHECK (json_valid(body)),
	owner TEXT NOT NULL,
	created_at_us INTEGER NOT NULL,
	PRIMARY KEY (sha256, org)
) STRICT, WITHOUT ROWID;
INSERT INTO image VALUES('fafb397347794df9f2b113ff8cf0357059bb281d67befc81188604fc65712c3a','default','peer.hex',100,'{"sha256":"fafb397347794df9f2b113ff8cf0357059bb281d67befc81188604fc65712c3a","size":100,"format":"hex","arch":"","entry":0,"build_id":"","segments":[{"address":0,"size":16},{"address":256,"size":16}]}','admin',1795382609434937);
CREATE TABLE job (
	id INTEGER PRIMARY KEY,
	org TEXT NOT NULL REFERENCES organisation (name),
	owner TEXT NOT NULL,
	name TEXT NOT NULL,
	suite TEXT NOT NULL,
	priority INTEGER NOT NULL,
	retries INTEGER NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'finished')),
	verdict TEXT NOT NULL,
	cause TEXT NOT NULL,
	text TEXT NOT NULL,
	cancel_wanted INTEGER NOT NULL CHECK (cancel_wanted IN (0, 1)),
	submitted_at_us INTEGER NOT NULL,
	finished_at_us INTEGER NOT NULL,
	spec TEXT NOT NULL CHECK (json_valid(spec)),
	CHECK ((state = 'finished') = (verdict <> 'none'))
) STRICT;
INSERT INTO job VALUES(1,'default','admin','passes','',50,0,'finished','passed','all-required-seen','1 of 1 runs passed',0,1795382609445354,1795382609451660,'{"name":"passes","priority":50,"retries":0,"runs":[{"type":"peer","image":"peer.hex","sha256":"fafb397347794df9f2b113ff8cf0357059bb281d67befc81188604fc65712c3a","count":1,"require":{"cases":[],"groups":[],"tests":1,"summaries":0,"banner":false,"ignored-ok":[],"resets":0},"end":{"when":"required","silence":"10s","limit":"2m","settle":"30ms"}}]}');
INSERT INTO job VALUES(2,'default','admin','fails','',50,0,'finished','failed','case-failed','0 of 1 runs passed; run 2 on b1: what the board printed',0,1795382609463054,1795382609465574,'{"name":"fails","priority":50,"retries":0,"runs":[{"type":"peer","image":"peer.hex","sha256":"fafb397347794df9f2b113ff8cf0357059bb281d67befc81188604fc65712c3a","count":1,"require":{"cases":[],"groups":[],"tests":1,"summaries":0,"banner":false,"ignored-ok":[],"resets":0},"end":{"when":"required","silence":"10s","limit":"2m","settle":"30ms"}}]}');
INSERT INTO job VALUES(3,'default','admin','retried','',50,1,'finished','passed','all-required-seen','1 of 1 runs passed, 1 on a further attempt',0,1795382609478966,1795382609485373,'{"name":"retried","priority":50,"retries":1,"runs":[{"type":"peer","image":"peer.hex","sha256":"fafb397347794df9f2b113ff8cf0357059bb281d67befc81188604fc65712c3a","count":1,"require":{"cases":[],"groups":[],"tests":1,"summaries":0,"banner":false,"ignored-ok":[],"resets":0},"end":{"when":"required","silence":"10s","limit":"2m","settle":"30ms"}}]}');
INSERT INTO job VALUES(4,'default','admin','open','',50,0,'running','none','none','',0,1795382609505552,0,'{"name":"open","priority":50,"retries":0,"runs":[{"type":"peer","image":"peer.hex","sha256":"fafb397347794df9f2b113ff8cf0357059bb281d67befc81188604fc65712c3a","count":1,"require":{"cases":[],"groups":[],"tests":1,"summaries":0,"banner":false,"ignored-ok":[],"resets":0},"end":{"when":"required","silence":"10s","limit":"2m","settle":"30ms"}}]}');
CREATE TABLE run (
	id INTEGER PRIMARY KEY,
	job INTEGER NOT NULL REFERENCES job (id) DEFERRABLE INITIALLY DEFERRED,
	org TEXT NOT NULL REFERENCES organisation (name),
	number INTEGER NOT NULL,
	spec INTEGER NOT NULL,
	attempt INTEGER NOT NULL,
	board_type TEXT NOT NULL,
	wanted_board TEXT NOT NULL,
	board TEXT NOT NULL,
	agent TEXT NOT NULL,
	fence INTEGER NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('queued', 'assigned', 'running', 'finished')),
	verdict TEXT NOT NULL,
	cause TEXT NOT NULL,
	text TEXT NOT NULL,
	image_sha256 TEXT NOT NULL,
	image_name TEXT NOT NULL,
	build_id TEXT NOT NULL,
	image_bytes INTEGER NOT NULL,
	passed INTEGER NOT NULL,
	failed INTEGER NOT NULL,
	ignored INTEGER NOT NULL,
	missing INTEGER NOT NULL,
	crashed INTEGER NOT NULL,
	error INTEGER NOT NULL,
	cases_total INTEGER NOT NULL,
	console_bytes INTEGER NOT NULL,
	console_dropped INTEGER NOT NULL,
	console_sha256 TEXT NOT NULL,
	core TEXT NOT NULL,
	have INTEGER NOT NULL,
	queued_at_us INTEGER NOT NULL,
	assigned_at_us INTEGER NOT NULL,
	started_at_us INTEGER NOT NULL,
	finished_at_us INTEGER NOT NULL,
	UNIQUE (job, number, attempt),
	CHECK ((state = 'finished') = (verdict <> 'none'))
) STRICT;
INSERT INTO run VALUES(1,1,'default',0,0,1,'peer','','b1','peer1',1,'finished','passed','all-required-seen','what the board printed','fafb397347794df9f2b113ff8cf0357059bb281d67befc81188604fc65712c3a','peer.hex','',100,1,0,0,0,0,0,1,87,0,'222fb13d2f7294b807471642ca5c77623057746ae6a24af720fec0b6a0befe78','',8,1795382609445370,1795382609445385,1795382609449872,1795382609451635);
INSERT INTO run VALUES(2,2,'default',0,0,1,'peer','','b1','peer1',2,'finished','failed','case-failed','what the board printed','fafb397347794df9f2b113ff8cf0357059bb281d67befc81188604fc65712c3a','peer.hex','',100,1,1,0,0,0,0,2,137,0,'41f16af71df96ce0bb3a66628318d23ad8129fd7a9565a422ab870eb2cc16594','',10,1795382609463070,1795382609463085,1795382609464695,1795382609465548);
INSERT INTO run VALUES(3,3,'default',0,0,1,'peer','','b1','peer1',3,'finished','infrastructure','probe','said by a test','fafb397347794df9f2b113ff8cf0357059bb281d67befc81188604fc65712c3a','peer.hex','',100,0,0,0,0,0,0,0,0,0,'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855','',3,1795382609478983,1795382609478999,1795382609481399,1795382609482133);
INSERT INTO run VALUES(4,3,'default',0,0,2,'peer','','b1','peer1',4,'finished','passed','all-required-seen','what the board printed','fafb397347794df9f2b113ff8cf0357059bb281d67befc81188604fc65712c3a','peer.hex','',100,1,0,0,0,0,0,1,87,0,'222fb13d2f7294b807471642ca5c77623057746ae6a24af720fec0b6a0befe78','',8,1795382609482152,1795382609482159,1795382609484598,1795382609485350);
INSERT INTO run VALUES(5,4,'default',0,0,1,'peer','','b1','peer1',5,'running','none','none','','fafb397347794df9f2b113ff8cf0357059bb281d67befc81188604fc65712c3a','peer.hex','',100,0,0,0,0,0,0,0,25,0,'','',3,1795382609505567,1795382609505582,1795382609509335,0);
CREATE TABLE step (
	run INTEGER NOT NULL REFERENCES run (id) DEFERRABLE INITIALLY DEFERRED,
	serial INTEGER NOT NULL,
	org TEXT NOT NULL REFERENCES organisation (name),
	step TEXT NOT NULL,
	phase TEXT NOT NULL CHECK (phase IN ('forward', 'back')),
	row INTEGER NOT NULL,
	ended INTEGER NOT NULL CHECK (ended IN (0, 1)),
	cause TEXT NOT NULL,
	text TEXT NOT NULL,
	begun_at_us INTEGER NOT NULL,
	took_us INTEGER NOT NULL,
	PRIMARY KEY (run, serial)
) STRICT, WITHOUT ROWID;
INSERT INTO step VALUES(1,1,'default','power-on','forward',0,1,'none','done',1795382609449763,1000);
INSERT INTO step VALUES(1,3,'default','flash','forward',1,1,'none','done',1795382609449935,1000);
INSERT INTO step VALUES(2,1,'default','power-on','forward',0,1,'none','done',1795382609464618,1000);
INSERT INTO step VALUES(2,3,'default','flash','forward',1,1,'none','done',1795382609465096,1000);
INSERT INTO step VALUES(3,1,'default','power-on','forward',0,1,'none','done',1795382609481312,1000);
INSERT INTO step VALUES(4,1,'default','power-on','forward',0,1,'none','done',1795382609484539,1000);
INSERT INTO step VALUES(4,3,'default','flash','forward',1,1,'none','done',1795382609484861,1000);
INSERT INTO step VALUES(5,1,'default','power-on','forward',0,1,'none','done',1795382609509264,1000);
CREATE TABLE case_result (
	run INTEGER NOT NULL REFERENCES run (id) DEFERRABLE INITIALLY DEFERRED,
	serial INTEGER NOT NULL,
	org TEXT NOT NULL REFERENCES organisation (name),
	suite_group TEXT NOT NULL,
	name TEXT NOT NULL,
	verdict TEXT NOT NULL,
	message TEXT NOT NULL,
	required INTEGER NOT NULL CHECK (required IN (0, 1)),
	waived_ignore INTEGER NOT NULL CHECK (waived_ignore IN (0, 1)),
	console_from INTEGER NOT NULL,
	console_to INTEGER NOT NULL,
	begun_at_us INTEGER NOT NULL,
	ended_at_us INTEGER NOT NULL,
	PRIMARY KEY (run, serial)
) STRICT, WITHOUT ROWID;
INSERT INTO case_result VALUES(1,6,'default','Hello','world','pass','',1,0,0,23,1763823002000000,1763823002000005);
INSERT INTO case_result VALUES(2,6,'default','Hello','world','pass','',1,0,0,23,1763823002000000,1763823002000005);
INSERT INTO case_result VALUES(2,8,'default','Hello','sums','fail','Expected 1 Was 2',1,0,25,71,1763823002000025,1763823002000030);
INSERT INTO case_result VALUES(4,6,'default','Hello','world','pass','',1,0,0,23,1763823002000000,1763823002000005);
CREATE TABLE lease (
	board TEXT NOT NULL REFERENCES board (name) DEFERRABLE INITIALLY DEFERRED,
	fence INTEGER NOT NULL,
	org TEXT NOT NULL REFERENCES organisation (name),
	run INTEGER NOT NULL REFERENCES run (id) DEFERRABLE INITIALLY DEFERRED,
	begun_at_us INTEGER NOT NULL,
	ended_at_us INTEGER NOT NULL,
	PRIMARY KEY (board, fence)
) STRICT, WITHOUT ROWID;
INSERT INTO lease VALUES('b1',1,'default',1,1795382609445385,1795382609451635);
INSERT INTO lease VALUES('b1',2,'default',2,1795382609463085,1795382609465548);
INSERT INTO lease VALUES('b1',3,'default',3,1795382609478999,1795382609482134);
INSERT INTO lease VALUES('b1',4,'default',4,1795382609482159,1795382609485350);
INSERT INTO lease VALUES('b1',5,'default',5,1795382609505582,0);
CREATE TABLE event (
	seq INTEGER PRIMARY KEY,
	at_us INTEGER NOT NULL,
	type TEXT NOT NULL,
	org TEXT NOT NULL REFERENCES organisation (name),
	job INTEGER NOT NULL,
	run INTEGER NOT NULL,
	board TEXT NOT NULL,
	body TEXT NOT NULL
) STRICT;
INSERT INTO event VALUES(1,1795382609395521,'suite.changed','default',0,0,'','{"seq":1,"at_us":1795382609395521,"type":"suite.changed","org":"default","suite":"reference","version":"1"}');
INSERT INTO event VALUES(2,1795382609395849,'suite.changed','default',0,0,'','{"seq":2,"at_us":1795382609395849,"type":"suite.changed","org":"default","suite":"reference-ram","version":"1"}');
INSERT INTO event VALUES(3,1795382609428104,'agent.online','default',0,0,'','{"seq":3,"at_us":1795382609428104,"type":"agent.online","org":"default","agent":"peer1","version":"0.0.0"}');
INSERT INTO event VALUES(4,1795382609428137,'board.changed','default',0,0,'b1','{"seq":4,"at_us":1795382609428137,"type":"board.changed","org":"default","board":"b1","board_type":"peer","agent":"peer1","state":"idle","reason":""}');
INSERT INTO event VALUES(5,1795382609445373,'job.submitted','default',1,0,'','{"seq":5,"at_us":1795382609445373,"type":"job.submitted","org":"default","job":1,"name":"passes","owner":"admin","suite":"","priority":50,"runs":1}');
INSERT INTO event VALUES(6,1795382609445380,'run.queued','default',1,1,'','{"seq":6,"at_us":1795382609445380,"type":"run.queued","org":"default","job":1,"run":1,"index":0,"attempt":1,"board_type":"peer","wanted_board":"","image":"peer.hex"}');
INSERT INTO event VALUES(7,1795382609445387,'run.assigned','default',1,1,'b1','{"seq":7,"at_us":1795382609445387,"type":"run.assigned","org":"default","job":1,"run":1,"board":"b1","index":0,"attempt":1,"board_type":"peer","agent":"peer1","fence":1}');
INSERT INTO event VALUES(8,1795382609445393,'board.changed','default',0,0,'b1','{"seq":8,"at_us":1795382609445393,"type":"board.changed","org":"default","board":"b1","board_type":"peer","agent":"peer1","state":"running","reason":"","leased_run":1,"leased_job":1}');
INSERT INTO event VALUES(9,1795382609449873,'run.started','default',1,1,'b1','{"seq":9,"at_us":1795382609449873,"type":"run.started","org":"default","job":1,"run":1,"board":"b1","index":0,"attempt":1,"board_type":"peer","agent":"peer1"}');
INSERT INTO event VALUES(10,1795382609449884,'step.begun','default',1,1,'b1','{"seq":10,"at_us":1795382609449884,"type":"step.begun","org":"default","job":1,"run":1,"board":"b1","rack_at_us":1795382609449763,"step":"power-on","phase":"forward","row":0}');
INSERT INTO event VALUES(11,1795382609450689,'step.ended','default',1,1,'b1','{"seq":11,"at_us":1795382609450689,"type":"step.ended","org":"default","job":1,"run":1,"board":"b1","rack_at_us":1795382609449906,"step":"power-on","phase":"forward","row":0,"cause":"none","text":"done","took_us":1000}');
INSERT INTO event VALUES(12,1795382609450733,'step.begun','default',1,1,'b1','{"seq":12,"at_us":1795382609450733,"type":"step.begun","org":"default","job":1,"run":1,"board":"b1","rack_at_us":1795382609449935,"step":"flash","phase":"forward","row":1}');
INSERT INTO event VALUES(13,1795382609450779,'step.ended','default',1,1,'b1','{"seq":13,"at_us":1795382609450779,"type":"step.ended","org":"default","job":1,"run":1,"board":"b1","rack_at_us":1795382609449953,"step":"flash","phase":"forward","row":1,"cause":"none","text":"done","took_us":1000}');
INSERT INTO event VALUES(14,1795382609451359,'case.ended','default',1,1,'b1','{"seq":14,"at_us":1795382609451359,"type":"case.ended","org":"default","job":1,"run":1,"board":"b1","rack_at_us":1795382609450563,"group":"Hello","name":"world","verdict":"pass","message":"","required":true,"offset":0,"end":23,"begun_at_us":1763823002000000,"ended_at_us":1763823002000005}');
INSERT INTO event VALUES(15,1795382609451639,'run.finished','default',1,1,'b1','{"seq":15,"at_us":1795382609451639,"type":"run.finished","org":"default","job":1,"run":1,"board":"b1","index":0,"attempt":1,"board_type":"peer","agent":"peer1","verdict":"passed","cause":"all-required-seen","text":"what the board printed","counts":{"passed":1,"failed":0,"ignored":0,"missing":0,"crashed":0,"error":0},"console_bytes":87}');
INSERT INTO event VALUES(16,1795382609451648,'board.changed','default',0,0,'b1','{"seq":16,"at_us":1795382609451648,"type":"board.changed","org":"default","board":"b1","board_type":"peer","agent":"peer1","state":"idle","reason":""}');
INSERT INTO event VALUES(17,1795382609451661,'job.finished','default',1,0,'','{"seq":17,"at_us":1795382609451661,"type":"job.finished","org":"default","job":1,"name":"passes","verdict":"passed","cause":"all-required-seen","text":"1 of 1 runs passed"}');
INSERT INTO event VALUES(18,1795382609463073,'job.submitted','default',2,0,'','{"seq":18,"at_us":1795382609463073,"type":"job.submitted","org":"default","job":2,"name":"fails","owner":"admin","suite":"","priority":50,"runs":1}');
INSERT INTO event VALUES(19,1795382609463079,'run.queued','default',2,2,'','{"seq":19,"at_us":1795382609463079,"type":"run.queued","org":"default","job":2,"run":2,"index":0,"attempt":1,"board_type":"peer","wanted_board":"","image":"peer.hex"}');
INSERT INTO event VALUES(20,1795382609463086,'run.assigned','default',2,2,'b1','{"seq":20,"at_us":1795382609463086,"type":"run.assigned","org":"default","job":2,"run":2,"board":"b1","index":0,"attempt":1,"board_type":"peer","agent":"peer1","fence":2}');
INSERT INTO event VALUES(21,1795382609463092,'board.changed','default',0,0,'b1','{"seq":21,"at_us":1795382609463092,"type":"board.changed","org":"default","board":"b1","board_type":"peer","agent":"peer1","state":"running","reason":"","leased_run":2,"leased_job":2}');
INSERT INTO event VALUES(22,1795382609464696,'run.started','default',2,2,'b1','{"seq":22,"at_us":1795382609464696,"type":"run.started","org":"default","job":2,"run":2,"board":"b1","index":0,"attempt":1,"board_type":"peer","agent":"peer1"}');
INSERT INTO event VALUES(23,1795382609464705,'step.begun','default',2,2,'b1','{"seq":23,"at_us":1795382609464705,"type":"step.begun","org":"default","job":2,"run":2,"board":"b1","rack_at_us":1795382609464618,"step":"power-on","phase":"forward","row":0}');
INSERT INTO event VALUES(24,1795382609465063,'step.ended','default',2,2,'b1','{"seq":24,"at_us":1795382609465063,"type":"step.ended","org":"default","job":2,"run":2,"board":"b1","rack_at_us":1795382609464966,"step":"power-on","phase":"forward","row":0,"cause":"none","text":"done","took_us":1000}');
INSERT INTO event VALUES(25,1795382609465134,'step.begun','default',2,2,'b1','{"seq":25,"at_us":1795382609465134,"type":"step.begun","org":"default","job":2,"run":2,"board":"b1","rack_at_us":1795382609465096,"step":"flash","phase":"forward","row":1}');
INSERT INTO event VALUES(26,1795382609465179,'step.ended','default',2,2,'b1','{"seq":26,"at_us":1795382609465179,"type":"step.ended","org":"default","job":2,"run":2,"board":"b1","rack_at_us":1795382609465147,"step":"flash","phase":"forward","row":1,"cause":"none","text":"done","took_us":1000}');
INSERT INTO event VALUES(27,1795382609465317,'case.ended','default',2,2,'b1','{"seq":27,"at_us":1795382609465317,"type":"case.ended","org":"default","job":2,"run":2,"board":"b1","rack_at_us":1795382609465269,"group":"Hello","name":"world","verdict":"pass","message":"","required":true,"offset":0,"end":23,"begun_at_us":1763823002000000,"ended_at_us":1763823002000005}');
INSERT INTO event VALUES(28,1795382609465415,'case.ended','default',2,2,'b1','{"seq":28,"at_us":1795382609465415,"type":"case.ended","org":"default","job":2,"run":2,"board":"b1","rack_at_us":1795382609465381,"group":"Hello","name":"sums","verdict":"fail","message":"Expected 1 Was 2","required":true,"offset":25,"end":71,"begun_at_us":1763823002000025,"ended_at_us":1763823002000030}');
INSERT INTO event VALUES(29,1795382609465552,'run.finished','default',2,2,'b1','{"seq":29,"at_us":1795382609465552,"type":"run.finished","org":"default","job":2,"run":2,"board":"b1","index":0,"attempt":1,"board_type":"peer","agent":"peer1","verdict":"failed","cause":"case-failed","text":"what the board printed","counts":{"passed":1,"failed":1,"ignored":0,"missing":0,"crashed":0,"error":0},"console_bytes":137}');
INSERT INTO event VALUES(30,1795382609465563,'board.changed','default',0,0,'b1','{"seq":30,"at_us":1795382609465563,"type":"board.changed","org":"default","board":"b1","board_type":"peer","agent":"peer1","state":"idle","reason":""}');
INSERT INTO event VALUES(31,1795382609465575,'job.finished','default',2,0,'','{"seq":31,"at_us":1795382609465575,"type":"job.finished","org":"default","job":2,"name":"fails","verdict":"failed","cause":"case-failed","text":"0 of 1 runs passed; run 2 on b1: what the board printed"}');
INSERT INTO event VALUES(32,1795382609478986,'job.submitted','default',3,0,'','{"seq":32,"at_us":1795382609478986,"type":"job.submitted","org":"default","job":3,"name":"retried","owner":"admin","suite":"","priority":50,"runs":1}');
INSERT INTO event VALUES(33,1795382609478993,'run.queued','default',3,3,'','{"seq":33,"at_us":1795382609478993,"type":"run.queued","org":"default","job":3,"run":3,"index":0,"attempt":1,"board_type":"peer","wanted_board":"","image":"peer.hex"}');
INSERT INTO event VALUES(34,1795382609479000,'run.assigned','default',3,3,'b1','{"seq":34,"at_us":1795382609479000,"type":"run.assigned","org":"default","job":3,"run":3,"board":"b1","index":0,"attempt":1,"board_type":"peer","agent":"peer1","fence":3}');
INSERT INTO event VALUES(35,1795382609479006,'board.changed','default',0,0,'b1','{"seq":35,"at_us":1795382609479006,"type":"board.changed","org":"default","board":"b1","board_type":"peer","agent":"peer1","state":"running","reason":"","leased_run":3,"leased_job":3}');
INSERT INTO event VALUES(36,1795382609481401,'run.started','default',3,3,'b1','{"seq":36,"at_us":1795382609481401,"type":"run.started","org":"default","job":3,"run":3,"board":"b1","index":0,"attempt":1,"board_type":"peer","agent":"peer1"}');
INSERT INTO event VALUES(37,1795382609481412,'step.begun','default',3,3,'b1','{"seq":37,"at_us":1795382609481412,"type":"step.begun","org":"default","job":3,"run":3,"board":"b1","rack_at_us":1795382609481312,"step":"power-on","phase":"forward","row":0}');
INSERT INTO event VALUES(38,1795382609481867,'step.ended','default',3,3,'b1','{"seq":38,"at_us":1795382609481867,"type":"step.ended","org":"default","job":3,"run":3,"board":"b1","rack_at_us":1795382609481741,"step":"power-on","phase":"forward","row":0,"cause":"none","text":"done","took_us":1000}');
INSERT INTO event VALUES(39,1795382609482137,'run.finished','default',3,3,'b1','{"seq":39,"at_us":1795382609482137,"type":"run.finished","org":"default","job":3,"run":3,"board":"b1","index":0,"attempt":1,"board_type":"peer","agent":"peer1","verdict":"infrastructure","cause":"probe","text":"said by a test","counts":{"passed":0,"failed":0,"ignored":0,"missing":0,"crashed":0,"error":0},"console_bytes":0}');
INSERT INTO event VALUES(40,1795382609482148,'board.changed','default',0,0,'b1','{"seq":40,"at_us":1795382609482148,"type":"board.changed","org":"default","board":"b1","board_type":"peer","agent":"peer1","state":"idle","reason":""}');
INSERT INTO event VALUES(41,1795382609482155,'run.queued','default',3,4,'','{"seq":41,"at_us":1795382609482155,"type":"run.queued","org":"default","job":3,"run":4,"index":0,"attempt":2,"board_type":"peer","wanted_board":"","image":"peer.hex"}');
INSERT INTO event VALUES(42,1795382609482161,'run.assigned','default',3,4,'b1','{"seq":42,"at_us":1795382609482161,"type":"run.assigned","org":"default","job":3,"run":4,"board":"b1","index":0,"attempt":2,"board_type":"peer","agent":"peer1","fence":4}');
INSERT INTO event VALUES(43,1795382609482165,'board.changed','default',0,0,'b1','{"seq":43,"at_us":1795382609482165,"type":"board.changed","org":"default","board":"b1","board_type":"peer","agent":"peer1","state":"running","reason":"","leased_run":4,"leased_job":3}');
INSERT INTO event VALUES(44,1795382609484600,'run.started','default',3,4,'b1','{"seq":44,"at_us":1795382609484600,"type":"run.started","org":"default","job":3,"run":4,"board":"b1","index":0,"attempt":2,"board_type":"peer","agent":"peer1"}');
INSERT INTO event VALUES(45,1795382609484607,'step.begun','default',3,4,'b1','{"seq":45,"at_us":1795382609484607,"type":"step.begun","org":"default","job":3,"run":4,"board":"b1","rack_at_us":1795382609484539,"step":"power-on","phase":"forward","row":0}');
INSERT INTO event VALUES(46,1795382609484983,'step.ended','default',3,4,'b1','{"seq":46,"at_us":1795382609484983,"type":"step.ended","org":"default","job":3,"run":4,"board":"b1","rack_at_us":1795382609484816,"step":"power-on","phase":"forward","row":0,"cause":"none","text":"done","took_us":1000}');
INSERT INTO event VALUES(47,1795382609484998,'step.begun','default',3,4,'b1','{"seq":47,"at_us":1795382609484998,"type":"step.begun","org":"default","job":3,"run":4,"board":"b1","rack_at_us":1795382609484861,"step":"flash","phase":"forward","row":1}');
INSERT INTO event VALUES(48,1795382609485048,'step.ended','default',3,4,'b1','{"seq":48,"at_us":1795382609485048,"type":"step.ended","org":"default","job":3,"run":4,"board":"b1","rack_at_us":1795382609484879,"step":"flash","phase":"forward","row":1,"cause":"none","text":"done","took_us":1000}');
INSERT INTO event VALUES(49,1795382609485322,'case.ended','default',3,4,'b1','{"seq":49,"at_us":1795382609485322,"type":"case.ended","org":"default","job":3,"run":4,"board":"b1","rack_at_us":1795382609485138,"group":"Hello","name":"world","verdict":"pass","message":"","required":true,"offset":0,"end":23,"begun_at_us":1763823002000000,"ended_at_us":1763823002000005}');
INSERT INTO event VALUES(50,1795382609485354,'run.finished','default',3,4,'b1','{"seq":50,"at_us":1795382609485354,"type":"run.finished","org":"default","job":3,"run":4,"board":"b1","index":0,"attempt":2,"board_type":"peer","agent":"peer1","verdict":"passed","cause":"all-required-seen","text":"what the board printed","counts":{"passed":1,"failed":0,"ignored":0,"missing":0,"crashed":0,"error":0},"console_bytes":87}');
INSERT INTO event VALUES(51,1795382609485362,'board.changed','default',0,0,'b1','{"seq":51,"at_us":1795382609485362,"type":"board.changed","org":"default","board":"b1","board_type":"peer","agent":"peer1","state":"idle","reason":""}');
INSERT INTO event VALUES(52,1795382609485375,'job.finished','default',3,0,'','{"seq":52,"at_us":1795382609485375,"type":"job.finished","org":"default","job":3,"name":"retried","verdict":"passed","cause":"all-required-seen","text":"1 of 1 runs passed, 1 on a further attempt"}');
INSERT INTO event VALUES(53,1795382609505570,'job.submitted','default',4,0,'','{"seq":53,"at_us":1795382609505570,"type":"job.submitted","org":"default","job":4,"name":"open","owner":"admin","suite":"","priority":50,"runs":1}');
INSERT INTO event VALUES(54,1795382609505577,'run.queued','default',4,5,'','{"seq":54,"at_us":1795382609505577,"type":"run.queued","org":"default","job":4,"run":5,"index":0,"attempt":1,"board_type":"peer","wanted_board":"","image":"peer.hex"}');
INSERT INTO event VALUES(55,1795382609505584,'run.assigned','default',4,5,'b1','{"seq":55,"at_us":1795382609505584,"type":"run.assigned","org":"default","job":4,"run":5,"board":"b1","index":0,"attempt":1,"board_type":"peer","agent":"peer1","fence":5}');
INSERT INTO event VALUES(56,1795382609505589,'board.changed','default',0,0,'b1','{"seq":56,"at_us":1795382609505589,"type":"board.changed","org":"default","board":"b1","board_type":"peer","agent":"peer1","state":"running","reason":"","leased_run":5,"leased_job":4}');
INSERT INTO event VALUES(57,1795382609509336,'run.started','default',4,5,'b1','{"seq":57,"at_us":1795382609509336,"type":"run.started","org":"default","job":4,"run":5,"board":"b1","index":0,"attempt":1,"board_type":"peer","agent":"peer1"}');
INSERT INTO event VALUES(58,1795382609509344,'step.begun','default',4,5,'b1','{"seq":58,"at_us":1795382609509344,"type":"step.begun","org":"default","job":4,"run":5,"board":"b1","rack_at_us":1795382609509264,"step":"power-on","phase":"forward","row":0}');
INSERT INTO event VALUES(59,1795382609509645,'step.ended','default',4,5,'b1','{"seq":59,"at_us":1795382609509645,"type":"step.ended","org":"default","job":4,"run":5,"board":"b1","rack_at_us":1795382609509588,"step":"power-on","phase":"forward","row":0,"cause":"none","text":"done","took_us":1000}');
CREATE INDEX board_agent ON board (agent);
CREATE INDEX job_org ON job (org, id);
CREATE INDEX job_open ON job (id) WHERE state <> 'finished';
CREATE INDEX run_open ON run (id) WHERE state <> 'finished';
CREATE INDEX run_board ON run (board, id);
CREATE UNIQUE INDEX lease_open ON lease (board) WHERE ended_at_us = 0;
CREATE INDEX lease_run ON lease (run);
CREATE INDEX event_job ON event (job, seq) WHERE job <> 0;
CREATE INDEX event_run ON event (run, seq) WHERE run <> 0;
CREATE INDEX event_board ON event (board, seq) WHERE board <> '';
COMMIT;
PRAGMA user_version=1;

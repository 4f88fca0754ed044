// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import test from "node:test";
import { applyBoardEvent, boardState, touchesRuns, withOlderRuns, withRuns } from "../src/model/board";
import {
	addOlderJobs,
	applyFarmEvent,
	boardCounts,
	farmState,
	jobsInOrder,
	waitingGroups,
} from "../src/model/farm";
import { cellLook, matrixOf, nightLook, sinceWords } from "../src/model/night";
import {
	applyJobEvent,
	applyRunEvent,
	countsSoFar,
	isLoud,
	isSuperseded,
	runOfEvent,
	runsInOrder,
	timeline,
} from "../src/model/run";
import { look, outcome, stepProgress } from "../src/model/steps";
import { hrefs, parseRoute } from "../src/route";
import type { Board, BoardRun, CaseResult, FarmEvent, Job, Night, NightCell, Run } from "../src/types";

const BOARD: Board = {
	name: "mb1",
	type: "microbit",
	agent: "rack1",
	state: "free",
	reason: "",
	unique_id: "42",
	virtual: true,
	simulated: false,
	run: null,
	job: null,
	changed_at_us: 1,
};

let seq = 0;
function event(type: string, fields: Partial<FarmEvent> = {}): FarmEvent {
	seq++;
	return { seq, at_us: seq * 1_000, type, ...fields };
}

// A job of one run from submit to verdict, as the farm tells it.
function story(): FarmEvent[] {
	const run = { job: 1, run: 7, board: "mb1", attempt: 1, index: 0, board_type: "microbit" };
	const step = (name: string, row: number) => ({
		job: 1,
		run: 7,
		board: "mb1",
		step: name,
		phase: "forward",
		row,
	});
	return [
		event("job.submitted", { job: 1, name: "nightly", suite: "reference", priority: 50 }),
		event("run.queued", { job: 1, run: 7, attempt: 1, index: 0, board_type: "microbit", wanted_board: "" }),
		event("run.assigned", { ...run, agent: "rack1" }),
		event("board.changed", {
			board: "mb1",
			state: "running",
			leased_run: 7,
			leased_job: 1,
			board_type: "microbit",
		}),
		event("run.started", { ...run, agent: "rack1" }),
		event("step.begun", step("power-on", 0)),
		event("step.ended", { ...step("power-on", 0), cause: "none", text: "on", took_us: 900 }),
		event("step.begun", step("capture", 5)),
		event("case.ended", {
			job: 1,
			run: 7,
			group: "Hello",
			name: "boots",
			verdict: "pass",
			offset: 10,
			end: 30,
		}),
		event("case.ended", {
			job: 1,
			run: 7,
			group: "Flash",
			name: "erases",
			verdict: "fail",
			offset: 30,
			end: 60,
		}),
		event("step.ended", { ...step("capture", 5), cause: "none", text: "summary", took_us: 5_000 }),
		event("run.finished", { ...run, verdict: "failed", cause: "case-failed", text: "Flash.erases failed" }),
		event("board.changed", { board: "mb1", state: "free", board_type: "microbit" }),
		event("job.finished", { job: 1, verdict: "failed", cause: "case-failed", text: "1 run failed" }),
	];
}

test("the overview follows a job from submit to verdict", () => {
	const state = farmState([BOARD], [], []);
	const events = story();
	const until = (type: string, from = 0) => events.findIndex((e, i) => i >= from && e.type === type) + 1;
	const apply = (list: FarmEvent[]) => {
		for (const one of list) applyFarmEvent(state, one, one.at_us + 50);
	};
	apply(events.slice(0, 2));
	assert.equal(state.queue.get(7)?.board_type, "microbit");
	assert.equal(jobsInOrder(state)[0]?.state, "queued");
	apply(events.slice(2, until("step.begun")));
	assert.equal(state.queue.size, 0);
	assert.equal(state.boards.get("mb1")?.state, "running");
	assert.equal(state.boards.get("mb1")?.run, 7);
	assert.equal(state.boards.get("mb1")?.unique_id, "42", "what an event does not tell stays");
	assert.equal(state.activity.get(7)?.step, "power-on");
	assert.equal(jobsInOrder(state)[0]?.state, "running");
	apply(events.slice(until("step.begun")));
	assert.equal(state.activity.size, 0);
	assert.deepEqual(boardCounts(state), [["free", 1]]);
	const [job] = jobsInOrder(state);
	assert.deepEqual([job?.state, job?.verdict, job?.text], ["finished", "failed", "1 run failed"]);
	assert.equal(state.skew_us, 50);
});

test("events that the snapshot holds already do no harm", () => {
	const state = farmState([BOARD], [], []);
	const events = story();
	for (const one of [...events, ...events]) applyFarmEvent(state, one, one.at_us);
	assert.equal(state.activity.size, 0);
	assert.equal(state.queue.size, 0);
	assert.equal(state.jobs.size, 1);
});

test("the overview keeps only the latest jobs", () => {
	const state = farmState([], [], []);
	for (let id = 1; id <= 100; id++)
		applyFarmEvent(state, event("job.submitted", { job: id, name: `job ${id}` }), 0);
	const shown = jobsInOrder(state);
	assert.equal(shown.length, 30);
	assert.equal(shown[0]?.id, 100);
	assert.equal(state.jobs.size, 30);
	const older = [70, 69].map((id) => ({ ...(shown[0] as Job), id, name: `job ${id}` }));
	addOlderJobs(state, older);
	assert.equal(jobsInOrder(state).length, 32);
	assert.equal(jobsInOrder(state)[31]?.id, 69);
	applyFarmEvent(state, event("job.submitted", { job: 101, name: "job 101" }), 0);
	assert.equal(jobsInOrder(state).length, 32);
	assert.equal(jobsInOrder(state)[0]?.id, 101);
});

test("a run is built from its events, each counted once", () => {
	const events = story();
	const queued = events[1];
	assert.ok(queued);
	let run = runOfEvent(queued);
	for (const one of [...events, ...events.slice(4, 11)]) run = applyRunEvent(run, one);
	assert.deepEqual(
		run.steps.map((step) => [step.step, step.took_us]),
		[
			["power-on", 900],
			["capture", 5_000],
		],
	);
	assert.equal(run.cases.length, 2);
	assert.deepEqual([countsSoFar(run).passed, countsSoFar(run).failed], [1, 1]);
	assert.equal(run.board, "mb1");
	const finished = applyRunEvent(run, events[11] as FarmEvent);
	assert.equal(outcome(finished), "failed");
	assert.equal(finished.text, "Flash.erases failed");
});

test("the last word of a case counts", () => {
	const told = (verdict: string, offset: number, end: number) =>
		event("case.ended", { job: 1, run: 7, group: "Hello", name: "boots", verdict, offset, end });
	const other = event("case.ended", { job: 1, run: 7, group: "Flash", name: "erases", verdict: "pass" });
	const begun = runOfEvent(event("run.queued", { job: 1, run: 7 }));
	const run = [told("pass", 10, 30), other, told("error", 10, 60)].reduce(applyRunEvent, begun);
	assert.deepEqual(
		run.cases.map((result) => [result.name, result.verdict, result.end]),
		[
			["boots", "error", 60],
			["erases", "pass", 0],
		],
	);
	assert.equal(countsSoFar(run).passed, 1);
	assert.equal(applyRunEvent(run, told("error", 10, 60)), run, "told twice, it changes nothing");
});

test("events of other runs leave a run untouched", () => {
	const run = runOfEvent(event("run.queued", { run: 9, job: 3 }));
	assert.equal(applyRunEvent(run, event("run.finished", { run: 8, verdict: "passed" })), run);
});

test("a job grows by attempts, and the last one counts", () => {
	let job: Job = {
		id: 1,
		name: "n",
		suite: "",
		priority: 50,
		state: "queued",
		verdict: "none",
		cause: "none",
		text: "",
		submitted_at_us: 1,
		finished_at_us: 0,
		runs: [],
	};
	const events = [
		event("run.queued", { job: 1, run: 1, index: 0, attempt: 1 }),
		event("run.started", { job: 1, run: 1, index: 0, attempt: 1, board: "mb1" }),
		event("run.finished", {
			job: 1,
			run: 1,
			index: 0,
			attempt: 1,
			verdict: "infrastructure",
			text: "probe died",
		}),
		event("run.queued", { job: 1, run: 2, index: 0, attempt: 2 }),
		event("run.finished", { job: 1, run: 2, index: 0, attempt: 2, verdict: "passed" }),
		event("job.finished", { job: 1, verdict: "passed", text: "" }),
	];
	for (const one of events) job = applyJobEvent(job, one);
	const runs = job.runs ?? [];
	assert.deepEqual(
		runs.map((run) => [run.id, outcome(run), isSuperseded(run, runs)]),
		[
			[1, "infrastructure", true],
			[2, "passed", false],
		],
	);
	assert.equal(outcome(job), "passed");
});

test("of a job that is over the runs that did not pass come first", () => {
	const of = (id: number, index: number, attempt: number, verdict: Run["verdict"]) =>
		({ id, index, attempt, verdict }) as Run;
	const runs = [
		of(1, 0, 1, "passed"),
		of(2, 1, 1, "infrastructure"),
		of(3, 1, 2, "passed"),
		of(4, 2, 1, "failed"),
	];
	const ids = (state: Job["state"]) => runsInOrder({ state, runs } as Job).map((run) => run.id);
	assert.deepEqual(ids("running"), [1, 2, 3, 4]);
	assert.deepEqual(ids("finished"), [4, 1, 2, 3]);
});

test("the time axis holds every step, the open one until now", () => {
	const { rows, total_us } = timeline(
		[
			{ step: "a", phase: "forward", row: 0, begun_at_us: 100, took_us: 50, cause: "none" },
			{ step: "b", phase: "forward", row: 1, begun_at_us: 150, took_us: 20, cause: "probe" },
			{ step: "c", phase: "back", row: 0, begun_at_us: 200 },
		],
		1_100,
	);
	assert.deepEqual(
		rows.map((row) => [row.begun_us, row.took_us, row.open, row.good]),
		[
			[0, 50, false, true],
			[50, 20, false, false],
			[100, 900, true, true],
		],
	);
	assert.equal(total_us, 1_000);
	assert.equal(timeline([], 5).rows.length, 0);
});

test("every word has a look, and none relies on colour alone", () => {
	for (const word of ["passed", "failed", "infrastructure", "crashed", "quarantined"])
		assert.notEqual(look(word).sign, "·", word);
	assert.equal(look("something-new").word, "something-new");
	assert.ok(stepProgress("power-on") < stepProgress("capture"));
	assert.equal(stepProgress("unheard-of"), 0.5);
});

test("a case is loud that failed, and not what was allowed or expected", () => {
	const result = (verdict: string, standing = "") => ({ verdict, standing }) as CaseResult;
	for (const verdict of ["fail", "missing", "crashed", "error"]) assert.ok(isLoud(result(verdict)), verdict);
	for (const verdict of ["pass", "ignored"]) assert.ok(!isLoud(result(verdict)), verdict);
	for (const standing of ["waived", "expected", "optional"]) assert.ok(!isLoud(result("fail", standing)));
	assert.ok(isLoud(result("pass", "unexpected-pass")));
});

test("a board's page keeps the newest runs first, and each once", () => {
	const run = (id: number, state: string) => ({ id, state }) as BoardRun;
	let state = boardState(BOARD, [run(9, "running"), run(7, "finished")], 2);
	assert.ok(state.more);
	state = withRuns(state, [run(10, "assigned"), run(9, "finished")]);
	assert.deepEqual(
		state.runs.map(({ id, state }) => `${id} ${state}`),
		["10 assigned", "9 finished", "7 finished"],
	);
	assert.ok(state.more);
	state = withOlderRuns(state, [run(3, "finished")], 2);
	assert.deepEqual(
		state.runs.map(({ id }) => id),
		[10, 9, 7, 3],
	);
	assert.ok(!state.more);
});

test("a board's page follows its own board", () => {
	const state = boardState(BOARD, [], 2);
	const changed = applyBoardEvent(
		state,
		event("board.changed", { board: "mb1", state: "running", leased_run: 4, reason: "" }),
	);
	assert.equal(changed.board.state, "running");
	assert.equal(changed.board.run, 4);
	assert.equal(applyBoardEvent(state, event("board.changed", { board: "mb2", state: "offline" })), state);
	assert.ok(touchesRuns(event("run.finished", { run: 4 })));
	assert.ok(!touchesRuns(event("step.begun", { run: 4 })));
});

test("an address names its page", () => {
	assert.deepEqual(parseRoute("#/boards/rack%201.a"), { page: "board", name: "rack 1.a" });
	assert.deepEqual(parseRoute(hrefs.board("a/b")), { page: "board", name: "a/b" });
	assert.deepEqual(parseRoute("#/boards/%E0"), { page: "board", name: "%E0" });
	assert.deepEqual(parseRoute("#/runs/12"), { page: "run", id: 12 });
	assert.equal(parseRoute("#/boards").page, "unknown");
	for (const page of ["queue", "leases", "nights", "racks"] as const) {
		assert.deepEqual(parseRoute(hrefs[page]), { page });
	}
	assert.deepEqual(parseRoute(hrefs.night(4)), { page: "night", id: 4 });
	assert.equal(parseRoute("#/nights/4/5").page, "unknown");
});

const noCounts = {
	id: 1,
	schedule: "nightly",
	state: "finished",
	text: "",
	counts: null,
} as unknown as Night;

test("a night looks as bad as the worst that changed", () => {
	const looks = (counts: Record<string, number>) => nightLook({ ...noCounts, counts });
	assert.deepEqual(looks({ same: 3 }), { tone: "good", sign: "✓", words: "3 unchanged" });
	assert.deepEqual(looks({ slower: 2, fixed: 1 }), { tone: "warn", sign: "~", words: "2 slower, 1 fixed" });
	assert.equal(looks({ slower: 1, "new-failure": 1 }).words, "1 new failure, 1 slower");
	assert.equal(looks({ slower: 1, "new-failure": 2 }).tone, "bad");
	assert.equal(looks({}).words, "no cases");
	const unrun = nightLook({ ...noCounts, counts: {}, not_run: 2 });
	assert.deepEqual(unrun, { tone: "warn", sign: "~", words: "2 not run" });
	assert.equal(nightLook(noCounts).words, "not summed up yet");
	assert.equal(nightLook({ ...noCounts, state: "running" }).tone, "busy");
	assert.equal(
		nightLook({ ...noCounts, state: "skipped", text: "the one before is not over" }).words,
		"the one before is not over",
	);
});

test("a cell of the matrix says how many cases passed, or why there is no result", () => {
	const cell: NightCell = {
		suite: "s",
		image: "i",
		type: "t",
		runs: 2,
		lost: 0,
		passed: 3,
		failed: 0,
		mixed: 0,
		missing: 0,
		ignored: 1,
	};
	assert.deepEqual(cellLook(cell), { tone: "good", words: "✓ 3" });
	assert.equal(cellLook({ ...cell, missing: 1 }).tone, "bad");
	assert.equal(cellLook({ ...cell, lost: 1 }).tone, "warn");
	assert.equal(cellLook({ ...cell, lost: 2 }).words, "no result");
	assert.equal(cellLook({ ...cell, why: "no such board" }).words, "not run");
	const other = { ...cell, image: "j" };
	const matrix = matrixOf([cell, { ...cell, type: "u", failed: 1 }, other, { ...other, suite: "r" }]);
	assert.deepEqual(matrix.types, ["t", "u"]);
	assert.deepEqual(
		matrix.suites.map(({ suite, rows }) => [
			suite,
			rows.map((row) => [row.image, row.cells.length, row.good]),
		]),
		[
			[
				"s",
				[
					["i", 2, false],
					["j", 2, true],
				],
			],
			["r", [["j", 2, true]]],
		],
	);
});

test("what is bad is told with the image since which it is", () => {
	const ann = { night: 3, sha256: "a".repeat(64), version: 2, dropped_by: "ann" };
	const stored = { night: 5, sha256: "c".repeat(64) };
	assert.equal(sinceWords(undefined, ann), "");
	assert.equal(sinceWords(stored, ann), "since image cccccccccccc (night 5), not with version 2 by ann");
	assert.equal(sinceWords(ann, undefined), "since version 2 by ann (night 3) or longer");
	assert.equal(
		sinceWords({ ...ann, night: 4, version: 3 }, ann),
		"since night 4, with the very image of night 3",
	);
});

test("runs of a job that wait for the same are told once", () => {
	const of = (run: number, job: number, waits: string) => ({
		run,
		job,
		waits,
		name: "",
		priority: 0,
		board_type: "t",
		board: "",
	});
	const groups = waitingGroups([of(1, 1, "a"), of(2, 1, "a"), of(3, 2, "a"), of(4, 1, "a"), of(5, 1, "b")]);
	assert.deepEqual(
		groups.map(({ entry, runs }) => [entry.run, runs]),
		[
			[1, 2],
			[3, 1],
			[4, 1],
			[5, 1],
		],
	);
});

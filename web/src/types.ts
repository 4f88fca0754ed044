// SPDX-License-Identifier: Apache-2.0
// The shapes of the HTTP API and the live websocket that the page uses. All times are unix microseconds; 0: not yet.

export type JobState = "queued" | "running" | "finished";
export type RunState = "queued" | "assigned" | "running" | "finished";
export type BoardState =
	| "offline"
	| "free"
	| "leased"
	| "running"
	| "recovering"
	| "suspect"
	| "quarantined"
	| "retired";
export type RunVerdict = "none" | "passed" | "failed" | "infrastructure" | "cancelled" | "inconclusive";
export type CaseVerdict = "pass" | "fail" | "ignored" | "missing" | "crashed" | "error";

export interface Counts {
	passed: number;
	failed: number;
	ignored: number;
	missing: number;
	crashed: number;
	error: number;
	waived: number;
	expected: number;
}

export type Standing = "" | "waived" | "expected" | "unexpected-pass" | "optional";

export interface Measurement {
	name: string;
	value?: number | null;
	unit: string;
	verdict: "unjudged" | "ok" | "out" | "missing";
	low?: number | null;
	high?: number | null;
	basis: string;
}

export interface Board {
	name: string;
	type: string;
	agent: string;
	state: BoardState;
	reason: string;
	unique_id: string;
	virtual: boolean;
	simulated: boolean;
	tags?: string[];
	run: number | null;
	job: number | null;
	changed_at_us: number;
	hold?: { state: "quarantined" | "retired"; by: string; why: string; at_us: number } | null;
	unproven?: string; // why it needs its health check; empty: it does not
	golden?: { image: string; suite: string; set_by: string } | null;
	checks_failed?: number; // since one passed
	runs_since_pass?: number;
	proven_at_us?: number;
}

export type BoardOrder = "quarantine" | "release" | "retire" | "unretire";

export type RungResult = "helped" | "failed" | "absent" | "unfit" | "stopped";

export interface RungTry {
	rung: string;
	result: RungResult;
	cause: string;
	text: string;
	took_us: number;
}

export interface Recovery {
	begun_at_us: number;
	ended_at_us: number; // 0 while it climbs
	cause: string;
	text: string;
	state: "climbing" | "helped" | "exhausted" | "stopped";
	helped_by: string;
	rungs: RungTry[];
}

// Where a failure comes from, and the runs that say so.
export interface Origin {
	origin: "none" | "firmware" | "this-board" | "this-rack" | "intermittent" | "unknown";
	text: string;
	job: number;
	runs: Record<"sibling" | "again" | "golden" | "neighbour", number | null>;
}

export type JobKind = "test" | "lease" | "check" | "diagnosis";

export interface Job {
	id: number;
	name: string;
	kind?: JobKind;
	owner?: string;
	suite: string;
	priority: number;
	state: JobState;
	verdict: RunVerdict;
	cause: string;
	text: string;
	submitted_at_us: number;
	finished_at_us: number;
	runs?: Run[];
}

export interface Step {
	step: string;
	phase: "forward" | "back";
	row: number;
	cause?: string | null;
	text?: string;
	begun_at_us: number;
	took_us?: number | null; // absent while it is under way
}

export interface CaseResult {
	group: string;
	name: string;
	verdict: CaseVerdict;
	message: string;
	required: boolean;
	category: "functional" | "performance" | "security";
	standing: Standing;
	waiver: number;
	measurements: Measurement[];
	offset: number;
	end: number;
	begun_at_us: number;
	ended_at_us: number;
}

export interface Artefact {
	name: string;
	kind: "core" | "backtrace" | "registers";
	size: number;
	present: boolean; // false: the agent has told of it and not sent it yet
}

export interface Run {
	id: number;
	job: number;
	job_name?: string;
	kind?: JobKind;
	origin?: Origin | null; // of a run alone; null: nobody looked
	index: number;
	attempt: number;
	board: string;
	wanted_board?: string;
	board_type: string;
	agent: string;
	state: RunState;
	verdict: RunVerdict;
	cause: string;
	text: string;
	core?: string;
	image: { sha256: string; name: string; build_id: string };
	queued_at_us: number;
	started_at_us: number;
	finished_at_us: number;
	counts: Counts;
	steps: Step[];
	cases: CaseResult[];
	parameters?: Record<string, string>; // of a run alone
	console: { bytes: number; sha256: string; dropped: number };
}

export interface BoardRun extends Run {
	job_name: string;
	flash_written: boolean; // not when the board held the image already
}

export interface Seal {
	job: number;
	key: string;
	created_at_us: number;
	bytes: number;
	files: number;
	manifest_sha256: string;
}

export interface QueueEntry {
	run: number;
	job: number;
	name: string;
	priority: number;
	board_type: string;
	board: string;
	waits: string;
	queued_at_us?: number;
	position?: number; // runs that go before it
	expected_at_us?: number | null;
	expected_from_us?: number | null;
	expected_to_us?: number | null;
	latest_at_us?: number | null;
	boards?: { board: string; state: BoardState; why: string; until_us: number | null }[]; // of one alone
}

// A board was given away. Of what one may not see there are only the times.
export interface TimelineSpan {
	begun_at_us: number;
	ended_at_us: number; // 0: it goes on
	busy_us: number; // of it, up to the end
	runs: number; // more than one: they were too short to be told apart; the rest is of the worst
	bad?: number; // how many of them failed or were lost
	org?: string;
	kind?: JobKind;
	run?: number;
	job?: number;
	name?: string;
	verdict?: RunVerdict;
	queued_at_us?: number;
}

export interface TimelineBoard {
	board: string;
	board_type: string;
	rack: string;
	from_us: number; // from when on the spans are all there are
	spans: TimelineSpan[]; // the newest first
}

export interface Timeline {
	from_us: number;
	to_us: number; // when it was asked, by the farm's clock
	boards: TimelineBoard[];
	more: boolean; // there are further boards
}

export interface Drain {
	by: string;
	why: string;
	at_us: number;
}

// A rack's host as the farm knows it.
export interface Agent {
	name: string;
	version: string;
	online: boolean;
	seen_at_us: number;
	site?: string;
	limit?: number | null; // boards that may have a run at a time
	running?: number;
	draining?: Drain | null;
	hubs?: { name: string; limit: number | null; boards: number; running: number; draining: Drain | null }[];
}

export interface Lease {
	id: number; // also of its job
	name: string;
	org?: string;
	holder: string;
	why: string;
	state: "reserved" | "waiting" | "starting" | "held" | "ending" | "ended";
	board_type: string;
	wanted_board: string;
	board: string; // empty while it waits
	for_ms: number;
	from_us?: number; // reserved for then; 0: as soon as may be
	granted_at_us: number;
	until_us: number;
	clients: number;
	submitted_at_us: number;
	waits: QueueEntry | null;
}

export interface Schedule {
	name: string;
	author: string;
	paused: boolean;
	stopped: string | null; // why it runs no more
	next_us: number | null;
	night: number | null; // under way
}

// A cell of the matrix: how many cases were what. why: it did not run.
export interface NightCell {
	suite: string;
	image: string;
	type: string;
	job?: number;
	why?: string;
	runs: number;
	lost: number;
	passed: number;
	failed: number;
	mixed: number;
	missing: number;
	ignored: number;
}

// What a night ran in a cell; version and dropped_by only of what was dropped.
export interface NightImage {
	night: number;
	sha256: string;
	version?: number;
	dropped_by?: string;
}

export interface NightChange {
	kind: string;
	suite: string;
	image: string;
	type: string;
	case: string;
	run: number;
	measure?: string;
	unit?: string;
	before_value?: number;
	now_value?: number;
	percent?: number;
	since?: NightImage; // of what is bad: the first image of those in a row with which it was
	good?: NightImage; // the last before them
}

export interface NightSummary {
	images?: { drop: string; now: NightImage; was?: NightImage }[];
	cells: NightCell[];
	comparison: {
		cases: number;
		runs: number;
		runs_lost: number;
		counts: Record<string, number>;
		changes: NightChange[];
		changes_total: number;
	};
}

export interface Night {
	id: number;
	schedule: string;
	state: "waiting" | "running" | "finished" | "skipped";
	text: string;
	due_us: number;
	begun_at_us: number;
	finished_at_us: number;
	before: number | null; // the night it was compared with; 0: none
	counts: Record<string, number> | null; // cases by what became of them; null until it is summed up
	not_run?: number | null; // cells of the matrix
	accepted_by: string | null;
	cells?: { suite: string; image: string; type: string; job?: number; why?: string }[];
	summary?: NightSummary | null;
}

export interface Farm {
	id: string;
	degraded: string | null;
	seq: number;
	you: { name: string; org: string; role: "viewer" | "member" | "admin" };
}

// An event carries what its type needs beside these; core/farm/event.c writes them.
export interface FarmEvent {
	seq: number;
	at_us: number;
	type: string;
	job?: number;
	run?: number;
	board?: string;
	rack_at_us?: number;
	[field: string]: unknown;
}

export interface ConsoleChunk {
	run: number;
	offset: number;
	at_us: number;
	bytes: Uint8Array;
}

// What a board's time goes into, in the order it is drawn.
export const TIME_KINDS = [
	"running",
	"flash",
	"staging",
	"power",
	"leased",
	"checking",
	"recovering",
	"idle",
	"offline",
] as const;
export type TimeKind = (typeof TIME_KINDS)[number];

export interface BoardTime {
	board: string;
	days: { day: string; sum_us: number; us: Record<TimeKind, number> }[];
}

export interface Wear {
	board: string;
	endurance: number; // erases that a sector bears; 0: not known
	erases: number;
	worn: boolean;
	worst: { address: number; erases: number };
	sectors: { address: number; size: number; count: number; erases: number }[];
}

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
	run: number | null;
	job: number | null;
	changed_at_us: number;
}

export interface Job {
	id: number;
	name: string;
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
	position?: number; // runs that go before it
	expected_at_us?: number | null;
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

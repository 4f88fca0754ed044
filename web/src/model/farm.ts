// SPDX-License-Identifier: Apache-2.0
// The overview's state: boards, jobs and what runs are doing, from a snapshot kept true by events. An event says how
// things are, not how they changed, so one that the snapshot already holds does no harm.

import type { Board, Counts, FarmEvent, Job, QueueEntry } from "../types";

export interface Activity {
	run: number;
	job: number;
	board: string;
	step: string;
	since_us: number; // the farm's clock when the run was assigned
	passed: number;
	failed: number;
}

export interface FarmState {
	boards: Map<string, Board>;
	jobs: Map<number, Job>;
	queue: Map<number, QueueEntry>; // by run
	activity: Map<number, Activity>; // by run; open ones on boards
	agents: Map<string, boolean>;
	jobs_shown: number; // at most; more when older ones were asked for
	skew_us: number; // our clock minus the farm's, from the fastest event
}

export const JOBS_PAGE = 30;

export function farmState(boards: Board[], jobs: Job[], queue: QueueEntry[]): FarmState {
	const state: FarmState = {
		boards: new Map(boards.map((board) => [board.name, board])),
		jobs: new Map(jobs.map((job) => [job.id, job])),
		queue: new Map(queue.map((entry) => [entry.run, entry])),
		activity: new Map(),
		agents: new Map(),
		jobs_shown: JOBS_PAGE,
		skew_us: Number.POSITIVE_INFINITY,
	};
	for (const board of boards) {
		if (board.run) activityOf(state, board.run, board.job ?? 0, board.name, board.changed_at_us);
	}
	return state;
}

function activityOf(state: FarmState, run: number, job: number, board: string, at_us: number): Activity {
	let activity = state.activity.get(run);
	if (!activity) {
		activity = { run, job, board, step: "", since_us: at_us, passed: 0, failed: 0 };
		state.activity.set(run, activity);
	}
	if (board) activity.board = board;
	return activity;
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const int = (value: unknown): number => (typeof value === "number" ? value : 0);

function applyJob(state: FarmState, event: FarmEvent): void {
	const id = int(event.job);
	const old = state.jobs.get(id);
	// Leases and what the farm asks of its boards are not in the list of jobs.
	const listed = (event.kind ?? "test") === "test";
	if (event.type === "job.submitted" && !old && listed) {
		state.jobs.set(id, {
			id,
			name: text(event.name),
			owner: text(event.owner),
			suite: text(event.suite),
			priority: int(event.priority),
			state: "queued",
			verdict: "none",
			cause: "none",
			text: "",
			submitted_at_us: event.at_us,
			finished_at_us: 0,
		});
		const oldest = Math.min(...state.jobs.keys());
		if (state.jobs.size > state.jobs_shown) state.jobs.delete(oldest);
	}
	if (event.type === "job.finished" && old) {
		state.jobs.set(id, {
			...old,
			state: "finished",
			verdict: text(event.verdict) as Job["verdict"],
			cause: text(event.cause),
			text: text(event.text),
			finished_at_us: event.at_us,
		});
	}
}

function applyRun(state: FarmState, event: FarmEvent): void {
	const run = int(event.run);
	const job = state.jobs.get(int(event.job));
	if (event.type === "run.queued") {
		state.activity.delete(run);
		state.queue.set(run, {
			run,
			job: int(event.job),
			name: job?.name ?? "",
			priority: job?.priority ?? 0,
			board_type: text(event.board_type),
			board: text(event.wanted_board),
			waits: text(event.text),
		});
		return;
	}
	state.queue.delete(run);
	if (event.type === "run.finished") {
		state.activity.delete(run);
		return;
	}
	activityOf(state, run, int(event.job), text(event.board), event.at_us);
	if (event.type === "run.started" && job && job.state === "queued")
		state.jobs.set(job.id, { ...job, state: "running" });
}

function applyBoard(state: FarmState, event: FarmEvent): void {
	const name = text(event.board);
	const old = state.boards.get(name);
	const run = int(event.leased_run) || null;
	state.boards.set(name, {
		...old, // what no event tells: tags, golden image …
		name,
		type: text(event.board_type) || (old?.type ?? ""),
		agent: text(event.agent) || (old?.agent ?? ""),
		state: text(event.state) as Board["state"],
		reason: text(event.reason),
		unique_id: text(event.unique_id) || (old?.unique_id ?? ""),
		virtual: old?.virtual ?? false,
		simulated: old?.simulated ?? false,
		run,
		job: int(event.leased_job) || null,
		changed_at_us: event.at_us,
	});
	if (run) activityOf(state, run, int(event.leased_job), name, event.at_us);
}

function applyWork(state: FarmState, event: FarmEvent): void {
	const activity = activityOf(state, int(event.run), int(event.job), text(event.board), event.at_us);
	if (event.type === "step.begun") activity.step = text(event.step);
	if (event.type !== "case.ended") return;
	if (event.verdict === "pass") activity.passed++;
	else if (event.verdict !== "ignored") activity.failed++;
}

export function applyFarmEvent(state: FarmState, event: FarmEvent, nowUs: number): void {
	state.skew_us = Math.min(state.skew_us, nowUs - event.at_us);
	const kind = event.type.slice(0, event.type.indexOf("."));
	if (kind === "job") applyJob(state, event);
	else if (kind === "run") applyRun(state, event);
	else if (kind === "board") applyBoard(state, event);
	else if (kind === "step" || kind === "case") applyWork(state, event);
	else if (kind === "agent") state.agents.set(text(event.agent), event.type === "agent.online");
}

// The newest first.
export function jobsInOrder(state: FarmState): Job[] {
	return [...state.jobs.values()].sort((a, b) => b.id - a.id).slice(0, state.jobs_shown);
}

// Jobs older than those held join them, and are kept true like these.
export function addOlderJobs(state: FarmState, jobs: Job[]): void {
	state.jobs_shown = state.jobs.size + jobs.length;
	for (const job of jobs) if (!state.jobs.has(job.id)) state.jobs.set(job.id, job);
}

// Runs of a job that wait one after the other, for the same.
export function waitingGroups(entries: QueueEntry[]): { entry: QueueEntry; runs: number }[] {
	const groups: { entry: QueueEntry; runs: number }[] = [];
	for (const entry of entries) {
		const last = groups[groups.length - 1];
		const alike =
			last?.entry.job === entry.job && last.entry.waits === entry.waits && last.entry.board === entry.board;
		if (last && alike) last.runs++;
		else groups.push({ entry, runs: 1 });
	}
	return groups;
}

export function boardsInOrder(state: FarmState): Board[] {
	return [...state.boards.values()].sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
}

export function boardCounts(state: FarmState): [string, number][] {
	const counts = new Map<string, number>();
	for (const board of state.boards.values()) counts.set(board.state, (counts.get(board.state) ?? 0) + 1);
	const order = ["running", "leased", "free", "suspect", "recovering", "quarantined", "offline", "retired"];
	return order.filter((word) => counts.has(word)).map((word) => [word, counts.get(word) ?? 0]);
}

export function noCounts(): Counts {
	return { passed: 0, failed: 0, ignored: 0, missing: 0, crashed: 0, error: 0, waived: 0, expected: 0 };
}

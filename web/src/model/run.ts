// SPDX-License-Identifier: Apache-2.0
// A run kept true by its events, and a job by those of its runs.

import type { CaseResult, Counts, FarmEvent, Job, Run, Step } from "../types";
import { noCounts } from "./farm";
import { isGood } from "./steps";

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const int = (value: unknown): number => (typeof value === "number" ? value : 0);

const COUNT_OF: Record<string, keyof Counts> = {
	pass: "passed",
	fail: "failed",
	ignored: "ignored",
	missing: "missing",
	crashed: "crashed",
	error: "error",
	waived: "waived",
	expected: "expected",
};

function applyStep(run: Run, event: FarmEvent): Run {
	const at = event.rack_at_us ?? event.at_us;
	const same = (step: Step) =>
		step.row === event.row && step.phase === event.phase && step.step === event.step;
	const open = run.steps.findIndex((step) => same(step) && step.took_us == null);
	if (event.type === "step.begun") {
		if (open >= 0 || run.steps.some((step) => same(step) && step.begun_at_us === at)) return run;
		const begun: Step = {
			step: text(event.step),
			phase: event.phase === "back" ? "back" : "forward",
			row: int(event.row),
			begun_at_us: at,
		};
		return { ...run, steps: [...run.steps, begun] };
	}
	const begun = run.steps[open];
	if (!begun) return run; // the snapshot holds its end already
	const ended = { ...begun, cause: text(event.cause), text: text(event.text), took_us: int(event.took_us) };
	return { ...run, steps: run.steps.map((step, i) => (i === open ? ended : step)) };
}

// A case is told again when a later result changes it: the last word counts.
function applyCase(run: Run, event: FarmEvent): Run {
	const result: CaseResult = {
		group: text(event.group),
		name: text(event.name),
		verdict: text(event.verdict) as CaseResult["verdict"],
		message: text(event.message),
		required: event.required === true,
		category: (text(event.category) || "functional") as CaseResult["category"],
		standing: text(event.standing) as CaseResult["standing"],
		waiver: int(event.waiver),
		measurements: (event.measurements as CaseResult["measurements"] | undefined) ?? [],
		offset: int(event.offset),
		end: int(event.end),
		begun_at_us: int(event.begun_at_us),
		ended_at_us: int(event.ended_at_us),
	};
	const at = run.cases.findIndex((other) => other.group === result.group && other.name === result.name);
	const held = run.cases[at];
	if (!held) return { ...run, cases: [...run.cases, result] };
	const same = held.verdict === result.verdict && held.standing === result.standing;
	const there = held.offset === result.offset && held.end === result.end;
	if (same && there && held.measurements.length === result.measurements.length) return run;
	return { ...run, cases: run.cases.map((other, i) => (i === at ? result : other)) };
}

// How many cases ended how: as judged once the run has finished, before that as seen so far.
export function countsSoFar(run: Run): Counts {
	if (run.state === "finished") return run.counts;
	const counts = noCounts();
	for (const result of run.cases) {
		const key = COUNT_OF[result.standing] ?? COUNT_OF[result.verdict];
		if (key) counts[key]++;
	}
	return counts;
}

// Whether somebody should look at it: neither a pass nor something that was allowed or expected.
export function isLoud({ verdict, standing }: CaseResult): boolean {
	if (standing === "unexpected-pass") return true;
	return standing === "" && verdict !== "pass" && verdict !== "ignored";
}

function applyRunState(run: Run, event: FarmEvent): Run {
	const board = text(event.board) || run.board;
	const agent = text(event.agent) || run.agent;
	switch (event.type) {
		case "run.queued":
			return { ...run, state: "queued", board: "", agent: "" };
		case "run.assigned":
			return { ...run, state: "assigned", board, agent };
		case "run.started":
			return { ...run, state: "running", board, agent, started_at_us: run.started_at_us || event.at_us };
		case "run.finished": {
			const core = text(event.core) || run.core;
			return {
				...run,
				...(core ? { core } : {}),
				board,
				agent,
				state: "finished",
				verdict: text(event.verdict) as Run["verdict"],
				cause: text(event.cause),
				text: text(event.text),
				finished_at_us: event.at_us,
				counts: (event.counts as Counts | undefined) ?? run.counts,
			};
		}
		default:
			return run;
	}
}

// Returns a new run when the event changed it, else the same.
export function applyRunEvent(run: Run, event: FarmEvent): Run {
	if (event.run !== run.id) return run;
	if (event.type.startsWith("step.")) return applyStep(run, event);
	if (event.type === "case.ended") return applyCase(run, event);
	return applyRunState(run, event);
}

export function runOfEvent(event: FarmEvent): Run {
	return {
		id: int(event.run),
		job: int(event.job),
		index: int(event.index),
		attempt: int(event.attempt) || 1,
		board: "",
		board_type: text(event.board_type),
		agent: "",
		state: "queued",
		verdict: "none",
		cause: "none",
		text: "",
		image: { sha256: "", name: text(event.image), build_id: "" },
		queued_at_us: event.at_us,
		started_at_us: 0,
		finished_at_us: 0,
		counts: noCounts(),
		steps: [],
		cases: [],
		console: { bytes: 0, sha256: "", dropped: 0 },
	};
}

export function applyJobEvent(job: Job, event: FarmEvent): Job {
	if (event.job !== job.id) return job;
	if (event.type === "job.finished")
		return {
			...job,
			state: "finished",
			verdict: text(event.verdict) as Job["verdict"],
			cause: text(event.cause),
			text: text(event.text),
			finished_at_us: event.at_us,
		};
	if (!event.run) return job;
	const runs = job.runs ?? [];
	const known = runs.some((run) => run.id === event.run);
	const all = known ? runs : [...runs, runOfEvent(event)];
	const started = event.type === "run.started" && job.state === "queued";
	return {
		...job,
		state: started ? "running" : job.state,
		runs: all.map((run) => (run.id === event.run ? applyRunEvent(run, event) : run)),
	};
}

// Whether a later attempt took this run's place.
export function isSuperseded(run: Run, runs: Run[]): boolean {
	return runs.some((other) => other.index === run.index && other.attempt > run.attempt);
}

// As they were asked for; once all is over, first what one looks for: the runs that did not pass.
export function runsInOrder(job: Job): Run[] {
	const runs = [...(job.runs ?? [])].sort((a, b) => a.index - b.index || a.attempt - b.attempt);
	if (job.state !== "finished") return runs;
	const bad = new Set(runs.filter((run) => run.verdict !== "passed" && !isSuperseded(run, runs)));
	return [...bad, ...runs.filter((run) => !bad.has(run))];
}

export interface TimelineRow {
	step: Step;
	begun_us: number; // from the first step's begin
	took_us: number; // so far, when it is open
	open: boolean;
	good: boolean;
}

// The steps against one time axis. rackNowUs: what the rack's clock shows now, for steps under way.
export function timeline(steps: Step[], rackNowUs: number): { rows: TimelineRow[]; total_us: number } {
	const first = Math.min(...steps.map((step) => step.begun_at_us));
	const rows = steps.map((step) => {
		const open = step.took_us == null;
		const took_us = open ? Math.max(0, rackNowUs - step.begun_at_us) : (step.took_us ?? 0);
		return { step, begun_us: step.begun_at_us - first, took_us, open, good: isGood(step.cause) };
	});
	const total_us = Math.max(1, ...rows.map((row) => row.begun_us + row.took_us));
	return { rows, total_us };
}

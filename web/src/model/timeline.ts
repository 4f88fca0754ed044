// SPDX-License-Identifier: Apache-2.0
// Who had which board when: rows of spans kept true by events, and what is counted from them.

import type {
	Board,
	BoardState,
	FarmEvent,
	JobKind,
	RunVerdict,
	Timeline,
	TimelineBoard,
	TimelineSpan,
} from "../types";

export interface Lane extends TimelineBoard {
	state: BoardState;
	reason: string;
	changed_at_us: number;
}

export interface Lanes {
	lanes: Map<string, Lane>;
	window_us: number;
	jobs: Map<number, { name: string; kind: JobKind }>; // that were heard of
	more: boolean;
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const int = (value: unknown): number => (typeof value === "number" ? value : 0);
const BAD = new Set(["failed", "infrastructure", "inconclusive"]);

export function lanesOf(timeline: Timeline, boards: Board[]): Lanes {
	const known = new Map(boards.map((board) => [board.name, board]));
	const lanes = new Map<string, Lane>();
	const jobs: Lanes["jobs"] = new Map();
	for (const row of timeline.boards) {
		const board = known.get(row.board);
		for (const { job, name = "", kind = "test" } of row.spans) if (job) jobs.set(job, { name, kind });
		lanes.set(row.board, {
			...row,
			state: board?.state ?? "offline",
			reason: board?.reason ?? "",
			changed_at_us: board?.changed_at_us ?? timeline.to_us,
		});
	}
	return { lanes, window_us: timeline.to_us - timeline.from_us, jobs, more: timeline.more };
}

function begin(lanes: Lanes, lane: Lane, event: FarmEvent): Lane {
	const run = int(event.run);
	if (lane.spans.some((span) => span.run === run && span.ended_at_us === 0)) return lane;
	const { name, kind } = lanes.jobs.get(int(event.job)) ?? { name: "", kind: "test" };
	const span: TimelineSpan = {
		begun_at_us: event.at_us,
		ended_at_us: 0,
		busy_us: 0,
		runs: 1,
		bad: 0,
		org: text(event.org),
		kind,
		run,
		job: int(event.job),
		name,
		verdict: "none",
	};
	return { ...lane, spans: [span, ...lane.spans] };
}

function end(lane: Lane, event: FarmEvent): Lane {
	const open = lane.spans.find((span) => span.run === int(event.run) && span.ended_at_us === 0);
	if (!open) return lane;
	const verdict = text(event.verdict) as RunVerdict;
	const ended: TimelineSpan = {
		...open,
		ended_at_us: event.at_us,
		busy_us: event.at_us - open.begun_at_us,
		verdict,
		bad: BAD.has(verdict) ? 1 : 0,
	};
	return { ...lane, spans: lane.spans.map((span) => (span === open ? ended : span)) };
}

// A row whose array of spans is the same one has not changed.
export function applyLaneEvents(lanes: Lanes, events: FarmEvent[]): Lanes {
	const rows = new Map(lanes.lanes);
	for (const event of events) {
		if (event.type === "job.submitted")
			lanes.jobs.set(int(event.job), {
				name: text(event.name),
				kind: (text(event.kind) || "test") as JobKind,
			});
		const lane = rows.get(text(event.board));
		if (!lane) continue;
		if (event.type === "run.assigned") rows.set(lane.board, begin(lanes, lane, event));
		if (event.type === "run.finished") rows.set(lane.board, end(lane, event));
		if (event.type === "board.changed")
			rows.set(lane.board, {
				...lane,
				state: text(event.state) as BoardState,
				reason: text(event.reason),
				changed_at_us: event.at_us,
			});
	}
	return { ...lanes, lanes: rows };
}

// How a span looks: its tone is that of its verdict, but of what is no test its kind.
export function spanLook(span: TimelineSpan): string {
	if (span.org === undefined) return "foreign";
	if (span.kind === "lease") return "lease";
	if (span.ended_at_us === 0) return "busy";
	if (span.verdict === "failed") return span.kind === "check" ? "warn" : "bad";
	if (span.verdict === "infrastructure" || span.verdict === "inconclusive") return "warn";
	if (span.verdict === "cancelled") return "quiet";
	return span.kind === "check" || span.kind === "diagnosis" ? "check" : "good";
}

export interface LaneSum {
	share: number; // 0 … 1 of the time that is known
	runs: number;
	bad: number;
}

export function laneSum(lane: Lane, from_us: number, now_us: number): LaneSum {
	const since = Math.max(from_us, lane.from_us);
	let busy = 0;
	let runs = 0;
	let bad = 0;
	for (const span of lane.spans) {
		const end_us = span.ended_at_us || now_us;
		if (end_us <= since) continue;
		runs += span.runs;
		bad += span.bad ?? 0;
		const inside = end_us - Math.max(since, span.begun_at_us);
		const whole = Math.max(1, end_us - span.begun_at_us);
		busy += span.ended_at_us ? (span.busy_us * inside) / whole : inside;
	}
	return { share: Math.min(1, busy / Math.max(1, now_us - since)), runs, bad };
}

// Of the spans, the newest first, the one that a key leads to from the one chosen (-1: none yet).
export function spanByKey(key: string, chosen: number, count: number): number {
	const last = count - 1;
	if (key === "ArrowLeft") return Math.min(last, chosen + 1);
	if (key === "ArrowRight") return Math.max(0, chosen - 1);
	if (key === "Home") return last;
	if (key === "End") return 0;
	return -1;
}

const OTHERS = "others";
const ORGS = 5; // drawn apart; the rest are others

export interface Usage {
	orgs: { name: string; share: number; boards: number[] }[]; // boards at work in each piece of the time, on average
	pieces: number;
}

// How many boards worked for whom, piece by piece; share: of all that was worked.
export function usageOf(lanes: Iterable<Lane>, from_us: number, now_us: number, pieces: number): Usage {
	const sums = new Map<string, number[]>();
	const piece_us = (now_us - from_us) / pieces;
	for (const lane of lanes) {
		for (const span of lane.spans) {
			const end_us = Math.min(now_us, span.ended_at_us || now_us);
			const begun_us = Math.max(from_us, span.begun_at_us);
			if (end_us <= begun_us) continue;
			const weight = span.ended_at_us ? span.busy_us / Math.max(1, span.ended_at_us - span.begun_at_us) : 1;
			const name = span.org ?? OTHERS;
			let sum = sums.get(name);
			if (!sum) {
				sum = new Array<number>(pieces).fill(0);
				sums.set(name, sum);
			}
			const last = Math.min(pieces - 1, Math.floor((end_us - from_us) / piece_us));
			for (let i = Math.floor((begun_us - from_us) / piece_us); i <= last; i++) {
				const inside =
					Math.min(end_us, from_us + (i + 1) * piece_us) - Math.max(begun_us, from_us + i * piece_us);
				sum[i] = (sum[i] ?? 0) + (weight * Math.max(0, inside)) / piece_us;
			}
		}
	}
	return { orgs: largestFirst(sums, pieces), pieces };
}

function largestFirst(sums: Map<string, number[]>, pieces: number): Usage["orgs"] {
	const total = (boards: number[]) => boards.reduce((a, b) => a + b, 0);
	const all = Math.max(
		1e-9,
		[...sums.values()].reduce((sum, boards) => sum + total(boards), 0),
	);
	const orgs = [...sums].map(([name, boards]) => ({ name, boards, share: total(boards) / all }));
	orgs.sort((a, b) => b.share - a.share || a.name.localeCompare(b.name));
	if (orgs.length <= ORGS) return orgs;
	const rest = { name: OTHERS, share: 0, boards: new Array<number>(pieces).fill(0) };
	for (const org of orgs.splice(ORGS - 1)) {
		rest.share += org.share;
		rest.boards = rest.boards.map((sum, i) => sum + (org.boards[i] ?? 0));
	}
	return [...orgs, rest];
}

// Round times for the lines of an axis: at least most/2 of them, as the clock on the wall has them.
const STEPS_MIN = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440, 2_880, 10_080];

export function ticks(from_us: number, to_us: number, most: number, offset_min: number): number[] {
	const minute = 60_000_000;
	const step =
		(STEPS_MIN.find((minutes) => (to_us - from_us) / (minutes * minute) <= most) ?? 20_160) * minute;
	const shift = offset_min * minute; // what the wall's clock is behind UTC
	const found: number[] = [];
	for (let at = Math.ceil((from_us - shift) / step) * step + shift; at < to_us; at += step) found.push(at);
	return found;
}

// SPDX-License-Identifier: Apache-2.0
// Lanes of the timeline: what events make of them, how they look, what is counted from them.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
	applyLaneEvents,
	laneSum,
	lanesOf,
	spanByKey,
	spanLook,
	ticks,
	usageOf,
} from "../src/model/timeline";
import { parseRoute } from "../src/route";
import type { Board, FarmEvent, Timeline, TimelineSpan } from "../src/types";

const MIN = 60_000_000;
const NOW = 1_000 * MIN;

function span(begun: number, ended: number, more: Partial<TimelineSpan> = {}): TimelineSpan {
	const busy_us = ended ? (ended - begun) * MIN : 0;
	const ended_at_us = ended ? ended * MIN : 0;
	return {
		begun_at_us: begun * MIN,
		ended_at_us,
		busy_us,
		runs: 1,
		bad: 0,
		org: "acme",
		kind: "test",
		...more,
	};
}

function timeline(spans: TimelineSpan[]): Timeline {
	const row = { board: "b1", board_type: "microbit", rack: "lab", from_us: NOW - 60 * MIN, spans };
	return { from_us: NOW - 60 * MIN, to_us: NOW, boards: [row], more: false };
}

const board = { name: "b1", state: "running", reason: "", changed_at_us: NOW } as Board;
const event = (type: string, at_us: number, more: object): FarmEvent => ({ seq: 1, at_us, type, ...more });

test("events begin and end bars, and tell what the board is", () => {
	let lanes = lanesOf(timeline([span(950, 960, { run: 1, job: 4, name: "old" })]), [board]);
	lanes = applyLaneEvents(lanes, [
		event("job.submitted", NOW, { job: 5, name: "radio", kind: "lease" }),
		event("run.assigned", NOW + MIN, { job: 5, run: 2, board: "b1", org: "acme" }),
		event("run.assigned", NOW + MIN, { job: 5, run: 2, board: "b1", org: "acme" }),
		event("run.assigned", NOW + MIN, { job: 5, run: 3, board: "elsewhere", org: "acme" }),
	]);
	let lane = lanes.lanes.get("b1");
	assert.equal(lane?.spans.length, 2);
	assert.deepEqual(
		[lane?.spans[0]?.name, lane?.spans[0]?.kind, lane?.spans[0]?.ended_at_us],
		["radio", "lease", 0],
	);
	const before = lane?.spans;
	lanes = applyLaneEvents(lanes, [
		event("board.changed", NOW + 2 * MIN, { board: "b1", state: "recovering", reason: "no contact" }),
	]);
	lane = lanes.lanes.get("b1");
	assert.equal(lane?.spans, before);
	assert.deepEqual(
		[lane?.state, lane?.reason, lane?.changed_at_us],
		["recovering", "no contact", NOW + 2 * MIN],
	);
	lanes = applyLaneEvents(lanes, [
		event("run.finished", NOW + 3 * MIN, { job: 5, run: 2, board: "b1", verdict: "infrastructure" }),
		event("run.finished", NOW + 4 * MIN, { job: 5, run: 2, board: "b1", verdict: "passed" }),
	]);
	const ended = lanes.lanes.get("b1")?.spans[0];
	assert.deepEqual([ended?.ended_at_us, ended?.busy_us, ended?.bad], [NOW + 3 * MIN, 2 * MIN, 1]);
});

test("a bar looks like its verdict, or like what it was for", () => {
	const looks = (more: Partial<TimelineSpan>) => spanLook(span(1, 2, more));
	assert.equal(looks({ verdict: "passed" }), "good");
	assert.equal(looks({ verdict: "failed" }), "bad");
	assert.equal(looks({ verdict: "inconclusive" }), "warn");
	assert.equal(looks({ verdict: "passed", kind: "check" }), "check");
	assert.equal(looks({ verdict: "failed", kind: "check" }), "warn");
	assert.equal(looks({ verdict: "passed", kind: "lease" }), "lease");
	assert.equal(spanLook(span(1, 0, { verdict: "none" })), "busy");
	const { org: _, ...foreign } = span(1, 2, { verdict: "failed" });
	assert.equal(spanLook(foreign), "foreign");
});

test("the share is of the time that is known, and only of what lies in it", () => {
	const spans = [span(990, 0), span(970, 980, { runs: 3, bad: 2, busy_us: 5 * MIN }), span(930, 950)];
	const lane = lanesOf(timeline(spans), [board]).lanes.get("b1");
	assert.ok(lane);
	const sum = laneSum(lane, NOW - 60 * MIN, NOW);
	assert.deepEqual([sum.runs, sum.bad], [5, 2]);
	assert.ok(Math.abs(sum.share - 25 / 60) < 1e-9, String(sum.share));
	const known = laneSum({ ...lane, from_us: NOW - 20 * MIN }, NOW - 60 * MIN, NOW);
	assert.ok(Math.abs(known.share - 10 / 20) < 1e-9, String(known.share));
});

test("boards at work for each organisation, piece by piece", () => {
	const { org: _, ...foreign } = span(940, 950);
	const spans = [span(970, 1_000), span(960, 970, { org: "nordic" }), foreign];
	const usage = usageOf(lanesOf(timeline(spans), [board]).lanes.values(), NOW - 60 * MIN, NOW, 6);
	assert.deepEqual(
		usage.orgs.map(({ name, boards }) => [name, boards.map((sum) => Math.round(100 * sum))]),
		[
			["acme", [0, 0, 0, 100, 100, 100]],
			["nordic", [0, 0, 100, 0, 0, 0]],
			["others", [100, 0, 0, 0, 0, 0]],
		],
	);
	assert.ok(Math.abs((usage.orgs[0]?.share ?? 0) - 0.6) < 1e-9);
});

test("many organisations: the smallest are one", () => {
	const spans = Array.from({ length: 9 }, (_, i) =>
		span(941 + 5 * i, 942 + 5 * i + i / 10, { org: `o${i}` }),
	);
	const usage = usageOf(lanesOf(timeline(spans), [board]).lanes.values(), NOW - 60 * MIN, NOW, 60);
	assert.deepEqual(
		usage.orgs.map((org) => org.name),
		["o8", "o7", "o6", "o5", "others"],
	);
	const shares = usage.orgs.reduce((sum, org) => sum + org.share, 0);
	assert.ok(Math.abs(shares - 1) < 1e-9);
});

test("an axis has round times of the wall's clock", () => {
	assert.deepEqual(
		ticks(NOW - 60 * MIN, NOW, 7, 0).map((at) => at / MIN),
		[940, 950, 960, 970, 980, 990],
	);
	// Five and a half hours before UTC: the full hours there are the half ones here.
	assert.deepEqual(
		ticks(1_200 * MIN, 1_400 * MIN, 4, -330).map((at) => at / MIN),
		[1_230, 1_290, 1_350],
	);
	assert.ok(ticks(0, 7 * 1_440 * MIN, 7, 0).length <= 7);
});

test("where a timeline's address leads", () => {
	assert.deepEqual(parseRoute("#/timeline"), { page: "timeline", range: "", rack: "" });
	assert.deepEqual(parseRoute("#/timeline/6h/lab%201"), { page: "timeline", range: "6h", rack: "lab 1" });
	assert.deepEqual(parseRoute("#/timeline/a/b/c"), { page: "unknown", path: "timeline/a/b/c" });
});

test("the keyboard goes from bar to bar, the newest first", () => {
	const keys = (chosen: number, ...pressed: string[]) =>
		pressed.reduce((at, key) => spanByKey(key, at, 3), chosen);
	assert.equal(keys(-1, "ArrowLeft"), 0);
	assert.equal(keys(0, "ArrowLeft", "ArrowLeft", "ArrowLeft"), 2);
	assert.equal(keys(2, "ArrowRight"), 1);
	assert.equal(keys(0, "ArrowRight"), 0);
	assert.equal(keys(0, "Home"), 2);
	assert.equal(keys(2, "End"), 0);
	assert.equal(keys(1, "a"), -1);
});

// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import test from "node:test";
import { parseRoute } from "../src/route";
import { tokenInFragment } from "../src/session";
import {
	ago,
	boundOf,
	bytes,
	caseName,
	duration,
	endOf,
	lasting,
	moment,
	roughly,
	waitText,
	wasSeen,
	whenExpected,
	within,
} from "../src/text";

test("durations in a person's words", () => {
	const cases: [number, string][] = [
		[-1, ""],
		[Number.NaN, ""],
		[0, "0 ms"],
		[60, "<0.1 ms"],
		[940, "0.9 ms"],
		[1_000, "1 ms"],
		[999_499, "999 ms"],
		[999_500, "1.0 s"],
		[59_940_000, "59.9 s"],
		[60_000_000, "1:00 min"],
		[3_599_999_999, "59:59 min"],
		[3_661_000_000, "1:01:01 h"],
	];
	for (const [us, text] of cases) assert.equal(duration(us), text, String(us));
});

test("a stretch of time in the coarsest unit that says enough", () => {
	const second = 1_000_000;
	const cases: [number, string][] = [
		[-5 * second, "0 s"],
		[29 * second, "29 s"],
		[30 * second, "1 min"],
		[1_800 * second, "30 min"],
		[3_600 * second, "1 h"],
		[3_900 * second, "1 h 5 min"],
		[47 * 3_600 * second, "47 h"],
		[122 * 3_600 * second, "5 days"],
	];
	for (const [us, text] of cases) assert.equal(roughly(us), text, String(us));
});

test("a moment has its day only when it is another one", () => {
	const now = new Date(2026, 10, 23, 12, 0).getTime() * 1_000;
	const hour_us = 3_600_000_000;
	assert.doesNotMatch(moment(now + hour_us, now), /23/);
	assert.match(moment(now + 24 * hour_us, now), /24/);
	assert.match(moment(now - 24 * hour_us, now), /22/);
	assert.doesNotMatch(moment(now - 24 * hour_us, now), /2026/);
	assert.match(moment(now + 90 * 24 * hour_us, now), /2027/);
});

test("how long ago", () => {
	const now = 1_000_000_000_000;
	assert.equal(ago(0, now), "");
	assert.equal(ago(now, now), "just now");
	assert.equal(ago(now + 5_000_000, now), "just now", "a clock that is ahead");
	assert.equal(ago(now - 59_000_000, now), "59 s ago");
	assert.equal(ago(now - 3_600_000_000, now), "1 h ago");
	assert.equal(lasting("idle", now - 59_000_000, now), "idle for 59 s");
	assert.equal(lasting("idle", now, now), "idle, just now");
	assert.equal(lasting("idle", 0, now), "");
	assert.equal(ago(now - 3 * 86_400_000_000, now), "3 days ago");
});

test("where a case stands in the console", () => {
	const crashed = { offset: 507, end: 507, begun_at_us: 1 };
	const missing = { offset: 0, end: 0, begun_at_us: 0 };
	assert.ok(wasSeen(crashed));
	assert.ok(wasSeen({ offset: 0, end: 34, begun_at_us: 0 }));
	assert.ok(!wasSeen(missing));
	assert.equal(endOf(crashed), 508);
	assert.equal(endOf({ offset: 0, end: 34 }), 34);
});

test("sizes", () => {
	assert.equal(bytes(0), "0 B");
	assert.equal(bytes(1_023), "1023 B");
	assert.equal(bytes(1_024), "1.0 KiB");
	assert.equal(bytes(5 * 1_024 ** 5), "5120.0 TiB");
});

test("a case without a group keeps its bare name", () => {
	assert.equal(caseName({ group: "Flash", name: "erases" }), "Flash.erases");
	assert.equal(caseName({ group: "", name: "test_a" }), "test_a");
});

test("routes", () => {
	assert.deepEqual(parseRoute(""), { page: "overview" });
	assert.deepEqual(parseRoute("#/"), { page: "overview" });
	assert.deepEqual(parseRoute("#/jobs/12"), { page: "job", id: 12 });
	assert.deepEqual(parseRoute("#/runs/7/"), { page: "run", id: 7 });
	for (const bad of ["#/runs/0", "#/runs/-1", "#/runs/1e3", "#/jobs/", "#/jobs/1/2", "#/boards/x/y"])
		assert.equal(parseRoute(bad).page, "unknown", bad);
});

test("the token in a fragment", () => {
	assert.equal(tokenInFragment("#token=abc"), "abc");
	assert.equal(tokenInFragment("#/token=a%2Bb"), "a+b");
	for (const none of ["", "#", "#/jobs/1", "#token=", "#token=%", "#x&token=1"])
		assert.equal(tokenInFragment(none), "", none);
});

test("when what waits starts", () => {
	const second = 1_000_000;
	assert.equal(within(0, 2 * second), "any moment");
	assert.equal(within(0, 40 * second), "within 40 s");
	assert.equal(within(20 * second, 40 * second), "in 20–40 s");
	assert.equal(within(180 * second, 290 * second), "in 3–5 min");
	assert.equal(within(200 * second, 230 * second), "in about 4 min");
	assert.equal(within(7_200 * second, 18_000 * second), "in 2–5 h");
	assert.equal(within(0, 200_000 * second), "within 3 days");
	const now = 1_760_000_000 * second;
	const expected_at_us = now + 240 * second;
	assert.equal(whenExpected({ expected_at_us: null }, now), "");
	assert.equal(whenExpected({ expected_at_us }, now), "in about 4 min");
	const range = { expected_at_us, expected_from_us: now + 180 * second, expected_to_us: now + 300 * second };
	const latest_at_us = now + 3_600 * second;
	assert.equal(
		whenExpected({ ...range, latest_at_us }, now),
		`in 3–5 min, by ${moment(latest_at_us, now)} at the latest`,
	);
	assert.equal(whenExpected({ ...range, latest_at_us: now + 90_000 * second }, now), "in 3–5 min");
	assert.equal(boundOf({ latest_at_us: now + 90_000 * second }, now), 0);
	assert.equal(
		waitText("for board b1: leased", 2, "in 3–5 min"),
		"for board b1: leased; 2 before it; expected in 3–5 min",
	);
	assert.equal(waitText("for board b1: leased", 0, ""), "for board b1: leased");
});

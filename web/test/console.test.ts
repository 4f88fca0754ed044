// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import test from "node:test";
import { parseAnsi } from "../src/console/ansi";
import { type Line, LineSplitter, lineAt } from "../src/console/lines";
import { ConsoleLog, LINES_KEPT } from "../src/console/log";

const encode = (text: string) => new TextEncoder().encode(text);

function splitAt(text: string, size: number): { lines: Line[]; tail: Line | null } {
	const splitter = new LineSplitter();
	const all = encode(text);
	const lines: Line[] = [];
	for (let at = 0; at < all.length; at += size)
		lines.push(...splitter.push(at, all.subarray(at, Math.min(all.length, at + size))));
	return { lines, tail: splitter.tail() };
}

test("lines never depend on how the bytes were cut", () => {
	const text = "TEST(Group, ü) PASS\r\n\r\nµ→\n\rlast ␡ line\nrest é";
	const whole = splitAt(text, 1_000);
	assert.deepEqual(
		whole.lines.map((line) => line.text),
		["TEST(Group, ü) PASS", "", "µ→", "last ␡ line"],
	);
	assert.equal(whole.tail?.text, "rest é");
	for (let size = 1; size < 12; size++) assert.deepEqual(splitAt(text, size), whole, `cut every ${size}`);
});

test("a line knows its first byte", () => {
	const { lines, tail } = splitAt("ab\nü\nc", 2);
	assert.deepEqual(
		lines.map((line) => line.offset),
		[0, 3],
	);
	assert.equal(tail?.offset, 6);
});

test("bytes told twice are shown once, bytes that are missing are named", () => {
	const splitter = new LineSplitter();
	splitter.push(0, encode("one\ntw"));
	assert.deepEqual(splitter.push(2, encode("e\ntwo\n")), [{ offset: 4, text: "two" }]);
	assert.deepEqual(splitter.push(0, encode("one\n")), []);
	assert.deepEqual(
		splitter.push(20, encode("x\n")).map((line) => line.text),
		["[12 bytes are not here]", "x"],
	);
	assert.equal(splitter.next, 22);
});

test("a line without end is shown in pieces, not kept for ever", () => {
	const { lines, tail } = splitAt("x".repeat(10_000), 100);
	assert.equal(lines.length, 2);
	assert.equal(lines.map((line) => line.text).join("") + tail?.text, "x".repeat(10_000));
});

test("bytes that are no text do not stop it", () => {
	const splitter = new LineSplitter();
	const lines = splitter.push(0, new Uint8Array([0xff, 0xfe, 0x41, 10, 0, 10]));
	assert.deepEqual(
		lines.map((line) => line.text),
		["\ufffd\ufffdA", "\u0000"],
	);
});

test("the line that holds a byte", () => {
	const offsets = [0, 4, 4, 9];
	assert.equal(lineAt([], 3), -1);
	assert.equal(lineAt(offsets, 0), 0);
	assert.equal(lineAt(offsets, 3), 0);
	assert.equal(lineAt(offsets, 8), 2);
	assert.equal(lineAt(offsets, 900), 3);
});

test("colours become classes and end with the line", () => {
	assert.deepEqual(parseAnsi("\u001b[42mPASS\u001b[0m ok"), [
		{ text: "PASS", classes: "bg-2" },
		{ text: " ok", classes: "" },
	]);
	assert.deepEqual(parseAnsi("\u001b[1;91mx\u001b[22my\u001b[mz"), [
		{ text: "x", classes: "fg-9 bold" },
		{ text: "y", classes: "fg-9" },
		{ text: "z", classes: "" },
	]);
	assert.deepEqual(parseAnsi("\u001b[38;5;3ma\u001b[38;2;1;2;3mb\u001b[48;5;200mc")[0], {
		text: "a",
		classes: "fg-3",
	});
});

test("what a terminal would obey is dropped or made visible", () => {
	assert.deepEqual(parseAnsi("a\u001b[2Jb\u001b]0;title\u0007c\u0008"), [
		{ text: "a", classes: "" },
		{ text: "b", classes: "" },
		{ text: "c␈", classes: "" },
	]);
	assert.deepEqual(parseAnsi("\u001b"), [{ text: "␛", classes: "" }]);
	assert.deepEqual(parseAnsi(""), []);
});

test("a very long console keeps its latest lines", () => {
	const log = new ConsoleLog();
	const line = encode("x\n");
	const many = new Uint8Array(line.length * 50_000).map((_, i) => line[i % line.length] ?? 0);
	let told = 0;
	log.onChange(() => told++);
	for (let i = 0; i < 5; i++) log.push(i * many.length, many);
	assert.equal(told, 5);
	assert.ok(log.lines.length >= LINES_KEPT && log.lines.length <= 1.1 * LINES_KEPT);
	assert.equal(log.dropped + log.lines.length, 250_000);
	assert.equal(log.bytes, 5 * many.length);
});

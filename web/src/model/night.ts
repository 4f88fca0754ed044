// SPDX-License-Identifier: Apache-2.0
// What became of a night, in words and looks.

import { plural } from "../text";
import type { Night, NightCell, NightImage } from "../types";
import type { Tone } from "./steps";

// The kinds of change, the worst first, as core/night/night.h names them.
export const KINDS: [kind: string, heading: string, tone: Tone][] = [
	["new-failure", "New failures", "bad"],
	["missing", "Missing", "bad"],
	["flaky", "Flaky", "warn"],
	["slower", "Slower", "warn"],
	["still-failing", "Still failing", "bad"],
	["fixed", "Fixed", "good"],
	["new-case", "New cases", "plain"],
	["same", "Unchanged", "quiet"],
];

function countOf(count: number, heading: string): string {
	const word = heading.toLowerCase();
	return `${count} ${count === 1 ? word.replace(/s$/, "") : word}`;
}

export function nightLook(night: Night): { tone: Tone; sign: string; words: string } {
	if (night.state !== "finished") {
		const tone = night.state === "running" ? "busy" : "quiet";
		return { tone, sign: night.state === "running" ? "▸" : "…", words: night.text || night.state };
	}
	if (!night.counts) return { tone: "plain", sign: "·", words: "not summed up yet" };
	const { counts } = night;
	const told = KINDS.filter(([kind]) => (counts[kind] ?? 0) > 0);
	const not_run = night.not_run ? [`${night.not_run} not run`] : [];
	const words = [...told.map(([kind, heading]) => countOf(counts[kind] ?? 0, heading)), ...not_run].join(
		", ",
	);
	const tones: Tone[] = [...told.map(([, , tone]) => tone), night.not_run ? "warn" : "good"];
	if (tones.includes("bad")) return { tone: "bad", sign: "✗", words };
	if (tones.includes("warn")) return { tone: "warn", sign: "~", words };
	return { tone: "good", sign: "✓", words: words || "no cases" };
}

export function cellLook(cell: NightCell): { tone: Tone; words: string } {
	if (cell.why) return { tone: "quiet", words: "not run" };
	if (cell.runs === cell.lost) return { tone: "quiet", words: "no result" };
	const bad = cell.failed + cell.missing;
	const all = cell.passed + bad + cell.mixed + cell.ignored;
	if (bad > 0) return { tone: "bad", words: `✗ ${bad} of ${all}` };
	if (cell.mixed > 0) return { tone: "warn", words: `~ ${cell.mixed} of ${all}` };
	if (cell.lost > 0) return { tone: "warn", words: `✓ ${cell.passed}, ${plural(cell.lost, "run")} lost` };
	return { tone: "good", words: `✓ ${cell.passed}` };
}

// A row of the matrix: an image of a suite on each board type.
export interface MatrixRow {
	suite: string;
	image: string;
	cells: (NightCell | undefined)[]; // as types are
	good: boolean; // nothing in it is to be looked at
}

export interface Matrix {
	types: string[];
	suites: { suite: string; rows: MatrixRow[] }[];
}

export function matrixOf(cells: NightCell[]): Matrix {
	const types = [...new Set(cells.map((cell) => cell.type))];
	const rows = new Map<string, MatrixRow>();
	for (const cell of cells) {
		const key = `${cell.suite}\n${cell.image}`;
		let row = rows.get(key);
		if (!row) {
			row = { suite: cell.suite, image: cell.image, cells: new Array(types.length), good: true };
			rows.set(key, row);
		}
		row.cells[types.indexOf(cell.type)] = cell;
		row.good &&= cellLook(cell).tone === "good";
	}
	const all = [...rows.values()];
	const suites = [...new Set(all.map((row) => row.suite))];
	return {
		types,
		suites: suites.map((suite) => ({ suite, rows: all.filter((row) => row.suite === suite) })),
	};
}

export function imageWords(image: NightImage): string {
	return image.version
		? `version ${image.version} by ${image.dropped_by ?? ""}`
		: `image ${image.sha256.slice(0, 12)}`;
}

// Since which image, and with which it was well: who is to look at it.
export function sinceWords(since: NightImage | undefined, good: NightImage | undefined): string {
	if (!since) return "";
	if (good && good.sha256 === since.sha256)
		return `since night ${since.night}, with the very image of night ${good.night}`;
	const before = good ? `, not with ${imageWords(good)}` : " or longer";
	return `since ${imageWords(since)} (night ${since.night})${before}`;
}

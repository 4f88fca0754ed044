// SPDX-License-Identifier: Apache-2.0
// What became of a night, in words and looks.

import type { Night, NightCell } from "../types";
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
	const words = told.map(([kind, heading]) => countOf(counts[kind] ?? 0, heading)).join(", ");
	const tones = told.map(([, , tone]) => tone);
	if (tones.includes("bad")) return { tone: "bad", sign: "✗", words };
	if (tones.includes("warn")) return { tone: "warn", sign: "~", words };
	return { tone: "good", sign: "✓", words: words || "no cases" };
}

export function cellLook(cell: NightCell): { tone: Tone; words: string } {
	if (cell.why) return { tone: "quiet", words: "not run" };
	if (cell.runs === cell.lost) return { tone: "quiet", words: "no result" };
	const bad = cell.failed + cell.missing;
	const all = cell.passed + bad + cell.mixed + cell.ignored;
	const tone = bad > 0 ? "bad" : cell.mixed + cell.lost > 0 ? "warn" : "good";
	return { tone, words: `${cell.passed} of ${all}` };
}

// SPDX-License-Identifier: Apache-2.0
// The words and looks of verdicts, states and steps: one table each.

export type Tone = "good" | "bad" | "warn" | "busy" | "quiet" | "plain";

export interface Look {
	tone: Tone;
	sign: string; // so that a word never depends on its colour
	word: string;
}

const LOOKS: Record<string, Look> = {
	passed: { tone: "good", sign: "✓", word: "passed" },
	"passed-on-retry": { tone: "warn", sign: "↻", word: "passed on retry" },
	"passed-waived": { tone: "warn", sign: "~", word: "passed with waivers" },
	"passed-expected": { tone: "warn", sign: "~", word: "failed as expected" },
	failed: { tone: "bad", sign: "✗", word: "failed" },
	infrastructure: { tone: "warn", sign: "!", word: "infrastructure" },
	inconclusive: { tone: "warn", sign: "?", word: "inconclusive" },
	cancelled: { tone: "quiet", sign: "–", word: "cancelled" },
	pass: { tone: "good", sign: "✓", word: "pass" },
	fail: { tone: "bad", sign: "✗", word: "fail" },
	ignored: { tone: "quiet", sign: "–", word: "ignored" },
	missing: { tone: "bad", sign: "∅", word: "missing" },
	crashed: { tone: "bad", sign: "↯", word: "crashed" },
	error: { tone: "bad", sign: "!", word: "error" },
	waived: { tone: "warn", sign: "~", word: "waived" },
	expected: { tone: "warn", sign: "~", word: "failed as expected" },
	"unexpected-pass": { tone: "bad", sign: "✗", word: "passed unexpectedly" },
	optional: { tone: "quiet", sign: "◦", word: "optional" },
	ok: { tone: "good", sign: "✓", word: "within its limits" },
	out: { tone: "bad", sign: "✗", word: "past its limit" },
	unjudged: { tone: "quiet", sign: "·", word: "not judged" },
	queued: { tone: "quiet", sign: "…", word: "queued" },
	assigned: { tone: "busy", sign: "→", word: "assigned" },
	running: { tone: "busy", sign: "▸", word: "running" },
	finished: { tone: "plain", sign: "■", word: "finished" },
	free: { tone: "good", sign: "●", word: "free" },
	leased: { tone: "busy", sign: "◆", word: "leased" },
	suspect: { tone: "warn", sign: "?", word: "suspect" },
	retired: { tone: "quiet", sign: "×", word: "retired" },
	reserved: { tone: "plain", sign: "▫", word: "reserved" },
	waiting: { tone: "quiet", sign: "…", word: "waiting" },
	starting: { tone: "busy", sign: "→", word: "starting" },
	held: { tone: "busy", sign: "◆", word: "held" },
	ending: { tone: "quiet", sign: "→", word: "ending" },
	offline: { tone: "quiet", sign: "○", word: "offline" },
	recovering: { tone: "warn", sign: "↻", word: "recovering" },
	quarantined: { tone: "bad", sign: "■", word: "quarantined" },
};

export function look(word: string): Look {
	return LOOKS[word] ?? { tone: "plain", sign: "·", word };
}

// How a job or run stands in one word: its verdict once it has finished, its state before. A pass that is less than all
// cases passing at once is told apart, by its cause.
export function outcome(thing: { state: string; verdict: string; cause?: string | null }): string {
	if (thing.state !== "finished" || !thing.verdict || thing.verdict === "none") return thing.state;
	return thing.verdict === "passed" && thing.cause?.startsWith("passed-") ? thing.cause : thing.verdict;
}

// Whether a step's cause means that it went well; the judge's is the run's own.
export function isGood(cause: string | null | undefined): boolean {
	return !cause || cause === "none" || cause === "all-required-seen" || cause.startsWith("passed-");
}

// Forward steps of a run that goes well, for a bar that shows how far a run is.
const STEP_ORDER = [
	"image",
	"power-on",
	"console-open",
	"attach",
	"identify",
	"flash",
	"verify",
	"reset",
	"capture",
	"snapshot",
	"judge",
];

// 0 … 1: how far a run is that is in this step. Steps nobody knows here leave it where capture begins; no step yet, or
// none heard of, at the beginning.
export function stepProgress(step: string): number {
	if (!step) return 0.02;
	const at = STEP_ORDER.indexOf(step);
	return at < 0 ? 0.5 : (at + 0.5) / STEP_ORDER.length;
}

// SPDX-License-Identifier: Apache-2.0
// How a board was helped when it did not answer: each recovery as the ladder it climbed, the gentlest rung first.

import { ago, clock, duration } from "../text";
import type { Recovery, RungResult, RungTry } from "../types";

const LOOKS: Record<RungResult, { tone: string; sign: string; words: string }> = {
	helped: { tone: "good", sign: "✓", words: "helped" },
	failed: { tone: "bad", sign: "✗", words: "did not help" },
	absent: { tone: "quiet", sign: "–", words: "no means for it" },
	unfit: { tone: "quiet", sign: "–", words: "does not reach what is wrong" },
	stopped: { tone: "quiet", sign: "■", words: "broken off" },
};

function Rung({ tried, most_us }: { tried: RungTry; most_us: number }) {
	const { tone, sign, words } = LOOKS[tried.result];
	return (
		<li class={`rung tone-${tone}`} data-rung={tried.rung} data-result={tried.result}>
			<span class="rung-name">
				<span class="sign" aria-hidden="true">
					{sign}
				</span>{" "}
				{tried.rung}
			</span>
			<span class="rung-track" aria-hidden="true">
				<span class="rung-bar" style={{ width: `${(100 * tried.took_us) / most_us}%` }} />
			</span>
			<span class="rung-took num">{tried.took_us > 0 && duration(tried.took_us)}</span>
			<span class="rung-text">{tried.result === "helped" ? words : tried.text || words}</span>
		</li>
	);
}

function outcomeOf({ state, helped_by, begun_at_us, ended_at_us }: Recovery): string {
	if (state === "climbing") return "under way";
	const took = duration(Math.max(0, ended_at_us - begun_at_us));
	if (state === "helped") return `${helped_by} helped, after ${took}`;
	return state === "exhausted" ? `nothing helped in ${took}` : `broken off after ${took}`;
}

function OneRecovery({ recovery, now }: { recovery: Recovery; now: number }) {
	const most_us = Math.max(1, ...recovery.rungs.map((tried) => tried.took_us));
	const why = recovery.cause === "none" ? "its agent's start" : recovery.cause;
	return (
		<li class="wait" data-recovery={recovery.state}>
			<p>
				<strong>{outcomeOf(recovery)}</strong>{" "}
				<time class="muted" title={clock(recovery.begun_at_us)}>
					{ago(recovery.begun_at_us, now)}
				</time>
			</p>
			<p class="wait-why">{[why, recovery.text].filter(Boolean).join(": ")}</p>
			<ol class="ladder" aria-label="Rungs, the gentlest first">
				{recovery.rungs.map((tried, i) => (
					<Rung key={`${tried.rung}${i}`} tried={tried} most_us={most_us} />
				))}
			</ol>
		</li>
	);
}

export function Recoveries({ recoveries, now }: { recoveries: Recovery[]; now: number }) {
	if (recoveries.length === 0) return null;
	return (
		<section aria-labelledby="recoveries-title">
			<h2 id="recoveries-title">Recoveries</h2>
			<ol class="waits">
				{recoveries.map((recovery) => (
					<OneRecovery key={recovery.begun_at_us} recovery={recovery} now={now} />
				))}
			</ol>
		</section>
	);
}

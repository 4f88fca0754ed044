// SPDX-License-Identifier: Apache-2.0
// How many cases ended how: a bar in proportion, and the numbers in words.

import type { Counts } from "../types";

const PARTS: { key: keyof Counts; tone: string }[] = [
	{ key: "passed", tone: "good" },
	{ key: "failed", tone: "bad" },
	{ key: "crashed", tone: "bad" },
	{ key: "error", tone: "bad" },
	{ key: "missing", tone: "warn" },
	{ key: "ignored", tone: "quiet" },
	{ key: "waived", tone: "warn" },
	{ key: "expected", tone: "warn" },
];

export function countsText(counts: Counts): string {
	return PARTS.filter(({ key }) => counts[key] > 0)
		.map(({ key }) => `${counts[key]} ${key}`)
		.join(", ");
}

export function CountsBar({ counts }: { counts: Counts }) {
	const total = PARTS.reduce((sum, { key }) => sum + (counts[key] ?? 0), 0);
	if (!total) return null;
	return (
		<span class="counts">
			<span class="counts-bar" aria-hidden="true">
				{PARTS.filter(({ key }) => counts[key] > 0).map(({ key, tone }) => (
					<span key={key} class={`tone-${tone}`} style={{ flexGrow: counts[key] }} />
				))}
			</span>
			<span class="counts-text">{countsText(counts)}</span>
		</span>
	);
}

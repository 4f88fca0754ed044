// SPDX-License-Identifier: Apache-2.0
// A run's steps drawn against one time axis; the one under way grows.

import { type TimelineRow, timeline } from "../model/run";
import { duration } from "../text";
import type { Step } from "../types";

function toneOf(row: TimelineRow): string {
	if (row.open) return "busy";
	if (!row.good) return "bad";
	return row.step.phase === "back" ? "quiet" : "good";
}

function Row({ row, total_us }: { row: TimelineRow; total_us: number }) {
	const left = (100 * row.begun_us) / total_us;
	const width = (100 * row.took_us) / total_us;
	const state = row.open ? "under way" : row.good ? "ok" : row.step.cause;
	return (
		<li class={`step ${row.step.phase}`} data-step={row.step.step} data-state={row.open ? "open" : "ended"}>
			<span class="step-name">
				{row.step.phase === "back" && <span aria-hidden="true">↩ </span>}
				{row.step.step}
			</span>
			<span class="step-track" aria-hidden="true">
				<span class={`step-bar tone-${toneOf(row)}`} style={{ left: `${left}%`, width: `${width}%` }} />
			</span>
			<span class="step-took num">{duration(row.took_us)}</span>
			<span class={row.good ? "step-text" : "step-text bad"}>
				<span class="unseen">{state}. </span>
				{!row.good && <strong>{row.step.cause}: </strong>}
				{row.step.text}
			</span>
		</li>
	);
}

export function Timeline({ steps, rackNowUs }: { steps: Step[]; rackNowUs: number }) {
	const { rows, total_us } = timeline(steps, rackNowUs);
	if (rows.length === 0) return <p class="empty">Nothing has begun yet.</p>;
	return (
		<ol class="timeline">
			{rows.map((row) => (
				<Row key={`${row.step.row}${row.step.phase}${row.step.begun_at_us}`} row={row} total_us={total_us} />
			))}
		</ol>
	);
}

// SPDX-License-Identifier: Apache-2.0
// What waits, in the order it will be given boards: for what, how many before it, and from when to when to expect it.

import { useEffect, useState } from "preact/hooks";
import { useNow, useRenewed, useTitle, useWorld } from "../context";
import { Dot } from "../parts/chip";
import { Ends, type Scale, Span } from "../parts/span";
import { Loading, Problem } from "../parts/states";
import { hrefs } from "../route";
import { moment, plural, whenExpected } from "../text";
import type { QueueEntry } from "../types";

const LOADED = 200;
const NAMED = 8; // boards for each reason

// From now to the last time anything is expected.
function scaleOf(entries: QueueEntry[], now: number): Scale {
	const expected = entries.map((entry) => entry.expected_to_us ?? entry.expected_at_us ?? 0);
	return { from_us: now, to_us: Math.max(now + 60_000_000, ...expected) + 10_000_000 };
}

type Refused = NonNullable<QueueEntry["boards"]>[number];

function Reason({ why, of, now }: { why: string; of: Refused[]; now: number }) {
	return (
		<li class="row" data-why={why}>
			<span>
				{why} <span class="muted">{plural(of.length, "board")}</span>
			</span>
			<span class="why-boards">
				{of.slice(0, NAMED).map((board) => (
					<a key={board.board} href={hrefs.board(board.board)}>
						<Dot word={board.state} /> {board.board}
						{board.until_us ? `, until ${moment(board.until_us, now)} at the latest` : ""}
					</a>
				))}
				{of.length > NAMED && <span class="muted">and {of.length - NAMED} more</span>}
			</span>
		</li>
	);
}

function Boards({ run, now }: { run: number; now: number }) {
	const { api } = useWorld();
	const [boards, setBoards] = useState<QueueEntry["boards"]>();
	useEffect(() => {
		const abort = new AbortController();
		api
			.waiting(run, abort.signal)
			.then((entry) => setBoards(entry?.boards ?? []))
			.catch(() => setBoards([]));
		return () => abort.abort();
	}, [api, run]);
	if (!boards) return <Loading />;
	const reasons = [...new Set(boards.map((board) => board.why))];
	if (boards.length === 0) return <p class="empty">It waits no longer, or no board is of its type.</p>;
	return (
		<ul class="rows why-not">
			{reasons.map((why) => (
				<Reason key={why} why={why} of={boards.filter((board) => board.why === why)} now={now} />
			))}
		</ul>
	);
}

function Waiting({ entry, scale, now }: { entry: QueueEntry; scale: Scale; now: number }) {
	const [open, setOpen] = useState(false);
	const expected = entry.expected_at_us ?? 0;
	const when = whenExpected(entry, now);
	const reason = entry.waits + (when ? ` · expected ${when}` : "");
	return (
		<li class="wait" data-run={entry.run}>
			<div class="wait-line">
				<span class="num wait-position" title={`${plural(entry.position ?? 0, "run")} before it`}>
					{(entry.position ?? 0) + 1}
				</span>
				<a class="row-main" href={hrefs.run(entry.run)}>
					Run {entry.run} <span class="row-name">{entry.name}</span>
				</a>
				<span class="tag">{entry.board || entry.board_type}</span>
				<button
					class="text-button"
					type="button"
					aria-expanded={open}
					aria-label={`Why run ${entry.run} has no board`}
					onClick={() => setOpen(!open)}
				>
					why?
				</button>
			</div>
			<p class="wait-why">{reason}</p>
			{expected > 0 && (
				<Span
					scale={scale}
					from_us={entry.expected_from_us ?? expected}
					to_us={entry.expected_to_us ?? expected}
					now_us={now}
					tone="busy"
					label={`expected ${when}`}
				/>
			)}
			{open && <Boards run={entry.run} now={now} />}
		</li>
	);
}

export function Queue() {
	useTitle("Queue");
	const { value, error } = useRenewed(
		"queue",
		(api, signal) => api.queue(LOADED, signal),
		(event) => event.type.startsWith("run.") || event.type === "job.submitted",
	);
	const now = useNow(true, 5_000);
	if (error) return <Problem error={error} what="The queue" />;
	if (!value) return <Loading />;
	const scale = scaleOf(value, now);
	return (
		<article class="list-page">
			<h1>
				Queue{" "}
				<span class="summary">
					{value.length === LOADED ? `the first ${LOADED} runs` : plural(value.length, "run")}
				</span>
			</h1>
			{value.length === 0 && <p class="empty">Nothing waits for a board.</p>}
			{value.length > 0 && <Ends scale={scale} now_us={now} />}
			<ol class="waits">
				{value.map((entry) => (
					<Waiting key={entry.run} entry={entry} scale={scale} now={now} />
				))}
			</ol>
		</article>
	);
}

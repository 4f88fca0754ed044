// SPDX-License-Identifier: Apache-2.0
// One night: its matrix, and what changed since the last accepted one, the worst first.

import { useState } from "preact/hooks";
import { useRenewed, useTitle, useWorld } from "../context";
import { cellLook, imageWords, KINDS, matrixOf, nightLook, sinceWords } from "../model/night";
import { Act } from "../parts/act";
import { type Fact, FactList } from "../parts/facts";
import { Loading, Problem } from "../parts/states";
import { hrefs } from "../route";
import { clock, duration, plural } from "../text";
import type { Night, NightCell, NightChange, NightSummary } from "../types";

function Cell({ cell, job }: { cell: NightCell | undefined; job: number | undefined }) {
	if (!cell) return <td />;
	const { tone, words } = cellLook(cell);
	const told = cell.why || `${cell.runs} runs, ${cell.lost} without a result`;
	return (
		<td class={`cell tone-${tone}`} title={told}>
			{job ? <a href={hrefs.job(job)}>{words}</a> : words}
		</td>
	);
}

const ROWS_SHOWN = 15; // of more those in which all is well can be left out

function Matrix({ night, summary }: { night: Night; summary: NightSummary }) {
	const matrix = matrixOf(summary.cells);
	const rows = matrix.suites.flatMap((suite) => suite.rows);
	const good = rows.filter((row) => row.good).length;
	const [all, setAll] = useState(false);
	const few = rows.length <= ROWS_SHOWN || all;
	const jobs = new Map(night.cells?.map((cell) => [`${cell.suite}\n${cell.image}\n${cell.type}`, cell.job]));
	return (
		<section aria-labelledby="matrix-title">
			<h2 id="matrix-title">
				Cases{" "}
				<span class="summary">
					{plural(rows.length, "image")} · ✓ passed · ✗ failed or missing · ~ passed and failed
				</span>
			</h2>
			{/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
			<section class="scroll" tabIndex={0} aria-label="The matrix">
				<table class="matrix">
					<thead>
						<tr>
							<th scope="col">Image</th>
							{matrix.types.map((type) => (
								<th scope="col" key={type}>
									{type}
								</th>
							))}
						</tr>
					</thead>
					{matrix.suites.map(({ suite, rows: of }) => (
						<tbody key={suite}>
							<tr class="matrix-suite">
								<th scope="rowgroup" colSpan={matrix.types.length + 1}>
									<span>{suite}</span>
								</th>
							</tr>
							{of
								.filter((row) => few || !row.good)
								.map((row) => (
									<tr key={row.image}>
										<th scope="row">{row.image}</th>
										{matrix.types.map((type, i) => (
											<Cell
												key={type}
												cell={row.cells[i]}
												job={jobs.get(`${suite}\n${row.image}\n${type}`)}
											/>
										))}
									</tr>
								))}
						</tbody>
					))}
				</table>
			</section>
			{rows.length > ROWS_SHOWN && good > 0 && (
				<p class="more">
					<button class="button" type="button" aria-expanded={all} onClick={() => setAll(!all)}>
						{all ? "Only what is to be looked at" : `Show ${plural(good, "image")} with which all passed`}
					</button>
				</p>
			)}
		</section>
	);
}

function Change({ change }: { change: NightChange }) {
	const slower =
		change.measure !== undefined &&
		`${change.measure}: ${change.before_value} → ${change.now_value} ${change.unit}, ${Math.round(change.percent ?? 0)} %`;
	return (
		<li class="row night-change">
			{change.run > 0 ? (
				<a class="row-main" href={hrefs.run(change.run)}>
					{change.case}
				</a>
			) : (
				<span class="row-main">{change.case}</span>
			)}
			<span class="row-note">
				{[`${change.suite}, ${change.image} on ${change.type}`, slower].filter(Boolean).join(" · ")}
			</span>
			{change.since && <span class="row-since">{sinceWords(change.since, change.good)}</span>}
		</li>
	);
}

function Changes({ summary }: { summary: NightSummary }) {
	const { changes, changes_total } = summary.comparison;
	return (
		<>
			{KINDS.map(([kind, heading, tone]) => {
				const of = changes.filter((change) => change.kind === kind);
				if (of.length === 0) return null;
				return (
					<section key={kind} data-kind={kind} aria-labelledby={`kind-${kind}`}>
						<h2 id={`kind-${kind}`}>
							<span class={`dot tone-${tone}`} aria-hidden="true" /> {heading}{" "}
							<span class="summary">{summary.comparison.counts[kind]}</span>
						</h2>
						<ol class="rows">
							{of.map((change, i) => (
								<Change key={`${change.case} ${change.type} ${i}`} change={change} />
							))}
						</ol>
					</section>
				);
			})}
			{changes_total > changes.length && (
				<p class="more">and {changes_total - changes.length} more: assay nights show has them all</p>
			)}
		</>
	);
}

function Facts({ night }: { night: Night }) {
	const took = night.finished_at_us && night.begun_at_us ? night.finished_at_us - night.begun_at_us : 0;
	const facts: Fact[] = [
		["Due", clock(night.due_us)],
		["Took", took > 0 ? duration(took) : ""],
		["Accepted by", night.accepted_by],
		[
			"Compared with",
			night.before ? <a href={hrefs.night(night.before)}>night {night.before}</a> : "no night yet",
		],
		...(night.summary?.images ?? []).map(({ drop, now, was }): Fact => {
			const before = was?.version === now.version ? ", as before" : was && `, was ${imageWords(was)}`;
			return [drop, imageWords(now) + (before ?? "")];
		}),
	];
	return <FactList facts={facts} />;
}

export function NightPage({ id }: { id: number }) {
	const { api } = useWorld();
	const { value, error, renew } = useRenewed(
		`night:${id}`,
		(fresh, signal) => fresh.night(id, signal),
		(event) => event.type.startsWith("night.") && event.night === id,
	);
	useTitle(`Night ${id}`);
	if (error) return <Problem error={error} what={`night ${id}`} />;
	if (!value) return <Loading />;
	const { tone, sign, words } = nightLook(value);
	return (
		<article class="list-page" data-night={id} data-state={value.state}>
			<nav class="crumbs" aria-label="Where this is">
				<a href={hrefs.nights}>Nights</a>
			</nav>
			<header class="page-head">
				<h1>
					{value.schedule} <span class="muted">night {id}</span>
				</h1>
				<span class={`chip big tone-${tone}`}>
					<span class="sign" aria-hidden="true">
						{sign}
					</span>
					{words}
				</span>
			</header>
			{value.text && value.state === "finished" && <p class="lead">{value.text}</p>}
			<Facts night={value} />
			{value.summary && !value.accepted_by && (
				<p class="actions">
					<Act
						word="Accept this night"
						ask="Compare later nights with it?"
						act={() => api.acceptNight(id)}
						done={renew}
					/>
				</p>
			)}
			{value.summary && <Matrix night={value} summary={value.summary} />}
			{value.summary && <Changes summary={value.summary} />}
		</article>
	);
}

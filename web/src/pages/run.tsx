// SPDX-License-Identifier: Apache-2.0
// One run: what it ran on, its steps, its cases, its console, and why it ended as it did.

import { useMemo, useRef } from "preact/hooks";
import { saveBlob } from "../api";
import { ConsoleLog } from "../console/log";
import { ConsoleView, type ConsoleViewHandle } from "../console/view";
import { useFollowed, useNow, useTitle, useWorld } from "../context";
import { applyRunEvent, countsSoFar, isLoud } from "../model/run";
import { outcome } from "../model/steps";
import { Cases } from "../parts/cases";
import { Chip } from "../parts/chip";
import { countsText } from "../parts/counts";
import { OriginOf } from "../parts/origin";
import { Remains } from "../parts/remains";
import { Loading, Problem } from "../parts/states";
import { Timeline } from "../parts/timeline";
import { hrefs } from "../route";
import { clock, duration, endOf, nowUs, plural, waitText, wasSeen, whenExpected } from "../text";
import type { CaseResult, JobKind, Run } from "../types";

interface Shown {
	run: Run;
	waits: string; // for what, while it is queued
	seq: number;
	log: ConsoleLog;
	skew_us: number; // our clock minus the rack's, from the fastest event
}

// What a run is for that is nobody's test.
const KINDS: Partial<Record<JobKind, string>> = {
	lease: "lease",
	check: "health check",
	diagnosis: "board or firmware?",
};

function Facts({ run, now }: { run: Run; now: number }) {
	const { sha256, name, build_id } = run.image;
	const took = run.started_at_us ? Math.max(0, (run.finished_at_us || now) - run.started_at_us) : -1;
	return (
		<dl class="facts">
			<div>
				<dt>Board</dt>
				<dd>
					{run.board ? (
						<a href={hrefs.board(run.board)}>{run.board}</a>
					) : (
						run.wanted_board || "any, not chosen yet"
					)}{" "}
					<span class="muted">{run.board_type}</span>
				</dd>
			</div>
			{run.agent && (
				<div>
					<dt>Rack</dt>
					<dd>{run.agent}</dd>
				</div>
			)}
			{sha256 && (
				<div>
					<dt>Image</dt>
					<dd>
						{name} <code title={`SHA-256 ${sha256}`}>{sha256.slice(0, 12)}</code>
					</dd>
				</div>
			)}
			{build_id && (
				<div>
					<dt>Build id</dt>
					<dd>
						<code title={build_id}>{build_id.slice(0, 16)}</code>
					</dd>
				</div>
			)}
			<div>
				<dt>Begun</dt>
				<dd>{clock(run.started_at_us) || (run.state === "finished" ? "never" : "not yet")}</dd>
			</div>
			{took >= 0 && (
				<div>
					<dt>Took</dt>
					<dd class="num">{duration(took)}</dd>
				</div>
			)}
			{Object.entries(run.parameters ?? {}).map(([name, value]) => (
				<div key={name} data-parameter={name}>
					<dt>{name}</dt>
					<dd>{value}</dd>
				</div>
			))}
		</dl>
	);
}

function Head({ run, waits }: { run: Run; waits: string }) {
	return (
		<>
			<nav class="crumbs" aria-label="Where this is">
				<a href={hrefs.overview}>Overview</a>
				<span aria-hidden="true"> / </span>
				<a href={hrefs.job(run.job)}>
					Job {run.job}
					{run.job_name ? ` ${run.job_name}` : ""}
				</a>
			</nav>
			<header class="page-head">
				<h1>
					<span class="muted">Run {run.id}</span> {run.board || run.board_type}
					{run.kind && KINDS[run.kind] && <span class="tag">{KINDS[run.kind]}</span>}
					{run.attempt > 1 && <span class="tag">attempt {run.attempt}</span>}
				</h1>
				<Chip word={outcome(run)} big />
			</header>
			{run.text && <p class="lead">{run.text}</p>}
			{run.state === "queued" && waits && <p class="lead">Waiting: {waits}</p>}
			{run.core && !run.text.includes(run.core) && <p class="core">{run.core}</p>}
		</>
	);
}

function subscribeRun(id: number, held: Shown, update: (change: (value: Shown) => Shown) => void) {
	return [
		{
			topic: `run:${id}`,
			after: held.seq,
			consoleFrom: 0,
			onEvents: (events: Parameters<typeof applyRunEvent>[1][]) =>
				update((shown) => {
					const now = nowUs();
					const lags = events.map((event) => now - (event.rack_at_us ?? event.at_us));
					return {
						...shown,
						run: events.reduce(applyRunEvent, shown.run),
						skew_us: Math.min(shown.skew_us, ...lags),
					};
				}),
			// The console draws itself; the page around it need not.
			onConsole: ({ offset, bytes }: { offset: number; bytes: Uint8Array }) => held.log.push(offset, bytes),
		},
	];
}

// On a narrow screen what is wide beside is long below: one touch leads to each part.
function JumpBar({ failing, cases }: { failing: boolean; cases: boolean }) {
	const parts = [
		...(failing ? [["failing-title", "Failing"]] : []),
		["console-title", "Console"],
		["steps-title", "Steps"],
		...(cases ? [["cases-title", "Cases"]] : []),
	];
	return (
		<nav class="jump" aria-label="Parts of this page">
			{parts.map(([id, word]) => (
				<button
					key={id}
					type="button"
					class="text-button"
					onClick={() => document.getElementById(id ?? "")?.scrollIntoView({ block: "start" })}
				>
					{word}
				</button>
			))}
		</nav>
	);
}

function Loaded({ shown, now }: { shown: Shown; now: number }) {
	const { api } = useWorld();
	const { run, log } = shown;
	const consoleView = useRef<ConsoleViewHandle | null>(null);
	const rackNow = Number.isFinite(shown.skew_us) ? now - shown.skew_us : now;
	const marks = useMemo(() => run.cases.filter(wasSeen), [run.cases]);
	const loud = useMemo(() => run.cases.filter(isLoud), [run.cases]);
	const others = useMemo(() => run.cases.filter((result) => !isLoud(result)), [run.cases]);
	const save = async () => saveBlob(await api.download(`/runs/${run.id}/console`), `run-${run.id}.log`);
	const show = (result: CaseResult) => consoleView.current?.show(result.offset, endOf(result));
	return (
		<article class="run-page" data-outcome={outcome(run)}>
			<div class="run-top">
				<Head run={run} waits={shown.waits} />
				<Facts run={run} now={now} />
			</div>
			<JumpBar failing={loud.length > 0} cases={run.kind !== "lease"} />
			<div class="run-first">
				{loud.length > 0 && (
					<section aria-labelledby="failing-title">
						<h2 id="failing-title">
							Failing <span class="summary">{plural(loud.length, "case")}</span>
						</h2>
						<Cases cases={loud} show={show} />
					</section>
				)}
				<OriginOf run={run} />
				<Remains run={run} />
			</div>
			<section class="run-console" aria-labelledby="console-title">
				<ConsoleView
					log={log}
					marks={marks}
					open={run.state !== "finished"}
					save={save}
					handle={consoleView}
				/>
			</section>
			<div class="run-rest">
				<section aria-labelledby="steps-title">
					<h2 id="steps-title">Steps</h2>
					<Timeline steps={run.steps} rackNowUs={rackNow} />
				</section>
				{run.kind !== "lease" && (
					<section aria-labelledby="cases-title">
						<h2 id="cases-title">
							{loud.length > 0 ? "Other cases" : "Cases"}{" "}
							<span class="summary">{countsText(countsSoFar(run))}</span>
						</h2>
						{others.length > 0 && <Cases cases={others} show={show} />}
						{run.cases.length === 0 && <p class="empty">No case has been seen yet.</p>}
					</section>
				)}
			</div>
		</article>
	);
}

export function RunPage({ id }: { id: number }) {
	const { value, error } = useFollowed<Shown>(
		`run:${id}`,
		async (api, signal) => {
			const { seq } = await api.farm(signal);
			const run = await api.run(id, signal);
			const waiting = run.state === "queued" ? await api.waiting(id, signal) : undefined;
			return {
				run,
				waits: waiting ? waitText(waiting.waits, waiting.position ?? 0, whenExpected(waiting, nowUs())) : "",
				seq,
				log: new ConsoleLog(),
				skew_us: Number.POSITIVE_INFINITY,
			};
		},
		(held, update) => subscribeRun(id, held, update),
	);
	useTitle(value ? `Run ${id} ${value.run.board}: ${outcome(value.run)}` : `Run ${id}`);
	const now = useNow(value?.run.state !== "finished", 100);
	if (error) return <Problem error={error} what={`run ${id}`} />;
	return value ? <Loaded shown={value} now={now} /> : <Loading />;
}

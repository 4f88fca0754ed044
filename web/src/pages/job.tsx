// SPDX-License-Identifier: Apache-2.0
// One job: every attempt of each of its runs, with verdicts and reasons.

import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError, saveBlob } from "../api";
import { useFollowed, useNow, useTitle, useWorld } from "../context";
import { applyJobEvent, countsSoFar, isSuperseded, runsInOrder } from "../model/run";
import { outcome } from "../model/steps";
import { Chip } from "../parts/chip";
import { CountsBar } from "../parts/counts";
import { SealJob } from "../parts/seal";
import { Loading, Problem } from "../parts/states";
import { hrefs } from "../route";
import { clock, duration, plural } from "../text";
import type { Job, Run } from "../types";

function RunRow({ run, old, now }: { run: Run; old: boolean; now: number }) {
	const begun = run.started_at_us;
	const took = begun ? duration(Math.max(0, (run.finished_at_us || now) - begun)) : "";
	const open = run.steps.filter((step) => step.took_us == null);
	const doing = run.state === "running" ? (open[open.length - 1]?.step ?? "") : "";
	return (
		<li class={`run-row${old ? " superseded" : ""}`} data-run={run.id} data-outcome={outcome(run)}>
			<div class="run-row-head">
				<Chip word={outcome(run)} />
				<a href={hrefs.run(run.id)} class="row-main">
					Run <span class="num">{run.id}</span>
				</a>
				<span class="run-where">
					{run.board || run.wanted_board || "any board"}{" "}
					<span class="muted">
						{run.board_type} · {run.image.name}
					</span>
				</span>
				<span class="run-took num">
					{doing && <span class="muted">{doing} </span>}
					{took}
				</span>
			</div>
			<div class="run-row-body">
				{run.text && <p class="why">{run.text}</p>}
				<CountsBar counts={countsSoFar(run)} />
				{(old || run.attempt > 1) && (
					<p class="muted small">
						attempt {run.attempt}
						{old ? ", tried again" : ""}
					</p>
				)}
			</div>
		</li>
	);
}

// Asks back: what was measured so far is lost to a slip of the hand otherwise.
function CancelJob({ cancel }: { cancel: () => void }) {
	const [asked, setAsked] = useState(false);
	const no = useRef<HTMLButtonElement>(null);
	useEffect(() => {
		if (asked) no.current?.focus();
	}, [asked]);
	if (!asked)
		return (
			<button class="button" type="button" onClick={() => setAsked(true)}>
				Cancel job
			</button>
		);
	const yes = () => {
		setAsked(false);
		cancel();
	};
	return (
		<fieldset class="ask">
			<legend>End its runs now?</legend>
			<button class="button" type="button" onClick={yes}>
				Yes, cancel it
			</button>
			<button class="button" type="button" ref={no} onClick={() => setAsked(false)}>
				No
			</button>
		</fieldset>
	);
}

function Actions({ job, role }: { job: Job; role: string }) {
	const { api } = useWorld();
	const [problem, setProblem] = useState("");
	const attempt = async (action: () => Promise<void>) => {
		setProblem("");
		try {
			await action();
		} catch (error) {
			setProblem(error instanceof ApiError ? error.message : String(error));
		}
	};
	const report = (format: string, suffix: string) =>
		attempt(async () =>
			saveBlob(await api.download(`/jobs/${job.id}/report?format=${format}`), `job-${job.id}.${suffix}`),
		);
	return (
		<div class="actions">
			{job.state !== "finished" && role !== "viewer" && (
				<CancelJob cancel={() => attempt(() => api.cancel(job.id))} />
			)}
			<button class="button" type="button" onClick={() => report("html", "html")}>
				Report
			</button>
			<button class="button" type="button" onClick={() => report("text", "txt")}>
				Text
			</button>
			<button class="button" type="button" onClick={() => report("junit", "xml")}>
				JUnit
			</button>
			<button class="button" type="button" onClick={() => report("json", "json")}>
				JSON
			</button>
			{problem && (
				<span class="problem" role="alert">
					{problem}
				</span>
			)}
		</div>
	);
}

export function JobPage({ id }: { id: number }) {
	const { value, error } = useFollowed<{ job: Job; seq: number; role: string }>(
		`job:${id}`,
		async (api, signal) => {
			const { seq, you } = await api.farm(signal);
			return { job: await api.job(id, signal), seq, role: you.role };
		},
		({ seq }, update) => [
			{
				topic: `job:${id}`,
				after: seq,
				onEvents: (events) => update((held) => ({ ...held, job: events.reduce(applyJobEvent, held.job) })),
			},
		],
	);
	useTitle(value ? `Job ${id} ${value.job.name}: ${outcome(value.job)}` : `Job ${id}`);
	const now = useNow(value?.job.state !== "finished", 200);
	if (error) return <Problem error={error} what={`job ${id}`} />;
	if (!value) return <Loading />;
	const { job } = value;
	const runs = runsInOrder(job);
	const took = Math.max(0, (job.finished_at_us || now) - job.submitted_at_us);
	return (
		<article class="job-page">
			<nav class="crumbs" aria-label="Where this is">
				<a href={hrefs.overview}>Overview</a>
			</nav>
			<header class="page-head">
				<h1>
					<span class="muted">Job {job.id}</span> {job.name}
				</h1>
				<Chip word={outcome(job)} big />
			</header>
			{job.text && <p class="lead">{job.text}</p>}
			<dl class="facts">
				<div>
					<dt>Suite</dt>
					<dd>{job.suite || "written out"}</dd>
				</div>
				<div>
					<dt>Submitted</dt>
					<dd>
						{clock(job.submitted_at_us)}
						{job.owner ? ` by ${job.owner}` : ""}
					</dd>
				</div>
				<div>
					<dt>Took</dt>
					<dd class="num">{duration(took)}</dd>
				</div>
				<div>
					<dt>Priority</dt>
					<dd class="num">{job.priority}</dd>
				</div>
			</dl>
			<Actions job={job} role={value.role} />
			<section aria-labelledby="runs-title">
				<h2 id="runs-title">
					Runs <span class="summary">{plural(runs.length, "attempt")}</span>
				</h2>
				<ol class="run-rows">
					{runs.map((run) => (
						<RunRow key={run.id} run={run} old={isSuperseded(run, runs)} now={now} />
					))}
				</ol>
			</section>
			{job.state === "finished" && value.role !== "viewer" && <SealJob job={job.id} />}
		</article>
	);
}

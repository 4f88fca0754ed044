// SPDX-License-Identifier: Apache-2.0
// The farm at a glance: boards and what they do, what waits, what was done.

import { useEffect, useState } from "preact/hooks";
import { useFollowed, useNow, useRenewed, useWorld } from "../context";
import {
	type Activity,
	addOlderJobs,
	applyFarmEvent,
	boardCounts,
	boardsInOrder,
	type FarmState,
	farmState,
	JOBS_PAGE,
	jobsInOrder,
	waitingGroups,
} from "../model/farm";
import { look, outcome, stepProgress } from "../model/steps";
import { Chip, Dot } from "../parts/chip";
import { Crowd } from "../parts/crowd";
import { Loading, Problem } from "../parts/states";
import { hrefs } from "../route";
import { ago, clock, duration, lasting, moment, nowUs, plural, roughly } from "../text";
import type { Board, Farm, Job, Lease, QueueEntry } from "../types";

interface Shown {
	farm: Farm;
	state: FarmState;
}

function Work({ activity, job, spent }: { activity: Activity; job: Job | undefined; spent: string }) {
	// A page that comes later knows the step with the next one that begins.
	const doing = activity.step || "under way";
	return (
		<div class="board-work">
			<a href={hrefs.run(activity.run)} class="board-run">
				Run {activity.run}
				{job ? ` · ${job.name}` : ""}
			</a>
			<span class="progress" role="img" aria-label={doing}>
				<span style={{ width: `${100 * stepProgress(activity.step)}%` }} />
			</span>
			<span class="board-step">
				<span>{doing}</span>
				<span class="num">{spent}</span>
			</span>
		</div>
	);
}

// A person has it: who, what for, and until when.
function InHands({
	activity,
	lease,
	farmNow,
}: {
	activity: Activity;
	lease: Lease | undefined;
	farmNow: number;
}) {
	const left = lease?.until_us ? lease.until_us - farmNow : 0;
	return (
		<div class="board-hands">
			<a href={hrefs.job(activity.job)}>{lease ? lease.holder : `Lease ${activity.job}`}</a>
			{lease?.why && <p class="board-hands-why">{lease.why}</p>}
			{left > 0 && (
				<p>
					until {moment(lease?.until_us ?? 0, farmNow)}, {roughly(left)} left
				</p>
			)}
		</div>
	);
}

function BoardCard({ board, activity, job, lease, farmNow }: BoardCardProps) {
	const { tone } = look(board.state);
	const spent = activity ? duration(Math.max(0, farmNow - activity.since_us)) : "";
	return (
		<li class={`board tone-${tone}`} data-board={board.name} data-state={board.state}>
			<div class="board-head">
				<h3>
					<a href={hrefs.board(board.name)}>{board.name}</a>
				</h3>
				<span class="board-state">
					<Dot word={board.state} /> {board.state}
				</span>
			</div>
			<p class="board-type">
				<span>
					{board.type}
					{board.virtual && board.type !== "simulated" && (
						<span class="tag">{board.simulated ? "simulated" : "virtual"}</span>
					)}
				</span>
				{!activity && !board.reason && <span>{lasting(board.state, board.changed_at_us, farmNow)}</span>}
			</p>
			{activity && board.state === "leased" && <InHands {...{ activity, lease, farmNow }} />}
			{activity && board.state !== "leased" && <Work activity={activity} job={job} spent={spent} />}
			{board.reason && !(activity && board.state === "running") && <p class="board-why">{board.reason}</p>}
		</li>
	);
}

interface BoardCardProps {
	board: Board;
	activity: Activity | undefined;
	job: Job | undefined;
	lease: Lease | undefined;
	farmNow: number;
}

const CARDS_MAX = 24; // boards; of more all are squares, by type, and cards those that a person has or is to look at
const TO_LOOK_AT = new Set(["leased", "quarantined"]);

function useLeases(): Map<number, Lease> {
	const { value } = useRenewed(
		"overview-leases",
		(api, signal) => api.leases(signal),
		(event) => event.type.startsWith("lease.") || event.kind === "lease",
	);
	return new Map((value ?? []).map((lease) => [lease.id, lease]));
}

function Boards({ state, farmNow }: { state: FarmState; farmNow: number }) {
	const boards = boardsInOrder(state);
	const leases = useLeases();
	const ofRun = new Map([...state.activity.values()].map((activity) => [activity.board, activity]));
	const many = boards.length > CARDS_MAX;
	const carded = many ? boards.filter((board) => TO_LOOK_AT.has(board.state)).slice(0, CARDS_MAX) : boards;
	return (
		<section aria-labelledby="boards-title">
			<h2 id="boards-title">
				Boards
				<span class="summary">
					{boardCounts(state).map(([word, count]) => (
						<span key={word}>
							<Dot word={word} /> {count} {word}
						</span>
					))}
				</span>
			</h2>
			{boards.length === 0 && (
				<p class="empty">No boards yet. Start an assay-agent with a rack file, and they appear here.</p>
			)}
			{carded.length > 0 && (
				<ul class="boards">
					{carded.map((board) => {
						const activity = ofRun.get(board.name);
						const job = activity && state.jobs.get(activity.job);
						const lease = activity && leases.get(activity.job);
						return <BoardCard key={board.name} {...{ board, activity, job, lease, farmNow }} />;
					})}
				</ul>
			)}
			{many && <Crowd boards={boards} />}
		</section>
	);
}

const QUEUE_LOADED = 50;
const QUEUE_SHOWN = 12;

function Queue({ entries }: { entries: QueueEntry[] }) {
	if (entries.length === 0) return null;
	const groups = waitingGroups(entries);
	const rest = groups.slice(QUEUE_SHOWN).reduce((sum, group) => sum + group.runs, 0);
	return (
		<section aria-labelledby="queue-title">
			<h2 id="queue-title">
				Waiting <span class="summary">{plural(entries.length, "run")}</span>
			</h2>
			<ol class="rows queue">
				{groups.slice(0, QUEUE_SHOWN).map(({ entry, runs }) => (
					<li key={entry.run} class="row">
						<a href={runs > 1 ? hrefs.job(entry.job) : hrefs.run(entry.run)} class="row-main">
							{runs > 1 ? `${runs} runs of job ${entry.job}` : `Run ${entry.run}`}{" "}
							<span class="row-name">{entry.name}</span>
						</a>
						<span class="row-note">
							{entry.waits || (entry.board ? `for ${entry.board}` : `for any ${entry.board_type}`)}
						</span>
					</li>
				))}
			</ol>
			{rest > 0 && (
				<p class="more">
					and {plural(rest, "run")} more in the <a href={hrefs.queue}>queue</a>
				</p>
			)}
		</section>
	);
}

function JobRow({ job, farmNow }: { job: Job; farmNow: number }) {
	const end = job.finished_at_us || farmNow;
	return (
		<li class="row job-row" data-job={job.id} data-outcome={outcome(job)}>
			<Chip word={outcome(job)} />
			<a class="row-main" href={hrefs.job(job.id)}>
				<span class="num job-number">{job.id}</span> <span class="row-name">{job.name}</span>
			</a>
			<span class="row-note">{job.text}</span>
			<span class="row-time num">{duration(Math.max(0, end - job.submitted_at_us))}</span>
			<time class="row-time" title={clock(job.submitted_at_us)}>
				{ago(job.submitted_at_us, farmNow)}
			</time>
		</li>
	);
}

// Adds a page of older jobs to the state with each click; gone when there are no more.
function OlderJobs({ state }: { state: FarmState }) {
	const { api } = useWorld();
	const [stage, setStage] = useState<"ready" | "busy" | "failed">("ready");
	const [first, setFirst] = useState(0); // the oldest there is, once it is known
	const oldest = Math.min(...state.jobs.keys());
	if (state.jobs.size < JOBS_PAGE || oldest === first) return null;
	const more = async () => {
		setStage("busy");
		try {
			const older = await api.jobs(JOBS_PAGE, undefined, oldest);
			addOlderJobs(state, older);
			if (older.length < JOBS_PAGE) setFirst(Math.min(...state.jobs.keys()));
			setStage("ready");
		} catch {
			setStage("failed");
		}
	};
	return (
		<p class="more">
			<button class="button" type="button" disabled={stage === "busy"} onClick={more}>
				Older jobs
			</button>{" "}
			{stage === "failed" && <span role="alert">They cannot be had just now.</span>}
		</p>
	);
}

function Jobs({ state, farmNow }: { state: FarmState; farmNow: number }) {
	const jobs = jobsInOrder(state);
	return (
		<section aria-labelledby="jobs-title">
			<h2 id="jobs-title">Jobs</h2>
			{jobs.length === 0 && (
				<p class="empty">
					No jobs yet. <code>assay submit JOB.yaml</code> hands one in.
				</p>
			)}
			<ol class="rows jobs">
				{jobs.map((job) => (
					<JobRow key={job.id} job={job} farmNow={farmNow} />
				))}
			</ol>
			<OlderJobs state={state} />
		</section>
	);
}

const DEGRADED_ASKED_EVERY_MS = 10_000;

// Why the farm is degraded, or null. No event tells it (a farm with a full disk writes none), so it is asked for.
function useDegraded(): string | null {
	const { api } = useWorld();
	const [degraded, setDegraded] = useState<string | null>(null);
	useEffect(() => {
		const abort = new AbortController();
		const ask = () =>
			api
				.farm(abort.signal)
				.then((farm) => setDegraded(farm.degraded))
				.catch(() => {}); // the bar says that assayd cannot be reached
		const timer = setInterval(ask, DEGRADED_ASKED_EVERY_MS);
		ask();
		return () => {
			abort.abort();
			clearInterval(timer);
		};
	}, [api]);
	return degraded;
}

export function Overview() {
	const degraded = useDegraded();
	const { value, error } = useFollowed<Shown>(
		"overview",
		async (api, signal) => {
			// The number first: what happens while the rest is fetched is told again, and does no harm.
			const farm = await api.farm(signal);
			const [boards, jobs, queue] = await Promise.all([
				api.boards(signal),
				api.jobs(JOBS_PAGE, signal),
				api.queue(QUEUE_LOADED, signal),
			]);
			return { farm, state: farmState(boards, jobs, queue) };
		},
		({ farm }, update) => [
			{
				topic: "farm",
				after: farm.seq,
				onEvents: (events) =>
					update((shown) => {
						for (const event of events) applyFarmEvent(shown.state, event, nowUs());
						return { ...shown };
					}),
			},
		],
	);
	const busy = (value?.state.activity.size ?? 0) > 0;
	const now = useNow(true, busy ? 200 : 5_000);
	if (error) return <Problem error={error} what="The farm" />;
	if (!value) return <Loading />;
	const { state } = value;
	const farmNow = Number.isFinite(state.skew_us) ? now - state.skew_us : now;
	return (
		<div class="overview">
			<h1 class="unseen">Overview</h1>
			{degraded && (
				<p class="banner" role="alert">
					<strong>The farm is degraded:</strong> {degraded}. Nothing new is taken or begun until this is over.
				</p>
			)}
			<Boards state={state} farmNow={farmNow} />
			<Queue entries={[...state.queue.values()]} />
			<Jobs state={state} farmNow={farmNow} />
		</div>
	);
}

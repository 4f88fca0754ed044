// SPDX-License-Identifier: Apache-2.0
// One board: how it is, and what ran on it before.

import { useRef, useState } from "preact/hooks";
import { useFollowed, useNow, useTitle, useWorld } from "../context";
import {
	applyBoardEvent,
	type BoardState,
	boardState,
	touchesRuns,
	withOlderRuns,
	withRuns,
} from "../model/board";
import { look, outcome } from "../model/steps";
import { BoardLane } from "../parts/board_lane";
import { Chip } from "../parts/chip";
import { type Fact, FactList } from "../parts/facts";
import { Health } from "../parts/health";
import { Ledger } from "../parts/ledger";
import { Loading, Problem } from "../parts/states";
import { hrefs } from "../route";
import { ago, clock, duration, lasting, plural } from "../text";
import type { BoardRun } from "../types";

const PAGE = 50;

// A square a run, the oldest left; each leads to its run.
function Strip({ runs }: { runs: BoardRun[] }) {
	return (
		<ol class="strip" aria-label="Verdicts, the oldest first">
			{[...runs].reverse().map((run) => {
				const { tone, sign, word } = look(outcome(run));
				const label = `Run ${run.id} of ${run.job_name}: ${word}`;
				return (
					<li key={run.id}>
						<a class={`tone-${tone}`} href={hrefs.run(run.id)} title={label} aria-label={label}>
							{sign}
						</a>
					</li>
				);
			})}
		</ol>
	);
}

function RunOfBoard({ run, now }: { run: BoardRun; now: number }) {
	const begun = run.started_at_us || run.queued_at_us;
	return (
		<li class="row board-run-row" data-run={run.id} data-outcome={outcome(run)}>
			<Chip word={outcome(run)} />
			<a class="row-main" href={hrefs.run(run.id)}>
				<span class="num job-number">{run.id}</span> <span class="row-name">{run.job_name}</span>
			</a>
			<span class="row-note">{run.text || run.image.name}</span>
			<span class="row-time num">
				{run.started_at_us > 0 && duration(Math.max(0, (run.finished_at_us || now) - run.started_at_us))}
			</span>
			<time class="row-time" title={clock(begun)}>
				{ago(begun, now)}
			</time>
		</li>
	);
}

interface HistoryProps {
	state: BoardState;
	now: number;
	add: (runs: BoardRun[]) => void;
}

function History({ state, now, add }: HistoryProps) {
	const { api } = useWorld();
	const [stage, setStage] = useState<"ready" | "busy" | "failed">("ready");
	const { runs, board } = state;
	const oldest = runs[runs.length - 1]?.id;
	const more = async () => {
		setStage("busy");
		try {
			add(await api.boardRuns(board.name, PAGE, undefined, oldest));
			setStage("ready");
		} catch {
			setStage("failed");
		}
	};
	if (runs.length === 0) return <p class="empty">Nothing has run on it yet.</p>;
	return (
		<>
			<Strip runs={runs} />
			<ol class="rows">
				{runs.map((run) => (
					<RunOfBoard key={run.id} run={run} now={now} />
				))}
			</ol>
			{state.more && (
				<p class="more">
					<button class="button" type="button" disabled={stage === "busy"} onClick={more}>
						Older runs
					</button>{" "}
					{stage === "failed" && <span role="alert">They cannot be had just now.</span>}
				</p>
			)}
		</>
	);
}

function Facts({ state, now }: { state: BoardState; now: number }) {
	const { board, runs } = state;
	const written = runs.filter((run) => run.flash_written).length;
	const facts: Fact[] = [
		["Type", board.type + (board.virtual ? ", virtual" : "")],
		["Rack", board.agent],
		["Unique id", board.unique_id],
		["State", lasting(board.state, board.changed_at_us, now)],
		["Flash", runs.length ? `written in ${written} of the last ${plural(runs.length, "run")}` : ""],
	];
	return <FactList facts={facts} />;
}

interface Shown {
	state: BoardState;
	seq: number;
}

export function BoardPage({ name }: { name: string }) {
	const { api } = useWorld();
	const change = useRef<(next: (state: BoardState) => BoardState) => void>(() => {});
	const { value, error } = useFollowed<Shown>(
		`board:${name}`,
		async (fresh, signal) => {
			const { seq } = await fresh.farm(signal);
			const [board, runs] = await Promise.all([
				fresh.board(name, signal),
				fresh.boardRuns(name, PAGE, signal),
			]);
			return { state: boardState(board, runs, PAGE), seq };
		},
		({ seq }, update) => {
			change.current = (next) => update((held) => ({ ...held, state: next(held.state) }));
			let asked = 0;
			const renew = async () => {
				const mine = ++asked;
				const runs = await api.boardRuns(name, PAGE).catch(() => []); // the bar tells of a lost daemon
				// An answer that is overtaken by the next one must not take its place.
				if (mine === asked) change.current((state) => withRuns(state, runs));
			};
			return [
				{
					topic: `board:${name}`,
					after: seq,
					onEvents: (events) => {
						change.current((state) => events.reduce(applyBoardEvent, state));
						if (events.some(touchesRuns)) renew();
					},
				},
			];
		},
	);
	useTitle(value ? `${name}: ${value.state.board.state}` : name);
	const now = useNow(true, value?.state.board.run ? 500 : 5_000);
	if (error) return <Problem error={error} what={`board ${name}`} />;
	if (!value) return <Loading />;
	const { state } = value;
	const add = (runs: BoardRun[]) => change.current((held) => withOlderRuns(held, runs, PAGE));
	return (
		<article class="board-page" data-board-page={name}>
			<nav class="crumbs" aria-label="Where this is">
				<a href={hrefs.overview}>Overview</a>
			</nav>
			<header class="page-head">
				<h1>
					<span class="muted">Board</span> {name}
				</h1>
				<Chip word={state.board.state} big />
			</header>
			{state.board.reason && <p class="lead">{state.board.reason}</p>}
			<Facts state={state} now={now} />
			<BoardLane name={name} rack={state.board.agent} />
			<Health name={name} now={now} />
			<Ledger name={name} />
			<section aria-labelledby="history-title">
				<h2 id="history-title">Runs</h2>
				<History state={state} now={now} add={add} />
			</section>
		</article>
	);
}

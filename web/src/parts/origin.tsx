// SPDX-License-Identifier: Apache-2.0
// Where a run's failure comes from, the board or the firmware, and the further runs that say so.

import { useEffect, useState } from "preact/hooks";
import { useWorld } from "../context";
import { outcome } from "../model/steps";
import { hrefs } from "../route";
import type { Origin, Run } from "../types";
import { Chip } from "./chip";

const HEADINGS: Record<Origin["origin"], string> = {
	none: "Being looked into",
	firmware: "The firmware",
	"this-board": "This board",
	"this-rack": "This rack",
	intermittent: "It comes and goes",
	unknown: "Not known",
};

const RUNS: [role: keyof Origin["runs"], words: string][] = [
	["sibling", "the same image on another board"],
	["again", "the same image on this board again"],
	["golden", "the golden image on this board"],
	["neighbour", "the golden image on a neighbour in its rack"],
];

// The job that looks into it begins after the run has ended, and tells on its own topic when it is done.
function useOrigin(run: Run): Origin | null {
	const { api, live } = useWorld();
	const [origin, setOrigin] = useState(run.origin ?? null);
	useEffect(() => {
		if (run.verdict !== "failed" && run.verdict !== "infrastructure") return;
		const abort = new AbortController();
		let end = () => {};
		let asked = 0;
		const load = async () => {
			const mine = ++asked;
			const loaded = await api.run(run.id, abort.signal);
			// An answer that is overtaken by the next one must not take its place.
			if (mine === asked) setOrigin(loaded.origin ?? null);
		};
		const follow = async () => {
			const { seq } = await api.farm(abort.signal);
			await load();
			if (abort.signal.aborted) return;
			end = live.subscribe({
				topic: "farm",
				after: seq,
				onEvents: (events) =>
					events.some(({ type, kind }) => type === "run.explained" || kind === "diagnosis") &&
					load().catch(() => {}),
			});
		};
		follow().catch(() => {}); // the bar says that assayd cannot be reached
		return () => {
			abort.abort();
			end();
		};
	}, [api, live, run.id, run.verdict]);
	return origin;
}

function Witness({ id, words }: { id: number; words: string }) {
	const { api } = useWorld();
	const [run, setRun] = useState<Run>();
	useEffect(() => {
		const abort = new AbortController();
		api
			.run(id, abort.signal)
			.then(setRun)
			.catch(() => {});
		return () => abort.abort();
	}, [api, id]);
	return (
		<li class="row witness" data-witness={id}>
			{run ? <Chip word={outcome(run)} /> : <span />}
			<a class="row-main" href={hrefs.run(id)}>
				Run {id}
				{run?.board ? ` on ${run.board}` : ""}
			</a>
			<span class="row-note">{words}</span>
		</li>
	);
}

export function OriginOf({ run }: { run: Run }) {
	const origin = useOrigin(run);
	if (!origin) return null;
	return (
		<section aria-labelledby="origin-title" data-origin={origin.origin}>
			<h2 id="origin-title">
				Board or firmware? <span class="summary">{HEADINGS[origin.origin]}</span>
			</h2>
			{origin.origin !== "none" && <p class="origin-text">{origin.text}</p>}
			<ol class="rows">
				{RUNS.map(([role, words]) => {
					const id = origin.runs[role];
					// Asked for again once it is known what came out.
					return id ? <Witness key={`${id}${origin.origin}`} id={id} words={words} /> : null;
				})}
			</ol>
		</section>
	);
}

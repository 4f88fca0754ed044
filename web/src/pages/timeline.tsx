// SPDX-License-Identifier: Apache-2.0
// The boards over the last minutes, hours or days: what ran where, for whom, and what was idle.

import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Api } from "../api";
import { useFollowed, useNow, useTitle, useWorld } from "../context";
import { applyLaneEvents, type Lane, type Lanes, lanesOf, usageOf } from "../model/timeline";
import { LanesView, Legend, useNarrow } from "../parts/lanes";
import { Loading, Problem } from "../parts/states";
import { UsageChart } from "../parts/usage";
import { hrefs } from "../route";
import { nowUs } from "../text";

const RANGES = [
	["15m", "15 min", 15],
	["1h", "1 h", 60],
	["6h", "6 h", 360],
	["24h", "24 h", 1_440],
	["7d", "7 days", 10_080],
] as const;
const USUAL = "1h";
const ALL_AT_ONCE = 64; // boards; of more a rack is shown at a time
const PIECES = 120; // of the chart
const RENEWED_EVERY_MS = 60_000; // names and verdicts that no event told
const IN_ORDER = new Intl.Collator(undefined, { numeric: true });

interface Shown {
	lanes: Lanes;
	racks: string[];
	rack: string; // "": all
	base_us: number;
	skew_us: number; // our clock minus the farm's
	seq: number;
}

async function load(api: Api, minutes: number, wanted: string, signal?: AbortSignal): Promise<Shown> {
	const farm = await api.farm(signal);
	const boards = await api.boards(signal);
	const racks = [...new Set(boards.map((board) => board.agent))].sort(IN_ORDER.compare);
	const rack = wanted || (boards.length > ALL_AT_ONCE ? (racks[0] ?? "") : "");
	const timeline = await api.timeline(minutes, rack ? { rack } : {}, signal);
	return {
		lanes: lanesOf(timeline, boards),
		racks,
		rack,
		base_us: timeline.from_us,
		skew_us: nowUs() - timeline.to_us,
		seq: farm.seq,
	};
}

function Choices({ range, shown }: { range: string; shown: Shown }) {
	const { racks, rack, lanes } = shown;
	const all = racks.length > 1 && (rack === "" || lanes.lanes.size <= ALL_AT_ONCE);
	return (
		<div class="choices">
			<nav class="choice" aria-label="How far back">
				{RANGES.map(([key, word]) => (
					<a key={key} href={hrefs.timelineOf(key, rack)} aria-current={key === range ? "true" : undefined}>
						{word}
					</a>
				))}
			</nav>
			{racks.length > 1 && (
				<select
					aria-label="Rack"
					value={rack}
					onChange={(event) => {
						location.hash = hrefs.timelineOf(range, event.currentTarget.value);
					}}
				>
					{all && <option value="">all racks</option>}
					{racks.map((name) => (
						<option key={name} value={name}>
							{name}
						</option>
					))}
				</select>
			)}
		</div>
	);
}

function useShown(minutes: number, rack: string) {
	const { api } = useWorld();
	const change = useRef<(next: (shown: Shown) => Shown) => void>(() => {});
	const followed = useFollowed<Shown>(
		`timeline:${minutes}:${rack}`,
		(fresh, signal) => load(fresh, minutes, rack, signal),
		({ seq }, update) => {
			change.current = update;
			return [
				{
					topic: "farm",
					after: seq,
					onEvents: (events) =>
						update((shown) => ({ ...shown, lanes: applyLaneEvents(shown.lanes, events) })),
				},
			];
		},
	);
	useEffect(() => {
		const abort = new AbortController();
		const renew = () =>
			load(api, minutes, rack, abort.signal)
				.then((fresh) => abort.signal.aborted || change.current(() => fresh))
				.catch(() => {}); // the bar says that assayd cannot be reached
		const timer = setInterval(renew, RENEWED_EVERY_MS);
		return () => {
			abort.abort();
			clearInterval(timer);
		};
	}, [api, minutes, rack]);
	return followed;
}

export function TimelinePage({ range, rack }: { range: string; rack: string }) {
	useTitle("Timeline");
	const [key, , minutes] = RANGES.find(([name]) => name === range) ??
		RANGES.find(([name]) => name === USUAL) ?? [USUAL, "", 60];
	const { value, error } = useShown(minutes, rack);
	const narrow = useNarrow();
	const now = useNow(true, minutes <= 60 ? 1_000 : 5_000);
	const rows = useMemo<Lane[]>(
		() =>
			value
				? [...value.lanes.lanes.values()].sort(
						(a, b) => IN_ORDER.compare(a.rack, b.rack) || IN_ORDER.compare(a.board, b.board),
					)
				: [],
		[value?.lanes],
	);
	if (error) return <Problem error={error} what="The timeline" />;
	if (!value) return <Loading />;
	const now_us = now - value.skew_us;
	const view = { base_us: value.base_us, from_us: now_us - minutes * 60_000_000, now_us };
	return (
		<article class="timeline-page">
			<header class="page-head">
				<h1>Timeline</h1>
				<Choices range={key} shown={value} />
			</header>
			{rows.length === 0 && <p class="empty">No boards here.</p>}
			{rows.length > 0 && (
				<>
					<UsageChart usage={usageOf(rows, view.from_us, now_us, PIECES)} boards={rows.length} />
					<LanesView lanes={rows} view={view} narrow={narrow} />
					<Legend />
				</>
			)}
			{value.lanes.more && <p class="more">There are further boards; choose a rack.</p>}
		</article>
	);
}

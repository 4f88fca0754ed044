// SPDX-License-Identifier: Apache-2.0
// Boards over time: a lane for each, below one axis. Time goes from left to right, now is at the right end.

import { useEffect, useMemo, useState } from "preact/hooks";
import { type Lane, ticks } from "../model/timeline";
import { hrefs } from "../route";
import { clock } from "../text";
import { LaneRow, type Pointed, spanWords, type View } from "./lane";

// What is under the pointer. With a finger it stays, and leads on.
export function Tip({ pointed, now_us }: { pointed: Pointed; now_us: number }) {
	const [title, ...rest] = spanWords(pointed.span, now_us);
	const left = Math.max(8, Math.min(pointed.x + 12, window.innerWidth - 280));
	return (
		<div
			class={pointed.touched ? "tip touched" : "tip"}
			style={{ left: `${left}px`, top: `${pointed.y + 16}px` }}
		>
			<strong>
				{pointed.touched && pointed.span.run ? <a href={hrefs.run(pointed.span.run)}>{title}</a> : title}
			</strong>
			{rest.filter(Boolean).map((line) => (
				<span key={line}>{line}</span>
			))}
		</div>
	);
}

const TICKS = 7;

// The time alone, but at midnight, and over many days, the day.
function tickWord(tick: number, view: View): string {
	const at = new Date(tick / 1_000);
	const midnight = at.getHours() === 0 && at.getMinutes() === 0;
	if (!midnight && view.now_us - view.from_us < 2 * 86_400_000_000)
		return at.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
	return at.toLocaleDateString(undefined, { month: "short", day: "numeric" });
}

export function Axis({ view, narrow }: { view: View; narrow: boolean }) {
	const offset_min = new Date(view.now_us / 1_000).getTimezoneOffset();
	const whole = view.now_us - view.from_us;
	const at = ticks(view.from_us, view.now_us, narrow ? 3 : TICKS, offset_min);
	return (
		<div class="axis num" aria-hidden="true">
			{at.map((tick) => (
				<span key={tick} style={{ left: `${(100 * (tick - view.from_us)) / whole}%` }}>
					<i>{tickWord(tick, view)}</i>
				</span>
			))}
		</div>
	);
}

const NARROW = "(max-width: 760px)";

export function useNarrow(): boolean {
	const [narrow, setNarrow] = useState(() => matchMedia(NARROW).matches);
	useEffect(() => {
		const query = matchMedia(NARROW);
		const onChange = () => setNarrow(query.matches);
		query.addEventListener("change", onChange);
		return () => query.removeEventListener("change", onChange);
	}, []);
	return narrow;
}

interface LanesProps {
	lanes: Lane[];
	view: View;
	narrow: boolean;
}

export function LanesView({ lanes, view, narrow }: LanesProps) {
	const [pointed, point] = useState<Pointed | null>(null);
	const racks = useMemo(() => [...new Set(lanes.map((lane) => lane.rack))], [lanes]);
	return (
		<div class="lanes">
			<Axis view={view} narrow={narrow} />
			{racks.map((rack) => (
				<section key={rack} aria-label={`Rack ${rack}`}>
					{racks.length > 1 && <h2>{rack}</h2>}
					<ul>
						{lanes
							.filter((lane) => lane.rack === rack)
							.map((lane) => (
								<LaneRow key={lane.board} lane={lane} view={view} point={point} />
							))}
					</ul>
				</section>
			))}
			{pointed && <Tip pointed={pointed} now_us={view.now_us} />}
			<p class="unseen">Times up to {clock(view.now_us)}</p>
		</div>
	);
}

const LEGEND = [
	["good", "passed"],
	["bad", "failed"],
	["warn", "lost or inconclusive"],
	["busy", "running"],
	["lease", "leased by a person"],
	["check", "health check, diagnosis"],
	["quiet", "cancelled"],
	["foreign", "another organisation's"],
	["out", "out of service"],
] as const;

export function Legend() {
	return (
		<ul class="legend">
			{LEGEND.map(([look, word]) => (
				<li key={look}>
					<svg class="swatch" viewBox="0 0 12 12" aria-hidden="true">
						<rect class={look === "out" ? "out-quarantined" : `bar-${look}`} width="12" height="12" rx="2" />
					</svg>{" "}
					{word}
				</li>
			))}
		</ul>
	);
}

// SPDX-License-Identifier: Apache-2.0
// Boards over time: a lane for each, a bar for each time it was given away. Time goes from left to right, now is at the
// right end. Bars stand where they began, so that only the view over them moves.

import { memo } from "preact/compat";
import { useMemo, useState } from "preact/hooks";
import { type Lane, laneSum, spanLook, ticks } from "../model/timeline";
import { hrefs } from "../route";
import { clock, duration, moment, plural } from "../text";
import type { TimelineSpan } from "../types";
import { Dot } from "./chip";

const HEIGHT = 20;
const NARROWEST = 0.002; // of the whole: a bar can always be seen
const DIVIDED = 0.006; // from here on a bar is parted from its neighbours

interface View {
	base_us: number; // what bars are counted from
	from_us: number;
	now_us: number;
}

const ms = (view: View, at_us: number) => (at_us - view.base_us) / 1_000;

interface BarProps {
	span: TimelineSpan;
	at: number;
	x: number;
	width: number;
	whole: number;
}

// Of several runs in one bar its foot tells how many went wrong.
function Bar({ span, at, x, width, whole }: BarProps) {
	const look = spanLook(span);
	const bad = span.bad ?? 0;
	const mixed = span.runs > 1 && bad > 0 && bad < span.runs;
	const foot = mixed ? Math.max(4, (14 * bad) / span.runs) : 0;
	const shown = Math.max(width, whole * NARROWEST);
	const parted = width > whole * DIVIDED ? " parted" : "";
	return (
		<>
			<rect
				class={`bar-${mixed ? "good" : look}${parted}`}
				data-at={at}
				data-run={span.run}
				data-look={mixed ? "mixed" : look}
				x={x}
				y={3}
				width={shown}
				height={14}
			/>
			{mixed && <rect class={`bar-${look}`} data-at={at} x={x} y={17 - foot} width={shown} height={foot} />}
		</>
	);
}

interface BarsProps {
	spans: TimelineSpan[];
	base_us: number;
	window_us: number;
}

// Drawn anew only when the spans are others; those that are open grow by the view's own element.
const Bars = memo(({ spans, base_us, window_us }: BarsProps) => (
	<>
		{spans.map(
			(span, at) =>
				span.ended_at_us > 0 && (
					<Bar
						key={`${span.run ?? 0}-${span.begun_at_us}`}
						span={span}
						at={at}
						x={(span.begun_at_us - base_us) / 1_000}
						width={(span.ended_at_us - span.begun_at_us) / 1_000}
						whole={window_us / 1_000}
					/>
				),
		)}
	</>
));

const OUT = new Set(["offline", "quarantined", "retired", "suspect", "recovering"]);

// What it is now, when that is not at work or free, since it became so.
function Out({ lane, view }: { lane: Lane; view: View }) {
	if (!OUT.has(lane.state)) return null;
	const x = ms(view, Math.max(lane.changed_at_us, view.from_us));
	return (
		<rect class={`out-${lane.state}`} x={x} y={7} width={Math.max(0, ms(view, view.now_us) - x)} height={6} />
	);
}

function words(span: TimelineSpan, now_us: number): string[] {
	const took = duration((span.ended_at_us || now_us) - span.begun_at_us);
	const when = `${moment(span.begun_at_us, now_us, true)}, ${took}${span.ended_at_us ? "" : " so far"}`;
	if (span.org === undefined) return [plural(span.runs, "run"), "of another organisation", when];
	const waited = span.queued_at_us ? `waited ${duration(span.begun_at_us - span.queued_at_us)}` : "";
	const verdict = span.ended_at_us ? (span.verdict ?? "") : span.kind === "lease" ? "leased" : "running";
	if (span.runs === 1)
		return [`Run ${span.run} ${span.name ?? ""}`, `${verdict} · ${span.org}`, when, waited];
	const bad = span.bad ? `${span.bad} not passed, the worst` : "all passed, the last";
	return [`${span.runs} runs · ${span.org}`, `${bad}: run ${span.run} ${span.name ?? ""}`, when];
}

export interface Pointed {
	span: TimelineSpan;
	x: number;
	y: number;
	touched: boolean;
}

// What is under the pointer. With a finger it stays, and leads on.
export function Tip({ pointed, now_us }: { pointed: Pointed; now_us: number }) {
	const [title, ...rest] = words(pointed.span, now_us);
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

interface RowProps {
	lane: Lane;
	view: View;
	point: (pointed: Pointed | null) => void;
}

function spanAt(event: PointerEvent, lane: Lane): TimelineSpan | undefined {
	const at = (event.target as Element).getAttribute("data-at");
	return at === null ? undefined : lane.spans[Number(at)];
}

function Row({ lane, view, point }: RowProps) {
	const window_us = view.now_us - view.from_us;
	const sum = laneSum(lane, view.from_us, view.now_us);
	const percent = `${Math.round(100 * sum.share)} %`;
	const told = `${lane.board}: at work ${percent} of the time, ${plural(sum.runs, "run")}, ${sum.bad} not passed, now ${lane.state}`;
	const open = lane.spans.findIndex((span) => span.ended_at_us === 0);
	const current = lane.spans[open];
	const known = ms(view, Math.max(view.from_us, lane.from_us));
	const show = (event: PointerEvent) => {
		const span = spanAt(event, lane);
		const touched = event.pointerType !== "mouse";
		point(span ? { span, x: event.clientX, y: event.clientY, touched } : null);
	};
	// By keyboard the board's page lists its runs.
	const follow = (event: PointerEvent) => {
		const run = spanAt(event, lane)?.run;
		if (run && event.pointerType === "mouse" && event.button === 0) location.hash = hrefs.run(run);
	};
	return (
		<li class="lane" data-lane={lane.board} data-state={lane.state}>
			<a class="lane-name" href={hrefs.board(lane.board)} title={lane.reason || lane.state}>
				<Dot word={lane.state} /> <span>{lane.board}</span>
			</a>
			<svg
				class="lane-track"
				viewBox={`${ms(view, view.from_us)} 0 ${window_us / 1_000} ${HEIGHT}`}
				preserveAspectRatio="none"
				role="img"
				aria-label={told}
				onPointerMove={show}
				onPointerDown={show}
				onPointerLeave={(event) => event.pointerType === "mouse" && point(null)}
				onPointerUp={follow}
			>
				<rect class="lane-field" x={ms(view, view.from_us)} y={0} width={window_us / 1_000} height={HEIGHT} />
				{lane.from_us > view.from_us && (
					<rect
						class="lane-unknown"
						x={ms(view, view.from_us)}
						y={0}
						width={known - ms(view, view.from_us)}
						height={HEIGHT}
					/>
				)}
				<Out lane={lane} view={view} />
				<Bars spans={lane.spans} base_us={view.base_us} window_us={window_us} />
				{current && (
					<Bar
						span={current}
						at={open}
						x={ms(view, current.begun_at_us)}
						width={(view.now_us - current.begun_at_us) / 1_000}
						whole={window_us / 1_000}
					/>
				)}
			</svg>
			<span class="lane-sum num">
				{percent}
				{sum.bad > 0 && (
					<span class="lane-bad" title={`${sum.bad} of ${plural(sum.runs, "run")} not passed`}>
						{" "}
						✗{sum.bad}
					</span>
				)}
			</span>
		</li>
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
	const at = ticks(view.from_us, view.now_us, narrow ? 4 : TICKS, offset_min);
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
								<Row key={lane.board} lane={lane} view={view} point={point} />
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

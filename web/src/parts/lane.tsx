// SPDX-License-Identifier: Apache-2.0
// One board over time: a bar for each time it was given away. Bars stand where they began, so that only the view over
// them moves. With the pointer and by keyboard each can be asked what it was, and followed.

import { memo } from "preact/compat";
import { useState } from "preact/hooks";
import { type Lane, laneSum, spanByKey, spanLook } from "../model/timeline";
import { hrefs } from "../route";
import { duration, moment, plural } from "../text";
import type { TimelineSpan } from "../types";
import { Dot } from "./chip";

const HEIGHT = 20;
const NARROWEST = 0.002; // of the whole: a bar can always be seen
const DIVIDED = 0.006; // from here on a bar is parted from its neighbours

export interface View {
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

export function spanWords(span: TimelineSpan, now_us: number): string[] {
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

interface RowProps {
	lane: Lane;
	view: View;
	point: (pointed: Pointed | null) => void;
}

const BESIDE_PX = 3; // a bar may be two pixels wide and moves: what is that near is meant too

function spanAt(event: PointerEvent, lane: Lane): TimelineSpan | undefined {
	const track = event.currentTarget as Element;
	for (const beside of [0, -BESIDE_PX, BESIDE_PX]) {
		const element = document.elementFromPoint(event.clientX + beside, event.clientY);
		const at = element && track.contains(element) ? element.getAttribute("data-at") : null;
		if (at !== null) return lane.spans[Number(at)];
	}
	return undefined;
}

// The bar that the keyboard is at; it is kept by when it began, as new ones come before it.
function useChosen(lane: Lane, view: View, point: RowProps["point"]) {
	const [begun_us, setBegun] = useState(0);
	const at = lane.spans.findIndex((span) => span.begun_at_us === begun_us);
	const choose = (track: Element, next: number) => {
		const span = lane.spans[next];
		if (!span) return;
		setBegun(span.begun_at_us);
		const { left, width, top } = track.getBoundingClientRect();
		const share = (span.begun_at_us - view.from_us) / (view.now_us - view.from_us);
		point({ span, x: left + width * Math.max(0, share), y: top + HEIGHT / 2, touched: false });
	};
	const leave = () => {
		setBegun(0);
		point(null);
	};
	const onKeyDown = (event: KeyboardEvent) => {
		const next = spanByKey(event.key, at, lane.spans.length);
		const run = lane.spans[at]?.run;
		if (next >= 0) choose(event.currentTarget as Element, next);
		else if (event.key === "Enter" && run) location.hash = hrefs.run(run);
		else if (event.key === "Escape") leave();
		else return;
		event.preventDefault();
	};
	return { span: lane.spans[at], choose, leave, onKeyDown };
}

interface TrackProps extends RowProps {
	told: string;
}

function Track({ lane, view, point, told }: TrackProps) {
	const window_us = view.now_us - view.from_us;
	const open = lane.spans.findIndex((span) => span.ended_at_us === 0);
	const current = lane.spans[open];
	const known = ms(view, Math.max(view.from_us, lane.from_us));
	const chosen = useChosen(lane, view, point);
	const show = (event: PointerEvent) => {
		const span = spanAt(event, lane);
		const touched = event.pointerType !== "mouse";
		point(span ? { span, x: event.clientX, y: event.clientY, touched } : null);
	};
	const follow = (event: PointerEvent) => {
		const run = spanAt(event, lane)?.run;
		if (run && event.pointerType === "mouse" && event.button === 0) location.hash = hrefs.run(run);
	};
	const at = chosen.span ? lane.spans.indexOf(chosen.span) : 0;
	const keyboard = lane.spans.length > 0 && {
		role: "slider" as const,
		tabIndex: 0,
		"aria-valuemin": 1,
		"aria-valuemax": lane.spans.length,
		"aria-valuenow": lane.spans.length - at,
		"aria-valuetext": spanWords(lane.spans[at] as TimelineSpan, view.now_us)
			.filter(Boolean)
			.join(", "),
		onKeyDown: chosen.onKeyDown,
		onFocus: (event: FocusEvent) => {
			const track = event.currentTarget as Element;
			if (track.matches(":focus-visible")) chosen.choose(track, at);
		},
		onBlur: chosen.leave,
	};
	return (
		<svg
			class="lane-track"
			viewBox={`${ms(view, view.from_us)} 0 ${window_us / 1_000} ${HEIGHT}`}
			preserveAspectRatio="none"
			role="img"
			aria-label={told}
			{...keyboard}
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
			{chosen.span && (
				<rect
					class="lane-chosen"
					x={ms(view, chosen.span.begun_at_us)}
					y={1}
					width={Math.max(
						ms(view, chosen.span.ended_at_us || view.now_us) - ms(view, chosen.span.begun_at_us),
						(window_us / 1_000) * NARROWEST,
					)}
					height={HEIGHT - 2}
				/>
			)}
		</svg>
	);
}

export function LaneRow({ lane, view, point }: RowProps) {
	const sum = laneSum(lane, view.from_us, view.now_us);
	const percent = `${Math.round(100 * sum.share)} %`;
	const told = `${lane.board}: at work ${percent} of the time, ${plural(sum.runs, "run")}, ${sum.bad} not passed, now ${lane.state}`;
	return (
		<li class="lane" data-lane={lane.board} data-state={lane.state}>
			<a class="lane-name" href={hrefs.board(lane.board)} title={lane.reason || lane.state}>
				<Dot word={lane.state} /> <span>{lane.board}</span>
			</a>
			<Track {...{ lane, view, point, told }} />
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

// SPDX-License-Identifier: Apache-2.0
// What a board's time went into, a bar a day, and how worn its flash is, a bar along its addresses.

import { useRenewed } from "../context";
import { duration, plural } from "../text";
import { type BoardTime, TIME_KINDS, type TimeKind, type Wear } from "../types";

const DAYS = 7;

function percent(part: number, whole: number): string {
	const share = (100 * part) / whole;
	return share > 0 && share < 1 ? "under 1 %" : `${Math.round(share)} %`;
}

function Day({ day, sum_us, us }: BoardTime["days"][number]) {
	let from = 0;
	const parts = TIME_KINDS.filter((kind) => us[kind] > 0).map((kind) => {
		const part = { kind, from, width: (100 * us[kind]) / sum_us };
		from += part.width;
		return part;
	});
	const label = parts.map(({ kind }) => `${kind} ${percent(us[kind], sum_us)}`).join(", ");
	return (
		<li class="ledger-day" data-day={day}>
			<span class="num ledger-name">{day.slice(5)}</span>
			<svg class="ledger-bar" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label={label}>
				<title>{label}</title>
				{parts.map((part) => (
					<rect key={part.kind} class={`kind-${part.kind}`} x={part.from} width={part.width} height="10" />
				))}
			</svg>
			<span class="num ledger-sum">{duration(sum_us)}</span>
		</li>
	);
}

function Time({ time }: { time: BoardTime }) {
	const days = time.days.filter((day) => day.sum_us > 0);
	const whole = days.reduce((sum, day) => sum + day.sum_us, 0);
	const amount = (kind: TimeKind) => days.reduce((sum, day) => sum + day.us[kind], 0);
	if (whole === 0) return null;
	return (
		<section aria-labelledby="time-title">
			<h2 id="time-title">
				Time <span class="summary">what its days (UTC) went into</span>
			</h2>
			<ol class="ledger">
				{days.map((day) => (
					<Day key={day.day} {...day} />
				))}
			</ol>
			<p class="ledger-legend">
				{TIME_KINDS.filter((kind) => amount(kind) > 0).map((kind) => (
					<span key={kind} data-kind={kind}>
						<svg class="swatch" viewBox="0 0 12 12" aria-hidden="true">
							<rect class={`kind-${kind}`} width="12" height="12" rx="2" />
						</svg>{" "}
						{kind} <span class="num">{percent(amount(kind), whole)}</span>
					</span>
				))}
			</p>
		</section>
	);
}

const hex = (address: number) => `0x${address.toString(16)}`;

function Flash({ wear }: { wear: Wear }) {
	const { sectors, endurance, worst } = wear;
	const bytes = sectors.reduce((sum, sector) => sum + sector.size * sector.count, 0);
	if (wear.erases === 0) return null;
	let from = 0;
	const bars = sectors.map((sector) => {
		const bar = { ...sector, from, width: (100 * sector.size * sector.count) / bytes };
		from += bar.width;
		return bar;
	});
	const most = `${plural(worst.erases, "erase")} of the sector at ${hex(worst.address)}`;
	const borne = endurance
		? `${most}, ${percent(worst.erases, endurance)} of the ${endurance} it bears`
		: most;
	return (
		<section aria-labelledby="wear-title">
			<h2 id="wear-title">
				Flash wear <span class="summary">{wear.worn ? `worn: ${borne}` : `at most ${borne}`}</span>
			</h2>
			<svg
				class="wear"
				viewBox="0 0 100 40"
				preserveAspectRatio="none"
				role="img"
				aria-label={`At most ${borne}`}
			>
				<rect class="lane-field" width="100" height="40" />
				{bars.map((bar) => {
					const height = (40 * bar.erases) / worst.erases;
					return (
						<rect
							key={bar.address}
							class={wear.worn ? "wear-worn" : "wear-bar"}
							x={bar.from}
							y={40 - height}
							width={bar.width}
							height={height}
						>
							<title>{`${plural(bar.count, "sector")} of ${bar.size} bytes from ${hex(bar.address)}: ${plural(bar.erases, "erase")} each`}</title>
						</rect>
					);
				})}
			</svg>
			<p class="wear-ends num">
				<span>{hex(sectors[0]?.address ?? 0)}</span>
				<span>in all {plural(wear.erases, "erase")}; a debugger's own are not seen</span>
			</p>
		</section>
	);
}

export function Ledger({ name }: { name: string }) {
	const { value } = useRenewed(
		`ledger:${name}`,
		async (api, signal) => {
			const [time, wear] = await Promise.all([api.boardTime(name, DAYS, signal), api.wear(name, signal)]);
			return { time, wear };
		},
		(event) => event.type === "run.finished" || event.type === "board.changed",
		`board:${name}`,
	);
	if (!value) return null;
	return (
		<>
			<Time time={value.time} />
			<Flash wear={value.wear} />
		</>
	);
}

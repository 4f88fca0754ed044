// SPDX-License-Identifier: Apache-2.0
// Schedules and their nights: when the next one comes, and a square for each that was.

import { useNow, useRenewed, useTitle } from "../context";
import { nightLook } from "../model/night";
import { Loading, Problem } from "../parts/states";
import { hrefs } from "../route";
import { clock, roughly } from "../text";
import type { Night, Schedule } from "../types";

const LOADED = 200;
const SHOWN = 60; // of a schedule

function Strip({ nights }: { nights: Night[] }) {
	return (
		<ol class="strip" aria-label="Nights, the oldest first">
			{[...nights].reverse().map((night) => {
				const { tone, sign, words } = nightLook(night);
				const label = `Night ${night.id}, ${clock(night.due_us)}: ${words}`;
				return (
					<li key={night.id}>
						<a class={`tone-${tone}`} href={hrefs.night(night.id)} title={label} aria-label={label}>
							{sign}
						</a>
					</li>
				);
			})}
		</ol>
	);
}

function when(schedule: Schedule | undefined, now: number): string {
	if (!schedule) return "removed";
	if (schedule.stopped) return schedule.stopped;
	if (schedule.paused) return "paused";
	if (!schedule.next_us) return "never again";
	return `next ${clock(schedule.next_us)}, in ${roughly(schedule.next_us - now)}`;
}

interface GroupProps {
	name: string;
	schedule: Schedule | undefined;
	nights: Night[];
	now: number;
}

function Group({ name, schedule, nights, now }: GroupProps) {
	const last = nights[0];
	return (
		<section data-schedule={name} aria-label={name}>
			<h2>
				{name} <span class="summary">{when(schedule, now)}</span>
			</h2>
			{nights.length > 0 ? <Strip nights={nights.slice(0, SHOWN)} /> : <p class="empty">No night yet.</p>}
			{last && (
				<p class="wait-why">
					<a href={hrefs.night(last.id)}>Night {last.id}</a>: {nightLook(last).words}
				</p>
			)}
		</section>
	);
}

export function Nights() {
	useTitle("Nights");
	const { value, error } = useRenewed(
		"nights",
		async (api, signal) => {
			const [schedules, nights] = await Promise.all([api.schedules(signal), api.nights(LOADED, signal)]);
			return { schedules, nights };
		},
		(event) => event.type.startsWith("night.") || event.type.startsWith("schedule."),
	);
	const now = useNow(true, 10_000);
	if (error) return <Problem error={error} what="Nights" />;
	if (!value) return <Loading />;
	const { schedules, nights } = value;
	const names = [
		...new Set([...schedules, ...nights].map((one) => ("schedule" in one ? one.schedule : one.name))),
	];
	return (
		<article class="list-page">
			<h1>Nights</h1>
			{names.length === 0 && (
				<p class="empty">
					No schedule yet. <code>assay schedule add FILE</code> puts one.
				</p>
			)}
			{names.map((name) => (
				<Group
					key={name}
					name={name}
					schedule={schedules.find((one) => one.name === name)}
					nights={nights.filter((one) => one.schedule === name)}
					now={now}
				/>
			))}
		</article>
	);
}

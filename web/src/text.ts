// SPDX-License-Identifier: Apache-2.0
// Times, durations and sizes in a person's words.

export function duration(us: number): string {
	if (!Number.isFinite(us) || us < 0) return "";
	if (us === 0) return "0 ms";
	if (us < 100) return "<0.1 ms";
	if (us < 1_000) return `${(us / 1_000).toFixed(1)} ms`;
	if (us < 999_500) return `${Math.round(us / 1_000)} ms`;
	if (us < 59_950_000) return `${(us / 1_000_000).toFixed(1)} s`;
	const seconds = Math.floor(us / 1_000_000);
	const two = (n: number) => String(n).padStart(2, "0");
	if (seconds < 3_600) return `${Math.floor(seconds / 60)}:${two(seconds % 60)} min`;
	return `${Math.floor(seconds / 3_600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)} h`;
}

export function ago(atUs: number, nowUs: number): string {
	if (!atUs) return "";
	const seconds = Math.floor((nowUs - atUs) / 1_000_000);
	if (seconds < 5) return "just now";
	if (seconds < 60) return `${seconds} s ago`;
	if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`;
	if (seconds < 2 * 86_400) return `${Math.floor(seconds / 3_600)} h ago`;
	return `${Math.floor(seconds / 86_400)} days ago`;
}

const DAY_US = 86_400_000_000;
const UNITS: [number, number, string][] = [
	[1_000_000, 90, "s"],
	[60_000_000, 90, "min"],
	[3_600_000_000, 36, "h"],
	[DAY_US, Number.POSITIVE_INFINITY, "days"],
];

// From one to another stretch of time from now, in the coarsest unit that says enough: "in 3–5 min".
export function within(fromUs: number, toUs: number): string {
	if (toUs < 3_000_000) return "any moment";
	const [unit, , word] = UNITS.find(([us, most]) => toUs <= us * most) ?? [DAY_US, 0, "days"];
	const low = Math.floor(Math.max(0, fromUs) / unit);
	const high = Math.ceil(toUs / unit);
	if (low === 0) return `within ${high} ${word}`;
	return high - low <= 1 ? `in about ${high} ${word}` : `in ${low}–${high} ${word}`;
}

interface Expectation {
	expected_at_us?: number | null;
	expected_from_us?: number | null;
	expected_to_us?: number | null;
	latest_at_us?: number | null;
}

// When what waits starts: "in 3–5 min, by 14:20 at the latest". A bound that lies more than a day away tells nothing.
export function whenExpected(entry: Expectation, nowUs: number): string {
	const at = entry.expected_at_us;
	if (!at) return "";
	const slowest = Math.max(nowUs, entry.expected_to_us ?? at);
	const latest = boundOf(entry, nowUs);
	const bound = latest > slowest ? `, by ${moment(latest, nowUs)} at the latest` : "";
	return within((entry.expected_from_us ?? at) - nowUs, slowest - nowUs) + bound;
}

// When it starts at the latest; 0 when that is not known, or says nothing.
export function boundOf(entry: Expectation, nowUs: number): number {
	const latest = entry.latest_at_us ?? 0;
	return latest - nowUs < DAY_US ? latest : 0;
}

// "for a board of type x: 2 running; 3 before it; expected in 3–5 min": why a run waits, and for how long.
export function waitText(waits: string, before: number, when: string): string {
	const turn = before > 0 ? `; ${before} before it` : "";
	return waits && waits + turn + (when ? `; expected ${when}` : "");
}

// "idle for 5 min": how long something has been so.
export function lasting(word: string, sinceUs: number, nowUs: number): string {
	const text = ago(sinceUs, nowUs);
	if (text === "") return "";
	return text === "just now" ? `${word}, just now` : `${word} for ${text.replace(/ ago$/, "")}`;
}

export function clock(atUs: number): string {
	return atUs
		? new Date(atUs / 1_000).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" })
		: "";
}

// As short as it stays clear: the time alone for what is of the same day as now, the year for what is of another.
export function moment(atUs: number, nowUs: number, seconds = false): string {
	const at = new Date(atUs / 1_000);
	const sameDay = at.toDateString() === new Date(nowUs / 1_000).toDateString();
	const time: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit" };
	if (seconds) time.second = "2-digit";
	if (sameDay) return at.toLocaleString(undefined, time);
	const sameYear = at.getFullYear() === new Date(nowUs / 1_000).getFullYear();
	const day = { month: "short", day: "numeric", ...time } satisfies Intl.DateTimeFormatOptions;
	return at.toLocaleString(undefined, sameYear ? day : { year: "numeric", ...day });
}

// A stretch of time in the coarsest unit that says enough: "30 min", "1 h 5 min", "5 days".
export function roughly(us: number): string {
	const minutes = Math.round(Math.max(0, us) / 60_000_000);
	if (minutes < 1) return `${Math.round(Math.max(0, us) / 1_000_000)} s`;
	if (minutes < 60) return `${minutes} min`;
	if (minutes < 2 * 1_440)
		return `${Math.floor(minutes / 60)} h${minutes % 60 ? ` ${minutes % 60} min` : ""}`;
	return `${Math.floor(minutes / 1_440)} days`;
}

export function bytes(count: number): string {
	if (count < 1_024) return `${count} B`;
	const units = ["KiB", "MiB", "GiB", "TiB"];
	let value = count / 1_024;
	let unit = 0;
	while (value >= 1_024 && unit < units.length - 1) {
		value /= 1_024;
		unit++;
	}
	return `${value.toFixed(1)} ${units[unit]}`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
	return `${count} ${count === 1 ? one : many}`;
}

export function caseName(result: { group: string; name: string }): string {
	return result.group ? `${result.group}.${result.name}` : result.name;
}

// Whether a case left a trace in the console: one that is missing did not.
export function wasSeen(result: { end: number; offset: number; begun_at_us: number }): boolean {
	return result.end > result.offset || result.begun_at_us > 0;
}

// Where its lines end; one that began and never ended has its first.
export function endOf(result: { end: number; offset: number }): number {
	return Math.max(result.end, result.offset + 1);
}

export function nowUs(): number {
	return Date.now() * 1_000;
}

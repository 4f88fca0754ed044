// SPDX-License-Identifier: Apache-2.0
// The bar above every page: the way home, how the connection is, the theme.

import { useEffect, useState } from "preact/hooks";
import { useWorld } from "../context";
import type { LiveState } from "../live";
import { hrefs } from "../route";
import { applyTheme, isDark } from "../theme";
import { Mark } from "./mark";

const WORDS: Record<LiveState, string> = {
	connecting: "connecting",
	live: "live",
	lost: "reconnecting",
	denied: "not allowed",
};

const TONES: Record<LiveState, string> = { connecting: "busy", live: "good", lost: "warn", denied: "bad" };

function Connection() {
	const { live } = useWorld();
	const [, redraw] = useState(0);
	useEffect(() => live.onChange(() => redraw((n) => n + 1)), [live]);
	return (
		<div class="connection" data-state={live.state}>
			<span
				class={`dot tone-${TONES[live.state]}${live.state === "live" ? "" : " beats"}`}
				aria-hidden="true"
			/>
			<span role="status">{WORDS[live.state]}</span>
			{live.lastSeq > 0 && (
				<span class="seq" title="The last event seen">
					#{live.lastSeq}
				</span>
			)}
		</div>
	);
}

function ThemeButton() {
	const [dark, setDark] = useState(isDark);
	const toggle = () => {
		applyTheme(dark ? "light" : "dark");
		setDark(!dark);
	};
	const label = dark ? "Use the light theme" : "Use the dark theme";
	return (
		<button class="icon-button" type="button" onClick={toggle} aria-label={label} title={label}>
			<svg viewBox="0 0 20 20" aria-hidden="true">
				{dark ? (
					<path d="M10 6a4 4 0 1 0 0 8 4 4 0 0 0 0-8m0-5v2.5m0 13V19M1 10h2.5m13 0H19M3.6 3.6l1.8 1.8m9.2 9.2 1.8 1.8m0-12.8-1.8 1.8m-9.2 9.2-1.8 1.8" />
				) : (
					<path d="M17 12.5A7.5 7.5 0 0 1 7.5 3a7.5 7.5 0 1 0 9.500 9.500z" />
				)}
			</svg>
		</button>
	);
}

const PLACES = [
	["overview", "Overview"],
	["timeline", "Timeline"],
	["queue", "Queue"],
	["leases", "Leases"],
	["nights", "Nights"],
	["racks", "Racks"],
] as const;

function Places({ page }: { page: string }) {
	const here = page === "night" ? "nights" : page;
	return (
		<nav class="places" aria-label="Pages">
			{PLACES.map(([place, word]) => (
				<a key={place} href={hrefs[place]} aria-current={place === here ? "page" : undefined}>
					{word}
				</a>
			))}
		</nav>
	);
}

export function Header({ page }: { page: string }) {
	const { leave } = useWorld();
	return (
		<header class="bar">
			<a class="home" href={hrefs.overview}>
				<Mark />
				<span>Assay</span>
			</a>
			<Places page={page} />
			<Connection />
			<ThemeButton />
			<button class="text-button" type="button" onClick={() => leave("")}>
				Sign out
			</button>
		</header>
	);
}

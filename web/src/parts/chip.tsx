// SPDX-License-Identifier: Apache-2.0
// A verdict or state as a small plate: colour, sign and word.

import { look } from "../model/steps";

export function Chip({ word, big = false }: { word: string; big?: boolean }) {
	const { tone, sign } = look(word);
	return (
		<span class={`chip tone-${tone}${big ? " big" : ""}`}>
			<span class="sign" aria-hidden="true">
				{sign}
			</span>
			{word}
		</span>
	);
}

export function Dot({ word }: { word: string }) {
	return (
		<span class={`dot tone-${look(word).tone}${word === "running" ? " beats" : ""}`} aria-hidden="true" />
	);
}

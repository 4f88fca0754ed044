// SPDX-License-Identifier: Apache-2.0
// The boards of a large farm: squares by type, and a box and buttons to find some of them.

import { useState } from "preact/hooks";
import { plural } from "../text";
import type { Board } from "../types";
import { Dot } from "./chip";
import { Squares } from "./squares";

// Every word typed must stand somewhere in what is known of the board.
function matches(board: Board, words: string[], state: string): boolean {
	if (state && board.state !== state) return false;
	const known = `${board.name} ${board.type} ${board.agent} ${(board.tags ?? []).join(" ")}`.toLowerCase();
	return words.every((word) => known.includes(word));
}

export function Crowd({ boards }: { boards: Board[] }) {
	const [text, setText] = useState("");
	const [state, setState] = useState("");
	const words = text.toLowerCase().split(/\s+/).filter(Boolean);
	const shown = boards.filter((board) => matches(board, words, state));
	const types = [...new Set(shown.map((board) => board.type))].sort();
	const states = [...new Set(boards.map((board) => board.state))];
	return (
		<>
			<p class="find">
				<input
					type="search"
					value={text}
					placeholder="name, type, rack or tag"
					aria-label="Find boards"
					onInput={(event) => setText(event.currentTarget.value)}
				/>
				{states.map((word) => (
					<button
						key={word}
						class="text-button"
						type="button"
						aria-pressed={state === word}
						onClick={() => setState(state === word ? "" : word)}
					>
						<Dot word={word} /> {word}
					</button>
				))}
			</p>
			{shown.length === 0 && <p class="empty">No board is like that.</p>}
			<div class="crowd">
				{types.map((type) => {
					const of = shown.filter((board) => board.type === type);
					return (
						<section key={type} aria-label={`Boards of type ${type}`}>
							<h3>
								{type} <span class="summary">{plural(of.length, "board")}</span>
							</h3>
							<Squares boards={of} />
						</section>
					);
				})}
			</div>
		</>
	);
}

// SPDX-License-Identifier: Apache-2.0
// Many boards in little room: a square each, by name, that tells its state and leads to it.

import { look } from "../model/steps";
import { hrefs } from "../route";
import type { Board } from "../types";

const SHOWN = 2_000;

export function Squares({ boards }: { boards: Board[] }) {
	return (
		<>
			<ul class="squares">
				{boards.slice(0, SHOWN).map((board) => {
					const { tone, sign } = look(board.state);
					const label = `${board.name}, ${board.type}: ${board.state}${board.reason ? `, ${board.reason}` : ""}`;
					return (
						<li key={board.name}>
							<a
								class={`tone-${tone}`}
								href={hrefs.board(board.name)}
								title={label}
								aria-label={label}
								data-state={board.state}
							>
								{sign}
							</a>
						</li>
					);
				})}
			</ul>
			{boards.length > SHOWN && <p class="more">and {boards.length - SHOWN} more</p>}
		</>
	);
}

// SPDX-License-Identifier: Apache-2.0
// A board's health: what it must prove, who took it out of service and why, and the ways to do so and to undo it.

import { useState } from "preact/hooks";
import { useRenewed, useWorld } from "../context";
import { ago, clock, plural } from "../text";
import type { Board, BoardOrder, FarmEvent, Recovery } from "../types";
import { Act } from "./act";
import { type Fact, FactList } from "./facts";
import { Recoveries } from "./ladder";

const RECOVERIES = 10;
const DECISIONS = 20;

function orders(board: Board): [BoardOrder, string][] {
	if (board.hold?.state === "retired") return [["unretire", "Take back into service"]];
	if (board.hold || board.state === "quarantined") {
		return [
			["release", "Release"],
			["retire", "Retire"],
		];
	}
	return [
		["quarantine", "Quarantine"],
		["retire", "Retire"],
	];
}

function Orders({ board, renew }: { board: Board; renew: () => void }) {
	const { api } = useWorld();
	const [why, setWhy] = useState("");
	return (
		<p class="find">
			<input
				value={why}
				maxLength={99}
				placeholder="why"
				aria-label="Why"
				onInput={(event) => setWhy(event.currentTarget.value)}
			/>
			{orders(board).map(([order, word]) => (
				<Act
					key={order}
					word={word}
					{...(order === "retire" ? { ask: "Really retire it?" } : {})}
					act={async () => {
						await api.orderBoard(board.name, order, why.trim());
						setWhy((now) => (now === why ? "" : now)); // what is typed meanwhile is for the next order
					}}
					done={renew}
				/>
			))}
		</p>
	);
}

function proofOf(board: Board, now: number): string {
	if (board.unproven) return `must pass its health check: ${board.unproven}`;
	return board.proven_at_us ? `proven ${ago(board.proven_at_us, now)}` : "";
}

function Facts({ board, now }: { board: Board; now: number }) {
	const { golden, hold } = board;
	const facts: Fact[] = [
		[
			"Out of service",
			hold ? `${hold.state} by ${hold.by}, ${ago(hold.at_us, now)}${hold.why ? `: ${hold.why}` : ""}` : "",
		],
		["Proof", proofOf(board, now)],
		[
			"Golden image",
			golden
				? `${golden.image}${golden.suite ? `, suite ${golden.suite}` : ""}, set by ${golden.set_by}`
				: "none for its type: that it is brought up is its check",
		],
		["Checks failed", board.checks_failed ? `${board.checks_failed} since one passed` : ""],
		["Runs", board.runs_since_pass ? `${plural(board.runs_since_pass, "run")} ended since one passed` : ""],
	];
	return <FactList facts={facts} />;
}

function Decisions({ history, now }: { history: FarmEvent[]; now: number }) {
	if (history.length === 0) return null;
	return (
		<ol class="rows decisions">
			{history.slice(0, DECISIONS).map((event) => (
				<li key={event.seq} class="row decision" data-decision={event.type}>
					<span class="row-main">
						{event.type.replace("board.", "")} by {String(event.by ?? "")}
					</span>
					<span class="row-note">{String(event.why ?? "")}</span>
					<time class="row-time" title={clock(event.at_us)}>
						{ago(event.at_us, now)}
					</time>
				</li>
			))}
		</ol>
	);
}

interface Shown {
	may: boolean;
	board: Board;
	history: FarmEvent[];
	recoveries: Recovery[];
}

export function Health({ name, now }: { name: string; now: number }) {
	const { value, renew } = useRenewed<Shown>(
		`health:${name}`,
		async (api, signal) => {
			const [farm, board, history, recoveries] = await Promise.all([
				api.farm(signal),
				api.board(name, signal),
				api.boardHistory(name, signal),
				api.recoveries(name, RECOVERIES, signal),
			]);
			return { may: farm.you.role === "admin", board, history, recoveries };
		},
		(event) => event.type !== "step.begun" && event.type !== "step.ended" && event.type !== "case.ended",
		`board:${name}`,
	);
	if (!value) return null; // the page around it tells what is wrong
	const { may, board, history, recoveries } = value;
	return (
		<>
			<section aria-labelledby="health-title">
				<h2 id="health-title">Health</h2>
				<Facts board={board} now={now} />
				{may && <Orders board={board} renew={renew} />}
				<Decisions history={history} now={now} />
			</section>
			<Recoveries recoveries={recoveries} now={now} />
		</>
	);
}

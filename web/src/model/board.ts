// SPDX-License-Identifier: Apache-2.0
// A board's page: the board kept true by its events, and the runs it was given, page by page.

import type { Board, BoardRun, FarmEvent } from "../types";

export interface BoardState {
	board: Board;
	runs: BoardRun[]; // the newest first
	more: boolean; // there may be older ones
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

export function boardState(board: Board, runs: BoardRun[], page: number): BoardState {
	return { board, runs, more: runs.length === page };
}

export function applyBoardEvent(state: BoardState, event: FarmEvent): BoardState {
	if (event.type !== "board.changed" || event.board !== state.board.name) return state;
	const board = {
		...state.board,
		state: text(event.state) as Board["state"],
		reason: text(event.reason),
		unique_id: text(event.unique_id) || state.board.unique_id,
		run: typeof event.leased_run === "number" ? event.leased_run : null,
		changed_at_us: event.at_us,
	};
	return { ...state, board };
}

// Whether the list of runs is another one, or says other things, since this happened.
export function touchesRuns(event: FarmEvent): boolean {
	return event.type.startsWith("run.");
}

// Runs as they are now take the place of what was known of them.
export function withRuns(state: BoardState, runs: BoardRun[]): BoardState {
	const all = new Map([...state.runs, ...runs].map((run) => [run.id, run]));
	return { ...state, runs: [...all.values()].sort((a, b) => b.id - a.id) };
}

// A page of older runs; fewer than a page: there are no more.
export function withOlderRuns(state: BoardState, runs: BoardRun[], page: number): BoardState {
	return { ...withRuns(state, runs), more: runs.length === page };
}

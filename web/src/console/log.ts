// SPDX-License-Identifier: Apache-2.0
// A run's console as it comes: lines, and who wants to know of new ones.

import { type Line, LineSplitter } from "./lines";

// So much is kept to look at; the file to save has it all.
export const LINES_KEPT = 100_000;

export class ConsoleLog {
	readonly lines: Line[] = [];
	dropped = 0; // lines at the beginning that are no longer kept
	private readonly splitter = new LineSplitter();
	private readonly listeners = new Set<() => void>();

	push(offset: number, bytes: Uint8Array): void {
		for (const line of this.splitter.push(offset, bytes)) this.lines.push(line);
		if (this.lines.length > LINES_KEPT + LINES_KEPT / 10) {
			const surplus = this.lines.length - LINES_KEPT;
			this.lines.splice(0, surplus);
			this.dropped += surplus;
		}
		for (const listener of this.listeners) listener();
	}

	tail(): Line | null {
		return this.splitter.tail();
	}

	get bytes(): number {
		return this.splitter.next;
	}

	onChange(listener: () => void): () => void {
		this.listeners.add(listener);
		return () => this.listeners.delete(listener);
	}
}

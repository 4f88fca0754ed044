// SPDX-License-Identifier: Apache-2.0
// Draws console lines into the document, outside Preact: lines are only ever added, in blocks the browser need not lay
// out while they are out of sight (content-visibility), so that a hundred thousand of them scroll well, and the
// browser's own search, selection and copying work as in any text.

import { caseName, endOf } from "../text";
import type { CaseResult } from "../types";
import { parseAnsi } from "./ansi";
import { type Line, lineAt } from "./lines";
import type { ConsoleLog } from "./log";

const BLOCK_LINES = 100;

export class Paper {
	private readonly offsets: number[] = [];
	private readonly elements: HTMLElement[] = [];
	private drawn = 0; // lines of the log, dropped ones counted
	private block: HTMLElement | null = null;
	private tailElement: HTMLElement | null = null;
	private tailOffset = -1; // of the unended line drawn last, and how it was marked
	private tailClasses = "line";
	private readonly marked = new Map<string, CaseResult>(); // by the case's name
	private markedAll: CaseResult[] | null = null; // a list that has been marked to its end
	private shown: HTMLElement[] = [];
	private awaited: [offset: number, end: number] | null = null; // to be shown when it has come

	constructor(
		private readonly root: HTMLElement,
		private readonly log: ConsoleLog,
	) {}

	get empty(): boolean {
		return this.elements.length === 0 && !this.tailElement;
	}

	// Adds what came since the last time.
	update(): void {
		this.tailClasses = this.tailElement?.className ?? "line";
		this.tailElement?.remove();
		this.tailElement = null;
		for (let i = Math.max(0, this.drawn - this.log.dropped); i < this.log.lines.length; i++) {
			const line = this.log.lines[i];
			if (line) this.add(line);
		}
		this.drawn = this.log.dropped + this.log.lines.length;
		this.dropOld();
		const tail = this.log.tail();
		if (tail) this.tailElement = this.root.appendChild(this.element(tail));
		this.tailOffset = tail ? tail.offset : -1;
		if (this.awaited && this.awaited[1] <= this.log.bytes) this.show(...this.awaited);
	}

	// Colours the lines of cases. A case that was told again loses its first colour.
	mark(results: CaseResult[]): void {
		if (results === this.markedAll) return;
		let all = true;
		for (const result of results) {
			const name = caseName(result);
			const before = this.marked.get(name);
			if (before === result) continue;
			if (endOf(result) > this.log.bytes) {
				all = false; // its lines are still on their way
				continue;
			}
			if (before) {
				for (const element of this.between(before.offset, endOf(before)))
					element.classList.remove("case", `case-${before.verdict}`);
			}
			for (const element of this.between(result.offset, endOf(result)))
				element.classList.add("case", `case-${result.verdict}`);
			this.marked.set(name, result);
		}
		if (all) this.markedAll = results;
	}

	// Brings the lines of [offset, end) into sight and sets them off from the others. Returns whether all of them are
	// here; if not, they are shown when they have come.
	show(offset: number, end: number): boolean {
		this.awaited = end > this.log.bytes ? [offset, end] : null;
		for (const element of this.shown) element.classList.remove("shown");
		this.shown = this.between(offset, end);
		for (const element of this.shown) element.classList.add("shown");
		this.shown[0]?.scrollIntoView({ block: "center", behavior: "auto" });
		return !this.awaited;
	}

	private add(line: Line): void {
		if (!this.block || this.block.childElementCount >= BLOCK_LINES) {
			this.block = document.createElement("div");
			this.block.className = "console-block";
			this.root.append(this.block);
		}
		const element = this.element(line);
		this.block.append(element);
		this.offsets.push(line.offset);
		this.elements.push(element);
	}

	private element(line: Line): HTMLElement {
		const element = document.createElement("div");
		element.className = line.offset === this.tailOffset ? this.tailClasses : "line";
		for (const piece of parseAnsi(line.text)) {
			if (piece.classes === "") {
				element.append(piece.text);
			} else {
				const span = document.createElement("span");
				span.className = piece.classes;
				span.textContent = piece.text;
				element.append(span);
			}
		}
		if (!element.firstChild) element.append("\n"); // so that an empty line has its height, and is copied
		return element;
	}

	private dropOld(): void {
		const surplus = this.elements.length - this.log.lines.length;
		if (surplus < BLOCK_LINES) return;
		const whole = surplus - (surplus % BLOCK_LINES);
		for (let i = 0; i < whole; i += BLOCK_LINES) this.root.querySelector(".console-block")?.remove();
		this.elements.splice(0, whole);
		this.offsets.splice(0, whole);
	}

	private between(offset: number, end: number): HTMLElement[] {
		const tail = this.log.tail();
		const first = Math.max(0, lineAt(this.offsets, offset));
		const last = lineAt(this.offsets, Math.max(offset, end - 1));
		if (!tail || !this.tailElement || end <= tail.offset) return this.elements.slice(first, last + 1);
		const ended = offset < tail.offset ? this.elements.slice(first) : [];
		return [...ended, this.tailElement];
	}
}

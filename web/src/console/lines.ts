// SPDX-License-Identifier: Apache-2.0
// Console bytes, in chunks cut anywhere, as lines that know which byte they begin at.

export interface Line {
	offset: number; // of its first byte in the run's console
	text: string;
}

const LINE_MAX = 4_096; // bytes; a longer line is shown in pieces
const LF = 10;
const CR = 13;

// Lines end with \n, \r\n or \n\r; a lone \r is no end. The last, unended line is kept apart.
export class LineSplitter {
	private pending = new Uint8Array(0);
	private start: number;
	private readonly decoder = new TextDecoder("utf-8");

	constructor(from = 0) {
		this.start = from;
	}

	// The byte that is wanted next.
	get next(): number {
		return this.start + this.pending.length;
	}

	// Takes bytes at their offset and returns the lines they complete. Bytes seen before are passed over; missing
	// ones become a line that says so.
	push(offset: number, bytes: Uint8Array): Line[] {
		const lines: Line[] = [];
		let fresh = bytes;
		if (offset < this.next) fresh = bytes.subarray(Math.min(bytes.length, this.next - offset));
		else if (offset > this.next) lines.push(...this.skipTo(offset));
		const all = new Uint8Array(this.pending.length + fresh.length);
		all.set(this.pending);
		all.set(fresh, this.pending.length);
		this.split(all, lines);
		return lines;
	}

	// The line that has no end yet; null when nothing stands there.
	tail(): Line | null {
		return this.pending.length ? { offset: this.start, text: this.decode(this.pending) } : null;
	}

	private skipTo(offset: number): Line[] {
		const tail = this.tail();
		const missing: Line = { offset: this.next, text: `[${offset - this.next} bytes are not here]` };
		this.pending = new Uint8Array(0);
		this.start = offset;
		return tail ? [tail, missing] : [missing];
	}

	private split(all: Uint8Array, lines: Line[]): void {
		let from = 0;
		for (;;) {
			const end = all.indexOf(LF, from);
			const stop = end < 0 ? all.length : end;
			if (stop - from > LINE_MAX) {
				lines.push({ offset: this.start + from, text: this.decode(all.subarray(from, from + LINE_MAX)) });
				from += LINE_MAX;
			} else if (end < 0) {
				break;
			} else {
				lines.push({ offset: this.start + from, text: this.decode(all.subarray(from, end)) });
				from = end + 1;
			}
		}
		this.pending = all.slice(from);
		this.start += from;
	}

	// Without the carriage returns of its line ends.
	private decode(bytes: Uint8Array): string {
		let from = 0;
		let to = bytes.length;
		while (from < to && bytes[from] === CR) from++;
		while (to > from && bytes[to - 1] === CR) to--;
		return this.decoder.decode(bytes.subarray(from, to));
	}
}

// The index of the line that holds a byte: the last whose offset is not behind it; -1 when there is none.
export function lineAt(offsets: readonly number[], offset: number): number {
	let low = 0;
	let high = offsets.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if ((offsets[middle] ?? 0) <= offset) low = middle + 1;
		else high = middle;
	}
	return low - 1;
}
